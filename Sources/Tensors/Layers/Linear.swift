import TensorIR
import TensorOps

/// An affine map of the last axis: `y = x·W + b`, W stored as [inputs, outputs].
public struct Linear: Module, Sendable {
  public var weight: Tensor
  /// [outputs]; nil where the layer has none.
  public var bias: Tensor?

  public init(weight: Tensor, bias: Tensor?) {
    self.weight = weight
    self.bias = bias
  }

  /// Weight and bias uniform in ±1/√inputs: He's initialisation ("Delving deep into rectifiers", 2015) with gain 1/√3.
  public init(_ inputs: Int, _ outputs: Int, bias: Bool = true, random: inout RandomNumbers) {
    let bound = 1 / Double(max(inputs, 1)).squareRoot()
    weight = random.uniform([inputs, outputs], in: -bound..<bound)
    self.bias = bias ? random.uniform([outputs], in: -bound..<bound) : nil
  }

  /// Any number of axes before the last; a vector gives a vector.
  public func callAsFunction(
    _ x: Tensor, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor {
    Tensor.placed([x, weight], file, line, column) {
      let product =
        x.rank == 1
        ? x.unsqueezed(axes: [0]).matmul(weight).squeezed(axes: [0]) : x.matmul(weight)
      return bias.map { product + $0 } ?? product
    }
  }
}
