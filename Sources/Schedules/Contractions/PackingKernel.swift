import TensorIR
import TensorOps

/// A kernel that copies an operand to where a product wants it, computing on the way what the group makes it of.
struct PackingKernel {
  let group: Group
  let sink: any KernelSink
  let builder: KernelBuilder
  let evaluator: ElementEvaluator
  let type: TensorType
  let target: Buffer
  private let references: [BufferReference]

  init(_ name: String, _ value: ValueID, _ group: Group, into memory: BufferReference, _ sink: any KernelSink) throws {
    (self.group, self.sink) = (group, sink)
    type = group.type(of: value)
    builder = KernelBuilder(name: name, comments: group.comments, for: sink.target)
    evaluator = ElementEvaluator(group, builder, sink.target)
    var buffers: [BufferReference] = []
    try evaluator.bindParameters(group.leavesNeeded(by: value), &buffers, sink)
    target = builder.parameter("packed", type.elementType, .write)
    references = buffers + [memory]
  }

  var lanes: Int { sink.target.lanes(of: type.elementType) }

  var zero: Expression {
    let element = type.elementType
    return element.isFloat ? .number(0, LoopType(element.computeType)) : .literal(0, LoopType(element.computeType))
  }

  /// Hands the kernel over.
  func finish(elements: Dimension) {
    sink.call(builder, buffers: references, work: elements * Dimension(Work.element), at: group.location)
  }
}
