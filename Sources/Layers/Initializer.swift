import Foundation
import Tensors

/// How the numbers of a new parameter are drawn, from the shared generator (``seedRandomNumbers(_:)``). `fanIn` and
/// `fanOut` are how many inputs each output has, and how many outputs each input.
public enum Initializer: Sendable {
  case constant(Double)
  case zeros, ones
  case uniform(ClosedRange<Double>)
  case normal(mean: Double = 0, deviation: Double = 1)
  /// Uniform in ±√3 · gain / √fan (He et al., 2015); fan is fanIn, or fanOut.
  case kaimingUniform(gain: Double = 1, byOutputs: Bool = false)
  /// Normal with deviation gain / √fan.
  case kaimingNormal(gain: Double = 1, byOutputs: Bool = false)
  /// Uniform in ±√3 · gain · √(2 / (fanIn + fanOut)) (Glorot, Bengio, 2010).
  case xavierUniform(gain: Double = 1)
  /// Normal with deviation gain · √(2 / (fanIn + fanOut)).
  case xavierNormal(gain: Double = 1)
  /// Rows, or columns where these are fewer, of length `gain` at right angles: of a matrix [first extent, the others
  /// together] (Saxe et al., 2013).
  case orthogonal(gain: Double = 1)

  /// What most layers begin with: uniform in ±1/√fanIn.
  public static var layer: Initializer { .kaimingUniform(gain: 1 / 3.0.squareRoot()) }

  /// A new tensor. `fanIn` and `fanOut` are those of a matrix [inputs, outputs] unless given.
  public func callAsFunction(
    _ shape: [Int], fanIn: Int? = nil, fanOut: Int? = nil, _ type: ElementType = .f32
  ) -> Tensor {
    let inputs = Double(max(fanIn ?? shape.first ?? 1, 1))
    let outputs = Double(max(fanOut ?? shape.last ?? 1, 1))
    func even(_ bound: Double) -> Tensor {
      bound > 0 ? .uniform(shape, in: -bound..<bound, type) : .zeros(shape, type)
    }
    let root3 = 3.0.squareRoot()
    switch self {
    case .constant(let value): return .full(value, shape, type)
    case .zeros: return .zeros(shape, type)
    case .ones: return .ones(shape, type)
    case .uniform(let range): return .uniform(shape, in: range.lowerBound..<range.upperBound, type)
    case .normal(let mean, let deviation): return .normal(shape, mean: mean, deviation: deviation, type)
    case .kaimingUniform(let gain, let byOutputs):
      return even(root3 * gain / (byOutputs ? outputs : inputs).squareRoot())
    case .kaimingNormal(let gain, let byOutputs):
      return .normal(shape, deviation: gain / (byOutputs ? outputs : inputs).squareRoot(), type)
    case .xavierUniform(let gain): return even(root3 * gain * (2 / (inputs + outputs)).squareRoot())
    case .xavierNormal(let gain): return .normal(shape, deviation: gain * (2 / (inputs + outputs)).squareRoot(), type)
    case .orthogonal(let gain): return Initializer.orthogonal(shape, gain, type)
    }
  }

  /// Gram and Schmidt's orthogonalisation, done twice over, of normal vectors.
  private static func orthogonal(_ shape: [Int], _ gain: Double, _ type: ElementType) -> Tensor {
    let rows = shape.first ?? 1
    let columns = shape.dropFirst().reduce(1, *)
    let (count, length) = (min(rows, columns), max(rows, columns))
    guard let numbers = try? Tensor.normal([count, length], .f64).array(of: Double.self) else {
      return .zeros(shape, type)
    }
    var vectors = (0..<count).map { Array(numbers[$0 * length..<($0 + 1) * length]) }
    for index in vectors.indices {
      for _ in 0..<2 {
        for other in vectors[..<index] {
          let product = zip(vectors[index], other).reduce(0) { $0 + $1.0 * $1.1 }
          for place in 0..<length { vectors[index][place] -= product * other[place] }
        }
      }
      let norm = vectors[index].reduce(0) { $0 + $1 * $1 }.squareRoot()
      for place in 0..<length { vectors[index][place] /= max(norm, .leastNormalMagnitude) }
    }
    let flat = (0..<rows * columns).map { place in
      let (row, column) = (place / columns, place % columns)
      return gain * (rows <= columns ? vectors[row][column] : vectors[column][row])
    }
    return Tensor(flat, shape: shape, type)
  }
}
