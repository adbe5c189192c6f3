import TensorIR
import TensorOps

extension ScheduledOp where Self: SortingOp {
  public func lower(_ group: Group, anchor: Operation, into sink: any KernelSink) throws {
    try SortSchedule(self, group, anchor, sink).lower()
  }
}

extension Sort: ScheduledOp {}
extension ArgSort: ScheduledOp {}

extension ArgTopK: ScheduledOp {
  public func lower(_ group: Group, anchor: Operation, into sink: any KernelSink) throws {
    try TopSelection(self, group, anchor, sink).lower()
  }
}

extension NonMaxSuppression: ScheduledOp {
  public func lower(_ group: Group, anchor: Operation, into sink: any KernelSink) throws {
    try BoxSelection(self, group, anchor, sink).lower()
  }
}
