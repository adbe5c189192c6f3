import TensorIR
import TensorOps

/// Writes a group whose results have the shape of a concatenation in it: one loop nest for each part, instead of a choice
/// for each element.
struct ConcatRegions {
  private let group: Group
  private let evaluator: ElementEvaluator
  private let concat: Operation
  private let axis: Int

  /// Nil where the group has no such concatenation.
  init?(_ group: Group, _ evaluator: ElementEvaluator, _ type: TensorType) {
    let found = group.operations.compactMap { operation in
      group.accessMap(operation)?.joinedAxis.map { (operation, $0) }
    }
    guard let (concat, axis) = found.first, found.count == 1, group.type(of: concat.results[0]).shape == type.shape
    else { return nil }
    (self.group, self.evaluator, self.concat, self.axis) = (group, evaluator, concat, axis)
  }

  /// Compilers take longer over a function than in proportion to its length, so a kernel writes no more parts than these.
  static let mostParts = 32

  /// The parts that one kernel writes.
  struct Parts {
    var range: Range<Int>
    /// What they are made of.
    var sources: [ValueID]
    /// What they are parts of.
    var result: ValueID
  }

  /// The parts of a group's concatenation by the kernels that write them; empty where one kernel does.
  static func kernels(of group: Group) -> [Parts] {
    guard let concat = group.operations.first(where: { group.accessMap($0)?.joinedAxis != nil }),
      concat.operands.count > mostParts
    else { return [] }
    return stride(from: 0, to: concat.operands.count, by: mostParts).map { start in
      let range = start..<min(start + mostParts, concat.operands.count)
      return Parts(range: range, sources: concat.operands[range].compactMap { $0 }, result: concat.results[0])
    }
  }

  /// Calls `loops` for each part, or some of them, with what it is, its shape and a shift that turns a place in it into a place
  /// in the result.
  func write(
    _ type: TensorType, parts: Range<Int>? = nil,
    _ loops: (_ operand: ValueID, _ part: TensorType, _ shift: @escaping ([Index]) -> [Index]) throws -> Void
  ) throws {
    var offset: Dimension = 0
    defer { evaluator.unbind(concat.results[0]) }
    for (place, operand) in concat.operands.enumerated() {
      guard let operand else { continue }
      var part = type
      part.shape[axis] = group.type(of: operand).shape[axis]
      if let parts, !parts.contains(place) {
        offset = offset + part.shape[axis]
        continue
      }
      let start = evaluator.builder.extent(offset)
      // The place in the result and in the part that are at hand.
      var current: (result: [Index], own: [Index])?
      evaluator.bind(concat.results[0]) { index in
        // Whoever broadcasts asks for 0 along an axis of one place, whatever the loops call it.
        let isHere = zip(type.shape, zip(current?.result ?? [], index)).allSatisfy { $0 == 1 || $1.0 == $1.1 }
        guard let current, isHere else { throw NotVectorizable() }
        return try evaluator.value(operand, at: current.own)
      }
      try loops(operand, part) { own in
        var result = own
        result[axis] = Index(own[axis].base + start, step: own[axis].step)
        current = (result, own)
        return result
      }
      offset = offset + part.shape[axis]
    }
  }

  /// A concatenation alone, with the axes before and behind joined, so that each part is a run of memory. Nil if memory is
  /// laid out in different ways.
  static func flattened(_ group: Group, _ sink: any KernelSink) throws -> (Group, any KernelSink)? {
    guard group.operations.count == 1, let axis = group.accessMap(group.operations[0])?.joinedAxis else { return nil }
    let concat = group.operations[0]
    let type = group.type(of: concat.results[0])
    let layout = type.layout
    let order = layout.axes(rank: type.rank)
    guard layout.blocks.isEmpty, let place = order.firstIndex(of: axis), type.rank > 2 || place != type.rank - 1,
      concat.operands.allSatisfy({ group.type(of: $0).layout == layout })
    else { return nil }
    var function = group.function
    var memory: [ValueID: BufferReference] = [:]
    func flat(_ id: ValueID) throws -> ValueID {
      let own = group.type(of: id)
      let outer = order[..<place].map { own.shape[$0] }.reduce(1, *)
      let inner = order[place...].map { own.shape[$0] }.reduce(1, *)
      let new = function.addValue(TensorType(own.elementType, [outer, inner]), name: "")
      memory[new] = try sink.buffer(of: id)
      return new
    }
    let operands = try concat.operands.compactMap { try $0.map(flat) }
    let result = try flat(concat.results[0])
    let operation = Operation(Concat(axis: 1), operands, results: [result], location: concat.location)
    var leaves: [ValueID] = []
    for operand in operands where !leaves.contains(operand) { leaves.append(operand) }
    let joined = Group(operations: [operation], leaves: leaves, outputs: [result], function: function)
    return (joined, SubstitutingSink(sink, memory))
  }
}
