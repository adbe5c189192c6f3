import TensorIR
import TensorOps

/// Normalises the last axis to mean 0 and variance 1 (biased, ε inside the root), then scales and shifts it (Ba, Kiros,
/// Hinton: "Layer normalization", 2016).
public struct LayerNorm: Module, Sendable {
  public var scale: Tensor
  public var bias: Tensor
  public var epsilon: Double

  /// Scale 1, bias 0.
  public init(_ size: Int, epsilon: Double = 1e-5) {
    scale = .ones([size])
    bias = .zeros([size])
    self.epsilon = epsilon
  }

  public func callAsFunction(
    _ x: Tensor, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor {
    located(x, scale, file: file, line: line, column: column) {
      x.layerNorm(scale: scale, bias: bias, epsilon: epsilon)
    }
  }
}
