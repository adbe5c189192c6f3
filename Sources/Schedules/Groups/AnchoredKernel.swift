import TensorIR
import TensorOps

/// A kernel with an anchor being written: parameters for the anchor's operands, for what the operations behind it read and
/// for the group's results.
struct AnchoredKernel {
  let group: Group
  let sink: any KernelSink
  let builder: KernelBuilder
  /// The anchor's operands.
  let operands: [Buffer]
  /// Memory of each thread, if the anchor asked for it.
  let scratch: Buffer?
  let epilogue: Epilogue
  private let buffers: [BufferReference]

  /// - Parameter operands: what the anchor reads: a name, how elements are stored, and the memory.
  init(
    _ group: Group, _ anchor: Operation, _ sink: any KernelSink,
    operands: [(name: String, element: ElementType, memory: BufferReference)],
    scratch: (name: String, element: ElementType, memory: BufferReference)? = nil
  ) throws {
    let builder = KernelBuilder(name: group.name, comments: group.comments, for: sink.target)
    let evaluator = ElementEvaluator(group, builder, sink.target)
    var buffers = operands.map(\.memory)
    let own = operands.map { builder.parameter($0.name, $0.element, .read) }
    self.scratch = scratch.map { builder.parameter($0.name, $0.element, .update) }
    if let scratch { buffers.append(scratch.memory) }
    let behind = group.operationsBehind(anchor).flatMap { $0.operands.compactMap { $0 } }
    try evaluator.bindParameters(group.leaves.filter { behind.contains($0) }, &buffers, sink)
    var results: [(ValueID, Buffer)] = []
    for id in group.outputs {
      results.append((id, builder.parameter("y\(results.count)", group.type(of: id).elementType, .write)))
      buffers.append(try sink.buffer(of: id))
    }
    (self.group, self.sink, self.builder, self.operands, self.buffers) = (group, sink, builder, own, buffers)
    epilogue = Epilogue(group, anchor, evaluator, results: results)
  }

  /// Hands the kernel over.
  func finish(work: Dimension) { sink.call(builder, buffers: buffers, work: work, at: group.location) }
}
