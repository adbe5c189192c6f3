import TensorIR
import TensorOps

/// An op with kernels of its own: matrix products, convolutions, recurrent layers, sorting.
public protocol ScheduledOp: TensorOp {
  /// Whether the group may compute this operand on the fly, element by element, instead of reading it from memory.
  func acceptsLoadFusion(_ operand: Int, _ types: [TensorType]) -> Bool
  /// Whether pointwise operations on the result may be applied before it is stored.
  func acceptsTileFusion(_ types: [TensorType]) -> Bool
  /// Whether each element of a group's results is finished once, from elements at the same place, read before it is stored: then a
  /// result may lie in the memory of what only the operations behind this one read.
  var finishesInPlace: Bool { get }
  /// Writes the kernels of a group whose anchor this op is.
  func lower(_ group: Group, anchor: Operation, into sink: any KernelSink) throws
}

extension ScheduledOp {
  public func acceptsLoadFusion(_ operand: Int, _ types: [TensorType]) -> Bool { false }
  public func acceptsTileFusion(_ types: [TensorType]) -> Bool { false }
  public var finishesInPlace: Bool { false }
}

/// Turns a group into kernels by the schedule that fits it.
public enum Schedules {
  public static func lower(_ group: Group, into sink: any KernelSink) throws {
    if let anchor = group.anchor {
      if let op = anchor.op as? any ScheduledOp { return try op.lower(group, anchor: anchor, into: sink) }
      if let plan = RowPlan(group) {
        if let split = SplitReduction(plan, sink) { return try split.lower() }
        return try RowSchedule(plan, sink).lower()
      }
      throw Diagnostic("not-lowered", "'\(anchor.op.name)' has no kernels", at: anchor.location)
    }
    try ElementwiseSchedule(group, sink).lower()
  }
}
