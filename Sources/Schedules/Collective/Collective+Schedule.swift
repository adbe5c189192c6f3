import TensorIR
import TensorOps

extension CollectiveOp {
  /// One step, which a pass may divide into a start and a wait.
  func addStep(_ operation: Operation, into sink: any ControlSink) throws {
    guard let operand = operation.operands[0] else { return }
    let (own, result) = (sink.type(of: operand), sink.type(of: operation.results[0]))
    let count = kind == .reduceScatter ? result.count : own.count
    let part = Step.Collective.Part(
      send: try sink.buffer(of: operand), receive: try sink.buffer(of: operation.results[0]), count: count)
    sink.add(
      .collective(
        Step.Collective(
          kind, reduction, own.elementType, root: root, ranks: ranks, parts: [part], location: operation.location)))
  }
}

extension AllReduce: ControlSchedule {
  public func lower(_ operation: Operation, into sink: any ControlSink) throws { try addStep(operation, into: sink) }
}

extension AllGather: ControlSchedule {
  public func lower(_ operation: Operation, into sink: any ControlSink) throws { try addStep(operation, into: sink) }
}

extension ReduceScatter: ControlSchedule {
  public func lower(_ operation: Operation, into sink: any ControlSink) throws { try addStep(operation, into: sink) }
}

extension Broadcast: ControlSchedule {
  public func lower(_ operation: Operation, into sink: any ControlSink) throws { try addStep(operation, into: sink) }
}

extension ReduceToRoot: ControlSchedule {
  public func lower(_ operation: Operation, into sink: any ControlSink) throws { try addStep(operation, into: sink) }
}
