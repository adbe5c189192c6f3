import TensorIR
import TensorOps

extension ControlSchedule where Self: CollectiveOp {
  /// One step, which a pass may divide into a start and a wait.
  public func lower(_ operation: Operation, into sink: any ControlSink) throws {
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

extension AllReduce: ControlSchedule {}
extension AllGather: ControlSchedule {}
extension ReduceScatter: ControlSchedule {}
extension Broadcast: ControlSchedule {}
extension ReduceToRoot: ControlSchedule {}
