import TensorIR
import TensorOps

extension OnnxOperators {
  static let determinants: [String: Converter] = ["Det": one(determinant)]

  /// The determinant of the last two axes.
  private static func determinant(_ node: NodeConversion) throws -> Tensor {
    let x = try node.tensor(0)
    guard x.rank >= 2, let size = x.shape.last?.constant, x.shape[x.rank - 2].constant == size,
      size <= Tensor.largestDeterminant
    else {
      throw OnnxError("onnx-det", "it takes square matrices of known extent, at most \(Tensor.largestDeterminant)")
    }
    return x.determinant()
  }
}
