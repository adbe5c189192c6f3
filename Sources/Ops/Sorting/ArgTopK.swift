import TensorIR

/// Where the greatest or the least elements along an axis stand, in the order of ``SortingOp``: the first of the positions
/// that ``ArgSort`` gives, found without sorting the rest.
public struct ArgTopK: TensorOp, NotDifferentiable {
  public static let name = "arg_top_k"
  public static let summary =
    "The positions, as i64, of the k greatest or least elements along an axis in order; of equal ones the first."
  public static let signature = Signature.operands(1)
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
    Array(try context.inferTop(count, of: operands, axis: axis, name).dropFirst())
  }

  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    let values = TensorType(operands[0].elementType, types[0].shape)
    return Array(
      try TopK(count, axis: axis, largest: largest).evaluate(operands, [values] + types).dropFirst())
  }

  /// So many times as long as what is wanted, an axis is not worth sorting.
  private static let fewOfMany = 16
  /// Lines up to here are sorted side by side in the lanes of vectors, which takes less.
  package static let shortLine = 1 << 12
  private static let (fewOfShort, shortest) = (64, 256)
  /// The more are wanted, the longer it takes to put one more among them.
  private static let most = 512
  /// Where the length is not known, lines are sorted for more than these.
  private static let few = 32

  /// Whether few enough of an axis are wanted.
  static func isFasterThanSorting(_ count: Dimension, of length: Dimension) -> Bool {
    guard let count = count.constant else { return false }
    guard let length = length.constant else { return count <= few }
    if length <= shortLine { return length >= shortest && count <= length / fewOfShort }
    return count <= min(most, length / fewOfMany)
  }
}

extension Tensor {
  /// The positions, as i64, of the greatest elements along an axis, that of the greatest first (or of the least). Of equal
  /// elements the first comes first.
  public func argTopK(_ count: Dimension, axis: Int = -1, largest: Bool = true) -> Tensor {
    .one(ArgTopK(count, axis: normalised(axis), largest: largest), self)
  }
}
