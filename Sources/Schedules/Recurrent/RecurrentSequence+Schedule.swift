import TensorIR
import TensorOps

extension RecurrentSequence: ScheduledOp {
  public func lower(_ group: Group, anchor: Operation, into sink: any KernelSink) throws {
    try RecurrentSchedule(self, group, anchor, sink).lower()
  }
}
