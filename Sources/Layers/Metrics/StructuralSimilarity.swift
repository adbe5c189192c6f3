import Foundation
import Tensors

/// The structural similarity of pictures [n, channels, height, width] (Wang et al., 2004): means, variances and
/// covariances under a window of Gauss's form, where it lies inside; the mean over windows, channels and pictures.
public struct StructuralSimilarity: PredictionMetric {
  public let name = "SSIM"
  /// The difference between the greatest and the least value.
  public let range: Double
  public let window: Int
  public let deviation: Double
  private var sum = 0.0
  private var count = 0

  public init(range: Double = 1, window: Int = 11, deviation: Double = 1.5) {
    self.range = range
    self.window = window
    self.deviation = deviation
  }

  public var value: Double { count == 0 ? .nan : sum / Double(count) }
  public mutating func reset() { (sum, count) = (0, 0) }

  public mutating func add(_ prediction: Tensor, _ target: Tensor) throws {
    guard let shape = prediction.type.constantShape, shape.count == 4, prediction.type.shape == target.type.shape,
      shape[2] >= window, shape[3] >= window, window > 0
    else {
      throw Diagnostic(
        "shape-mismatch",
        "SSIM takes two tensors of pictures [n, channels, height, width] of at least \(window) by \(window), not "
          + "\(prediction.type) and \(target.type)")
    }
    let planes = [shape[0] * shape[1], 1, shape[2], shape[3]]
    let (x, y) = (prediction.cast(to: .f64).reshaped(to: planes), target.cast(to: .f64).reshaped(to: planes))
    let middle = Double(window - 1) / 2
    let weights = (0..<window).map { exp(-pow(Double($0) - middle, 2) / (2 * deviation * deviation)) }
    let total = weights.reduce(0, +)
    let filter = Tensor(
      weights.flatMap { row in weights.map { row * $0 / (total * total) } }, shape: [1, 1, window, window], .f64)
    func mean(_ x: Tensor) -> Tensor { x.convolution(filter) }
    let (meanX, meanY) = (mean(x), mean(y))
    let varianceX = mean(x * x) - meanX * meanX
    let varianceY = mean(y * y) - meanY * meanY
    let covariance = mean(x * y) - meanX * meanY
    let (c1, c2) = (pow(0.01 * range, 2), pow(0.03 * range, 2))
    let above = (meanX * meanY * 2 + c1) * (covariance * 2 + c2)
    let below = (meanX * meanX + meanY * meanY + c1) * (varianceX + varianceY + c2)
    sum += try (above / below).mean().item() * Double(shape[0])
    count += shape[0]
  }
}
