import TensorIR

/// The matrix product of bf16 in f32, over the last two axes; the axes before them broadcast. Every product is exact; sums are
/// f32. What `--precision bf16` makes of products of f32, and what a target with instructions for it makes of products of bf16.
public struct MatmulBF16: WordMatmul {
  public static let name = "matmul_bf16"
  public static let summary = "The matrix product of bf16 in f32; the axes before the last two broadcast."
  public static let signature = Signature.operands(2)

  public init() {}

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    let (a, b) = (operands[0], operands[1])
    guard a.elementType == .bf16, b.elementType == .bf16 else {
      throw Diagnostic("element-type", "'\(name)' multiplies bf16 by bf16 and was given \(a) and \(b)")
    }
    return [TensorType(.f32, try productShape(a, b, &context))]
  }

  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    let numbers = operands.map { ReferenceTensor(.f32, $0.shape, floats: $0.floats) }
    return try Matmul().evaluate(numbers, types)
  }

  /// As of `matmul`, in f32; the cotangents of the operands are rounded to bf16.
  public func differentiate(_ operands: [Tensor]) throws -> Differentiated {
    let (a, b) = (operands[0], operands[1])
    return Differentiated(try Tensor.record(self, operands)) { cotangents in
      guard let dy = cotangents[0] else { return [nil, nil] }
      let da = Tensor.matmul(dy, b.cast(to: dy.elementType), transposeRight: true)
      let db = Tensor.matmul(a.cast(to: dy.elementType), dy, transposeLeft: true)
      return [try da.summed(to: a.shape).cast(to: .bf16), try db.summed(to: b.shape).cast(to: .bf16)]
    }
  }
}

extension Tensor {
  /// The matrix product of bf16 [.., m, k] by bf16 [.., k, n] in f32.
  public func matmulBF16(
    _ other: Tensor, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor { .one(MatmulBF16(), self, other, at: .caller(file, line, column)) }

  /// The last two axes exchanged.
  package var matrixTransposed: Tensor {
    rank < 2 ? self : .one(Transpose(Array(0..<(rank - 2)) + [rank - 1, rank - 2]), self)
  }
}
