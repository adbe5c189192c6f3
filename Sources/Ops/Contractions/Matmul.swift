import TensorIR

/// The matrix product over the last two axes; axes before them broadcast as in NumPy. Either operand may be given with its
/// last two axes exchanged.
public struct Matmul: TensorOp {
  public static let name = "matmul"
  public static let summary = "The matrix product over the last two axes; the axes before them broadcast."
  public static let signature = Signature.operands(2)
  /// Whether the left operand is stored as [.., K, M].
  public var transposeLeft: Bool
  /// Whether the right operand is stored as [.., N, K].
  public var transposeRight: Bool

  public init(transposeLeft: Bool = false, transposeRight: Bool = false) {
    self.transposeLeft = transposeLeft
    self.transposeRight = transposeRight
  }

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    let (a, b) = (operands[0], operands[1])
    guard a.rank >= 2, b.rank >= 2 else {
      throw Diagnostic("rank", "'matmul' takes matrices and was given \(a) and \(b); reshape vectors to matrices first")
    }
    guard a.elementType == b.elementType, ElementType.numbers.contains(a.elementType) else {
      throw Diagnostic("element-type", "'matmul' takes two tensors of numbers of one type and was given \(a) and \(b)")
    }
    let (m, k) = sizes(a, transposeLeft)
    let (steps, n) = sizes(b, transposeRight)
    try context.require(
      k, equals: steps, "'matmul' cannot multiply \(a) by \(b): the inner extents are \(k) and \(steps)")
    let batch = try context.broadcastShapes([Array(a.shape.dropLast(2)), Array(b.shape.dropLast(2))])
    return [TensorType(a.elementType, batch + [m, n])]
  }

  /// Rows and columns as they are multiplied.
  private func sizes(_ type: TensorType, _ transposed: Bool) -> (Dimension, Dimension) {
    let (row, column) = (type.shape[type.rank - 2], type.shape[type.rank - 1])
    return transposed ? (column, row) : (row, column)
  }

  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    let shape = try Evaluator.numbers(types[0])
    let (a, b) = (operands[0], operands[1])
    let steps = a.shape[a.rank - (transposeLeft ? 2 : 1)]
    let (aStrides, bStrides) = (ReferenceTensor.strides(a.shape), ReferenceTensor.strides(b.shape))
    let aStep = aStrides[a.rank - (transposeLeft ? 2 : 1)]
    let bStep = bStrides[b.rank - (transposeRight ? 1 : 2)]
    var floats: [Double] = []
    var integers: [Int] = []
    for index in ReferenceTensor.indices(shape) {
      let batch = Array(index.dropLast(2))
      let (row, column) = (index[index.count - 2], index[index.count - 1])
      let aStart =
        ReferenceTensor.broadcastPosition(batch, in: Array(a.shape.dropLast(2)), aStrides)
        + row * aStrides[a.rank - (transposeLeft ? 1 : 2)]
      let bStart =
        ReferenceTensor.broadcastPosition(batch, in: Array(b.shape.dropLast(2)), bStrides)
        + column * bStrides[b.rank - (transposeRight ? 2 : 1)]
      if a.elementType.isFloat {
        floats.append((0..<steps).reduce(0.0) { $0 + a.floats[aStart + $1 * aStep] * b.floats[bStart + $1 * bStep] })
      } else {
        integers.append(
          (0..<steps).reduce(0) { $0 &+ a.integers[aStart + $1 * aStep] &* b.integers[bStart + $1 * bStep] })
      }
    }
    return [
      a.elementType.isFloat
        ? ReferenceTensor(a.elementType, shape, floats: floats)
        : ReferenceTensor(a.elementType, shape, integers: integers)
    ]
  }

  /// dA = dY·Bᵀ and dB = Aᵀ·dY, with the transpositions that the operands have.
  public func differentiate(_ operands: [Tensor]) throws -> Differentiated {
    let (a, b) = (operands[0], operands[1])
    return Differentiated(try Tensor.record(self, operands)) { cotangents in
      guard let dy = cotangents[0] else { return [nil, nil] }
      let da =
        transposeLeft
        ? Tensor.matmul(b, dy, transposeLeft: transposeRight, transposeRight: true)
        : Tensor.matmul(dy, b, transposeRight: !transposeRight)
      // Batches that share the right operand are more rows of one product, not a sum of products.
      let isShared = b.rank == 2 && a.rank > 2 && !transposeLeft
      let (x, dz) = isShared ? (a.rows, dy.rows) : (a, dy)
      let db =
        transposeRight
        ? Tensor.matmul(dz, x, transposeLeft: true, transposeRight: transposeLeft)
        : Tensor.matmul(x, dz, transposeLeft: !transposeLeft)
      return [try da.summed(to: a.shape), try db.summed(to: b.shape)]
    }
  }
}

extension Tensor {
  /// The rows of all batches as one matrix.
  fileprivate var rows: Tensor { reshaped(to: [shape.dropLast().reduce(1, *), shape[rank - 1]]) }
}

extension Tensor {
  /// The matrix product over the last two axes.
  public func matmul(
    _ other: Tensor, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor { .one(Matmul(), self, other, at: .caller(file, line, column)) }

  /// The matrix product of operands of which either may be stored with its last two axes exchanged.
  static func matmul(_ a: Tensor, _ b: Tensor, transposeLeft: Bool = false, transposeRight: Bool = false) -> Tensor {
    one(Matmul(transposeLeft: transposeLeft, transposeRight: transposeRight), a, b)
  }
}
