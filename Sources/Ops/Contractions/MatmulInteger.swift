import TensorIR

/// The matrix product of unsigned by signed bytes in i32, over the last two axes; the axes before them broadcast. Sums wrap
/// around. ONNX's `MatMulInteger` and all products of quantised tensors come down to it: zero points, and codes of the other
/// sign, are corrections by the sums of rows and columns.
public struct MatmulInteger: TensorOp, NotDifferentiable {
  public static let name = "matmul_integer"
  public static let summary = "The matrix product of u8 by i8 in i32; the axes before the last two broadcast."
  public static let signature = Signature.operands(2)

  public init() {}

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    let (a, b) = (operands[0], operands[1])
    guard a.rank >= 2, b.rank >= 2 else {
      throw Diagnostic("rank", "'matmul_integer' takes matrices and was given \(a) and \(b)")
    }
    guard a.elementType == .u8, b.elementType == .i8 else {
      throw Diagnostic("element-type", "'matmul_integer' multiplies u8 by i8 and was given \(a) and \(b)")
    }
    let (k, steps) = (a.shape[a.rank - 1], b.shape[b.rank - 2])
    try context.require(
      k, equals: steps, "'matmul_integer' cannot multiply \(a) by \(b): the inner extents are \(k) and \(steps)")
    let batch = try context.broadcastShapes([Array(a.shape.dropLast(2)), Array(b.shape.dropLast(2))])
    return [TensorType(.i32, batch + [a.shape[a.rank - 2], b.shape[b.rank - 1]])]
  }

  public func checkLayouts(_ operands: [TensorType], _ results: [TensorType]) throws {
    try requirePlain([operands[0]] + results)
    let right = operands[1]
    guard let block = right.layout.blocks.first else { return try requirePlain([right]) }
    guard right.layout == MatmulInteger.panels(rank: right.rank, width: block.size) else {
      throw Diagnostic("layout", "'matmul_integer' reads panels of columns in steps of four, which \(right) are not")
    }
  }

  /// How many steps of a sum lie together in the packed operands: a word of 32 bits.
  package static let together = 4

  /// Columns in panels of a width; of each column, four steps lie together.
  package static func panels(rank: Int, width: Int) -> Layout {
    let batch = Array(0..<(rank - 2))
    return Layout(
      order: batch + [rank - 1, rank - 2],
      blocks: [.init(axis: rank - 1, size: width), .init(axis: rank - 2, size: together)])
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
  /// The matrix product of u8 [.., m, k] by i8 [.., k, n] in i32.
  public func matmulInteger(
    _ other: Tensor, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor { .one(MatmulInteger(), self, other, at: .caller(file, line, column)) }
}
