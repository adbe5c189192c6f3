import TensorIR
import TensorOps
import TensorRuntime

/// Ops that only move elements, done on arrays in memory: no function is compiled for them alone.
enum HostMoves {
  /// Whether ``result(of:_:_:)`` does an op on operands of these types.
  static func moves(_ op: any TensorOp, _ operands: [TensorType]) -> Bool {
    // Two elements to a byte have no place of their own.
    guard operands.allSatisfy({ $0.elementType.bitWidth >= 8 }) else { return false }
    switch op {
    case is Reshape, is Slice, is Copy, is StopGradient, is Transpose, is BroadcastTo, is Reverse, is Concat,
      is SliceAssign:
      return true
    case let op as Full: return op.elementType.bitWidth >= 8
    case let op as Pad: return op.mode == .constant
    default: return false
    }
  }

  /// The result of an op of one operand where it is a part of the operand's memory, without gaps; nil for all else.
  static func view(_ op: any TensorOp, _ operand: HostArray) -> HostArray? {
    guard operand.isDense else { return nil }
    switch op {
    case is Copy, is StopGradient: return operand
    case let op as Reshape: return try? operand.reshaped(op.shape.numbers())
    case let op as Slice:
      guard operand.tensorType.elementType.bitWidth >= 8, let part = try? slice(op, operand), part.isDense else {
        return nil
      }
      return part
    default: return nil
    }
  }

  /// The result of an op that only moves elements, perhaps a view with gaps; nil for other ops.
  static func result(of op: any TensorOp, _ operands: [HostArray]) throws -> HostArray? {
    guard moves(op, operands.map(\.tensorType)) else { return nil }
    switch op {
    case is Copy, is StopGradient: return operands[0]
    case let op as Reshape: return try operands[0].reshaped(op.shape.numbers())
    case let op as Slice: return try slice(op, operands[0])
    case let op as Transpose: return try operands[0].transposed(op.permutation)
    case let op as BroadcastTo: return try operands[0].broadcast(to: op.shape.numbers())
    case let op as Reverse: return try reverse(op, operands[0])
    case let op as Concat: return try HostArray.concatenated(operands, axis: op.axis)
    case let op as Full: return try filled(op.value, op.elementType, op.shape.numbers())
    case let op as SliceAssign:
      return try operands[0].replacing(starts: op.starts.numbers(), steps: op.steps, with: operands[1])
    case let op as Pad: return try pad(op, operands[0])
    default: return nil
    }
  }

  private static func slice(_ op: Slice, _ operand: HostArray) throws -> HostArray {
    try operand.sliced(
      starts: op.starts.numbers(), sizes: op.sizes.numbers(), steps: op.steps)
  }

  private static func reverse(_ op: Reverse, _ operand: HostArray) throws -> HostArray {
    let axes = operand.shape.indices
    return try operand.sliced(
      starts: axes.map { op.axes.contains($0) ? operand.shape[$0] - 1 : 0 }, sizes: operand.shape,
      steps: axes.map { op.axes.contains($0) ? -1 : 1 })
  }

  private static func filled(_ value: Double, _ type: TensorIR.ElementType, _ shape: [Int]) throws -> HostArray {
    let number = try Full(value, type, []).evaluate([], [TensorType(type, [])])
    return try HostArray(number[0]).broadcast(to: shape)
  }

  private static func pad(_ op: Pad, _ operand: HostArray) throws -> HostArray {
    let before = try op.before.numbers()
    let after = try op.after.numbers()
    let axes = operand.shape.indices
    // Negative margins cut elements off.
    let starts = axes.map { max(-before[$0], 0) }
    let sizes = axes.map { max(operand.shape[$0] - starts[$0] - max(-after[$0], 0), 0) }
    let steps = axes.map { _ in 1 }
    let inner = try operand.sliced(starts: starts, sizes: sizes, steps: steps)
    let shape = axes.map { before[$0] + operand.shape[$0] + after[$0] }
    let margins = try filled(op.value, TensorIR.ElementType(operand.elementType), shape)
    return try margins.replacing(starts: before.map { max($0, 0) }, steps: steps, with: inner)
  }
}

extension [Dimension] {
  /// Extents that are known.
  fileprivate func numbers() throws -> [Int] {
    try map { extent in
      guard let number = extent.constant else { throw Diagnostic("unknown-size", "the extent \(extent) is not known") }
      return number
    }
  }
}
