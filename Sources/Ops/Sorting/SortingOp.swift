import TensorIR

/// An op that orders the elements along an axis.
///
/// The order is total: NaN, of either sign, is greater than everything, hence last in ascending and first in descending
/// order, as in PyTorch (NumPy, which only ascends, agrees); -0 and 0 are equal. Equal elements keep their order in
/// both directions. That makes the permutation unique, so it does not depend on how the work is divided.
public protocol SortingOp: TensorOp {
  /// The axis, counted from 0.
  var axis: Int { get }
  /// Whether the greatest come first.
  var descending: Bool { get }
  /// Whether the result holds positions on the axis, as i64, in place of elements.
  static var givesPositions: Bool { get }
}

extension SortingOp {
  public static var signature: Signature { .operands(1) }

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    let x = try context.requireOrdered(operands, axis: axis, name)
    return [TensorType(Self.givesPositions ? .i64 : x.elementType, x.shape)]
  }

  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    let x = operands[0]
    let orders = ReferenceTensor.Lines(x.shape, axis: axis).map { ($0, x.order(of: $0, descending: descending)) }
    var picked = [Int](repeating: 0, count: x.count)
    for (line, order) in orders {
      for (place, position) in zip(line, order) { picked[place] = Self.givesPositions ? position : line[position] }
    }
    return [Self.givesPositions ? ReferenceTensor(.i64, x.shape, integers: picked) : x.picking(picked, shape: x.shape)]
  }
}

extension InferenceContext {
  /// An axis longer than this is refused: positions take 32 bits while they are sorted.
  private static let longestAxis = Int(Int32.max)

  /// The one operand of an op that orders the elements along an axis.
  mutating func requireOrdered(_ operands: [TensorType], axis: Int, _ name: String) throws -> TensorType {
    let x = operands[0]
    try require(axis: axis, of: x, name)
    guard (ElementType.numbers + [.bool]).contains(x.elementType) else {
      throw Diagnostic(
        "element-type", "'\(name)' orders numbers and bool, not \(x.elementType); cast the operand first")
    }
    if x.shape[axis].constant ?? Int.max > Self.longestAxis {
      try require(
        x.shape[axis], atMost: Dimension(Self.longestAxis),
        "'\(name)' orders at most \(Self.longestAxis) elements on an axis")
    }
    return x
  }
}

extension ReferenceTensor {
  /// The positions of a line's elements in their order; of equal ones the first comes first.
  func order(of line: [Int], descending: Bool) -> [Int] {
    line.indices.sorted { a, b in
      let order = compare(line[a], line[b])
      return order == 0 ? a < b : (order < 0) != descending
    }
  }

  /// -1, 0 or 1 as the first element is less than, equal to or greater than the second; NaN is the greatest.
  func compare(_ first: Int, _ second: Int) -> Int {
    if elementType.isFloat {
      let (a, b) = (floats[first], floats[second])
      if a.isNaN || b.isNaN { return (a.isNaN ? 1 : 0) - (b.isNaN ? 1 : 0) }
      return a < b ? -1 : a > b ? 1 : 0
    }
    let flip = elementType == .u64 ? Int.min : 0
    let (a, b) = (integers[first] ^ flip, integers[second] ^ flip)
    return a < b ? -1 : a > b ? 1 : 0
  }
}
