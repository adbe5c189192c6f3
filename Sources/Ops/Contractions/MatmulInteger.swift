import TensorIR

/// The matrix product of unsigned bytes, or integers of 16 bits, by signed bytes in i32, over the last two axes; the axes before
/// them broadcast. Sums wrap around. ONNX's `MatMulInteger` and all products of quantised tensors come down to it: zero points,
/// and codes of the other sign, are corrections by the sums of rows and columns.
public struct MatmulInteger: WordMatmul, NotDifferentiable {
  public static let name = "matmul_integer"
  public static let summary = "The matrix product of u8, or i16, by i8 in i32; the axes before the last two broadcast."
  public static let signature = Signature.operands(2)

  public init() {}

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    let (a, b) = (operands[0], operands[1])
    guard [.u8, .i16].contains(a.elementType), b.elementType == .i8 else {
      throw Diagnostic("element-type", "'matmul_integer' multiplies u8 or i16 by i8 and was given \(a) and \(b)")
    }
    return [TensorType(.i32, try productShape(a, b, &context))]
  }

  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    let shape = try Evaluator.numbers(types[0])
    let (a, b) = (operands[0], operands[1])
    let (steps, columns) = (a.shape[a.rank - 1], b.shape[b.rank - 1])
    let (aStrides, bStrides) = (ReferenceTensor.strides(a.shape), ReferenceTensor.strides(b.shape))
    var results: [Int] = []
    for index in ReferenceTensor.indices(Array(shape.dropLast())) {
      let batch = Array(index.dropLast())
      let row =
        ReferenceTensor.broadcastPosition(batch, in: Array(a.shape.dropLast(2)), aStrides) + index[batch.count] * steps
      let matrix = ReferenceTensor.broadcastPosition(batch, in: Array(b.shape.dropLast(2)), bStrides)
      for column in 0..<columns {
        let sum = (0..<steps).reduce(0) { $0 &+ a.integers[row + $1] &* b.integers[matrix + $1 * columns + column] }
        results.append(Int(Int32(truncatingIfNeeded: sum)))
      }
    }
    return [ReferenceTensor(.i32, shape, integers: results)]
  }
}

extension Tensor {
  /// The matrix product of u8 or i16 [.., m, k] by i8 [.., k, n] in i32.
  public func matmulInteger(
    _ other: Tensor, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor { .one(MatmulInteger(), self, other, at: .caller(file, line, column)) }
}
