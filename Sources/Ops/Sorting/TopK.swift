import TensorIR

/// The greatest or the least elements along an axis in order, and where they stand (ONNX `TopK`, PyTorch `topk`). Of
/// equal elements the one with the lower position comes first; NaN counts as the greatest.
public struct TopK: TensorOp {
  public static let name = "top_k"
  public static let summary =
    "The k greatest or least elements along an axis in order, and their positions as i64; of equal ones the first."
  public static let signature = Signature.operands(1, results: 2)
  /// How many; at most the axis' extent.
  public var count: Dimension
  public var axis: Int
  /// Whether the greatest are wanted, the greatest first; otherwise the least, the least first.
  public var largest: Bool
  public init(_ count: Dimension, axis: Int, largest: Bool = true) {
    self.count = count
    self.axis = axis
    self.largest = largest
  }

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    try context.inferTop(count, of: operands, axis: axis, name)
  }

  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    let x = operands[0]
    let shape = try Evaluator.numbers(types[0])
    var (places, positions) = (
      [Int](repeating: 0, count: shape.reduce(1, *)), [Int](repeating: 0, count: shape.reduce(1, *))
    )
    let lines = zip(ReferenceTensor.Lines(x.shape, axis: axis), ReferenceTensor.Lines(shape, axis: axis))
    for (line, target) in lines {
      for (place, position) in zip(target, x.order(of: line, descending: largest)) {
        (places[place], positions[place]) = (line[position], position)
      }
    }
    return [x.picking(places, shape: shape), ReferenceTensor(.i64, shape, integers: positions)]
  }

  public func decompose(_ operands: [Tensor]) throws -> [Tensor]? {
    let x = operands[0]
    let first =
      ArgTopK.isFasterThanSorting(count, of: x.shape[axis])
      ? x.argTopK(count, axis: axis, largest: largest)
      : x.argSort(axis: axis, descending: largest).sliced(axis: axis, start: 0, size: count)
    return [TakenElements(x, first, axis: axis).values, first]
  }

  /// A cotangent goes back to where its element came from.
  public func differentiate(_ operands: [Tensor]) throws -> Differentiated {
    let x = operands[0]
    let positions = try Tensor.record(self, operands)[1]
    let taken = TakenElements(x, positions, axis: axis)
    return Differentiated([taken.values, positions]) { [$0[0].map(taken.back)] }
  }
}

extension InferenceContext {
  /// The types of the first elements of an order along an axis, and of their positions.
  mutating func inferTop(
    _ count: Dimension, of operands: [TensorType], axis: Int, _ name: String
  ) throws -> [TensorType] {
    let x = try requireOrdered(operands, axis: axis, name)
    let message = "'\(name)' was asked for \(count) elements of an axis of \(x.shape[axis])"
    try require(0, atMost: count, message)
    try require(count, atMost: x.shape[axis], message)
    var shape = x.shape
    shape[axis] = count
    return [TensorType(x.elementType, shape), TensorType(.i64, shape)]
  }
}

extension Tensor {
  /// The greatest elements along an axis, the greatest first (or the least), and where they stand, as i64. Of equal
  /// elements the first comes first.
  public func topK(_ count: Dimension, axis: Int = -1, largest: Bool = true) -> (values: Tensor, indices: Tensor) {
    guard let recorder = Tensor.recorder(of: [self]) else { return (.absent, .absent) }
    let results = recorder.record(TopK(count, axis: normalised(axis), largest: largest), [self], at: .unknown)
    return (results[0], results[1])
  }
}
