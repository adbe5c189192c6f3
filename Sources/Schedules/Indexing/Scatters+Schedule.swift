import TensorIR
import TensorOps

extension ScheduledOp where Self: ScatterOp {
  public func acceptsLoadFusion(_ operand: Int, _ types: [TensorType]) -> Bool { operand != 1 }

  public func lower(_ group: Group, anchor: Operation, into sink: any KernelSink) throws {
    try ScatterSchedule(self, try GroupKernel(group, sink), anchor)?.lower()
  }
}

extension ScatterElements: ScheduledOp {}
extension ScatterND: ScheduledOp {}
extension ScatterSlices: ScheduledOp {}
