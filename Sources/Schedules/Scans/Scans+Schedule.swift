import TensorIR
import TensorOps

extension ScheduledOp where Self: ScanOp {
  public func lower(_ group: Group, anchor: Operation, into sink: any KernelSink) throws {
    try ScanSchedule(self, group, anchor, sink).lower()
  }
}

extension LinearScan: ScheduledOp {}
extension CumulativeMax: ScheduledOp {}
extension CumulativeMin: ScheduledOp {}
extension CumulativeProduct: ScheduledOp {}
extension CumulativeSum: ScheduledOp {}
