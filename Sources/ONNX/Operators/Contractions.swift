import TensorIR
import TensorOps

extension OnnxOperators {
  /// Products of matrices.
  static let contractions: [String: Converter] = [
    "MatMul": one { node in
      if let a = try node.input(0).quantised, let b = try node.input(1).quantised,
        let result = try ByteProducts(node: node).scaled(a, b)
      {
        return result
      }
      if let weights = try node.input(1).quantised,
        let result = try BlockProducts(node: node).product(node.tensor(0), weights, transposed: false)
      {
        return result
      }
      return try product(node, node.tensor(0), node.tensor(1))
    },
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

  /// The product of dequantised matrices, of which the right one may be a transposed constant; nil for others.
  private static func quantisedGemm(_ node: NodeConversion, _ op: Matmul) throws -> Tensor? {
    guard !op.transposeLeft, var b = try node.input(1).quantised else { return nil }
    let blocks = BlockProducts(node: node)
    if let result = try blocks.product(node.tensor(0), b, transposed: op.transposeRight) { return result }
    guard let a = try node.input(0).quantised else { return nil }
    if op.transposeRight {
      guard let turned = b.literal?.transposedBytes, b.scale?.rank == 0 || b.axis == 0 else { return nil }
      b.codes = try ImportedValue.constant(turned, in: node.graph.recorder)
      b.literal = turned
      b.scale = try b.scale.map { $0.rank == 0 ? $0 : try node.reshape($0, [$0.shape[0]]) }
      b.zero = try b.zero.map { $0.rank == 0 ? $0 : try node.reshape($0, [$0.shape[0]]) }
      b.axis = 1
    }
    return try ByteProducts(node: node).scaled(a, b)
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
    let result = try scaled(
      quantisedGemm(node, op) ?? node.add(op, a, b), node.float("alpha") ?? 1)
    let beta = try node.float("beta") ?? 1
    guard node.hasInput(2), beta != 0 else { return result }
    return try node.add(Add(), result, scaled(node.tensor(2), beta))
  }
}
