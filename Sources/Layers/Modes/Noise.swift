import Tensors

extension Dropout {
  /// In training, leaves out each element with the probability and scales the rest by 1/(1-p); the mask is drawn in the
  /// step itself. In inference, the tensor itself.
  public func callAsFunction(
    _ x: Tensor, _ mode: Mode, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor {
    Tensor.placed([x], file, line, column) {
      if let mistake = mode.mistake(x) { return mistake }
      guard (0...1).contains(probability) else {
        return x.mistake("bad-probability", "dropout takes a probability from 0 to 1, not \(probability)")
      }
      guard probability > 0, let random = mode.nextRandomState() else { return x }
      guard probability < 1 else { return x * 0 }
      let keep = random.randomBernoulli(1 - probability, x.shape, .bool)
      return Tensor.select(keep, x * (1 / (1 - probability)), x.like(0))
    }
  }
}

/// Adds normally distributed noise while training.
public struct GaussianNoise: Module, Sendable {
  public var deviation: Double
  public init(_ deviation: Double) { self.deviation = deviation }

  public func callAsFunction(
    _ x: Tensor, _ mode: Mode, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor {
    Tensor.placed([x], file, line, column) {
      if let mistake = mode.mistake(x) { return mistake }
      guard let random = mode.nextRandomState() else { return x }
      return x + random.randomNormal(x.shape, deviation: deviation, x.elementType)
    }
  }
}
