import TensorIR
import TensorOps

extension OnnxOperators {
  /// Products of matrices.
  static let contractions: [String: Converter] = [
    "MatMul": one { node in try product(node, node.tensor(0), node.tensor(1)) },
    "Gemm": one(gemm),
    "Einsum": one { node in try EinsumConversion(node).result() },
  ]

  /// NumPy's `matmul`: a vector is a row on the left and a column on the right, and its axis is gone from the result.
  static func product(_ node: NodeConversion, _ a: Tensor, _ b: Tensor) throws -> Tensor {
    guard a.rank > 0, b.rank > 0 else { throw OnnxError("onnx-rank", "it does not take scalars") }
    let left = a.rank == 1 ? try node.reshape(a, [1, a.shape[0]]) : a
    let right = b.rank == 1 ? try node.reshape(b, [b.shape[0], 1]) : b
    let result = try node.add(Matmul(), left, right)
    var shape = result.shape
    if b.rank == 1 { shape.removeLast() }
    if a.rank == 1 { shape.remove(at: shape.count - (b.rank == 1 ? 1 : 2)) }
    return try node.reshape(result, shape)
  }

  /// `alpha A B + beta C`, where A and B may be given transposed.
  static func gemm(_ node: NodeConversion) throws -> Tensor {
    node.ignore("broadcast")
    let (a, b) = (try node.tensor(0), try node.tensor(1))
    guard a.rank == 2, b.rank == 2 else {
      throw OnnxError("onnx-rank", "it takes matrices, not ranks \(a.rank) and \(b.rank)")
    }
    func scaled(_ x: Tensor, _ factor: Double) throws -> Tensor {
      factor == 1 ? x : try node.add(Multiply(), x, node.scalar(factor, x.elementType))
    }
    let op = Matmul(transposeLeft: try node.flag("transA"), transposeRight: try node.flag("transB"))
    let result = try scaled(node.add(op, a, b), node.float("alpha") ?? 1)
    let beta = try node.float("beta") ?? 1
    guard node.hasInput(2), beta != 0 else { return result }
    return try node.add(Add(), result, scaled(node.tensor(2), beta))
  }
}
