import TensorIR
import TensorOps

/// The kernel of a group being written: a parameter for each leaf and each result, bound for element by element
/// access.
struct GroupKernel {
  let group: Group
  let sink: any KernelSink
  let builder: KernelBuilder
  let evaluator: ElementEvaluator
  /// The results with their memory.
  let results: [(id: ValueID, buffer: Buffer)]
  private var buffers: [BufferReference]

  init(_ group: Group, _ sink: any KernelSink) throws {
    self.group = group
    self.sink = sink
    let builder = KernelBuilder(name: group.name, comments: group.comments, for: sink.target)
    let evaluator = ElementEvaluator(group, builder, sink.target)
    var buffers: [BufferReference] = []
    try evaluator.bindParameters(group.leaves, &buffers, sink)
    var results: [(id: ValueID, buffer: Buffer)] = []
    for id in group.outputs {
      results.append((id, builder.parameter("y\(results.count)", group.type(of: id).elementType, .write)))
      buffers.append(try sink.buffer(of: id))
    }
    (self.builder, self.evaluator, self.results, self.buffers) = (builder, evaluator, results, buffers)
  }

  /// Scratch memory of each thread, or of all, for elements of a type, which the kernel writes and reads.
  mutating func scratch(_ name: String, _ element: ElementType, count: Dimension, perThread: Bool = true) -> Buffer {
    buffers.append(sink.scratch(name, bytes: count * Dimension(element.bitWidth / 8), perThread: perThread))
    return builder.parameter(name, element, .update)
  }

  /// How many lanes a vector of an element type has.
  func lanes(_ type: TensorType) -> Int { sink.target.lanes(of: type.elementType) }

  /// Stores every result of the group at an index of the anchor's result, which has `value` there.
  func store(_ value: Expression, of anchor: ValueID, at index: [Index], count: Expression? = nil) throws {
    evaluator.bind(anchor) { _ in value }
    try evaluator.scope(lanes: evaluator.lanes, partial: evaluator.partialCount) {
      for (id, buffer) in results {
        let type = group.type(of: id)
        let place = Array(repeating: Index.zero, count: max(type.rank - index.count, 0)) + index
        let final = try evaluator.value(id, at: place)
        let (offset, step) = try evaluator.offset(type, at: place)
        if value.type.lanes > 1 && step.constantIndex != 1 { throw NotVectorizable() }
        builder.store(buffer, offset, evaluator.widened(final, lanes: value.type.lanes), count: count)
      }
    }
  }

  /// Lets large results go past the caches, see ``KernelBuilder/stream(_:elements:)``.
  func streamResults() {
    for (id, buffer) in results { builder.stream(buffer, elements: group.type(of: id).count) }
  }

  /// Loops over axes of a shape, outermost first, setting their positions in an index.
  func loops(
    _ axes: [Int], of shape: [Dimension], _ index: [Index], _ body: ([Index]) throws -> Void
  ) throws {
    guard let first = axes.first else { return try body(index) }
    try builder.loop("i\(first)", to: builder.extent(shape[first])) { place in
      var next = index
      next[first] = Index(place)
      try loops(Array(axes.dropFirst()), of: shape, next, body)
    }
  }

  /// Hands the kernel over.
  func finish(work: Dimension) { sink.call(builder, buffers: buffers, work: work, at: group.location) }
}
