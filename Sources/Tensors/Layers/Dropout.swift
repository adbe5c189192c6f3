import TensorIR
import TensorOps

/// Leaves out each element with a probability while training, and scales the rest by 1/(1-p); otherwise changes
/// nothing.
public struct Dropout: Module, Sendable {
  /// In [0, 1).
  public var probability: Double

  public init(_ probability: Double) { self.probability = probability }

  public func callAsFunction(_ x: Tensor) -> Tensor { x }

  /// With a mask of uniform numbers in [0, 1) of the shape of `x`, an input of the compiled step.
  public func callAsFunction(
    _ x: Tensor, training noise: Tensor, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor {
    Tensor.placed([x, noise], file, line, column) {
      Tensor.select(noise .>= noise.like(probability), x * (1 / (1 - probability)), x.like(0))
    }
  }

  /// With a probability that is a scalar tensor: an input of a compiled step, which then serves every probability.
  public func callAsFunction(
    _ x: Tensor, training noise: Tensor, probability: Tensor, file: String = #fileID, line: Int = #line,
    column: Int = #column
  ) -> Tensor {
    Tensor.placed([x, noise, probability], file, line, column) {
      let scale = 1 / (1 - probability.cast(to: x.elementType))
      return Tensor.select(noise .>= probability.cast(to: noise.elementType), x * scale, x.like(0))
    }
  }
}
