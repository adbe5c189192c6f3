import TensorIR
import TensorOps

/// How the walk over each row is cut into chunks, by the shape alone.
struct RowDivision {
  /// Whether the innermost reduced axis is cut, or else the product of the others.
  var splitsInnermost: Bool
  /// The extent of what is cut, how much of it a chunk has, and how many chunks there are.
  var extent: Dimension
  var size: Dimension
  var chunks: Dimension

  init?(_ plan: RowPlan, width: Int, _ tuning: Tuning.Rows) {
    guard let last = plan.reducedAxes.last else { return nil }
    let inner = plan.domain.shape[last]
    let outer = plan.reducedAxes.dropLast().map { plan.domain.shape[$0] }.reduce(1, *)
    splitsInnermost = outer.constant.map { $0 < 64 } ?? false
    extent = splitsInnermost ? inner : outer
    let rest = (splitsInnermost ? outer : inner) * Dimension(width)
    size = .maximum(1, Dimension(tuning.chunk).floorDivided(by: .maximum(rest, 1)))
    chunks = extent.ceilingDivided(by: size)
  }
}

/// A large reduction to few results in two kernels: the first reduces chunks of rows, the second combines the chunks in
/// their order. The chunks depend on the shape alone, so the bits are the same for any number of threads.
struct SplitReduction {
  private let plan: RowPlan
  private let sink: any KernelSink
  private let reduction: Operation
  private let op: any ReductionOp
  private let division: RowDivision

  /// Nil where a single kernel does as well.
  init?(_ plan: RowPlan, _ sink: any KernelSink) {
    guard plan.depth == 1, plan.reductions[1].count == 1, plan.storesOnlyRows, let kept = plan.keptCount.constant else {
      return nil
    }
    let reduction = plan.reductions[1][0]
    let type = plan.group.type(of: reduction.results[0])
    guard let op = reduction.op as? any ReductionOp, type.elementType.computeType == type.elementType else {
      return nil
    }
    let (lanes, tuning) = (sink.target.lanes(of: type.elementType), sink.target.tuning.rows)
    if WideColumns(plan, lanes: lanes, tuning) != nil { return nil }
    let width = plan.columnAxis == nil ? 1 : lanes * tuning.columnVectors
    if (kept + width - 1) / width >= tuning.manyRows { return nil }
    if let count = plan.domain.count.constant, count < tuning.leastSplit { return nil }
    guard let division = RowDivision(plan, width: min(width, max(kept, 1)), tuning) else { return nil }
    (self.plan, self.sink, self.reduction, self.op, self.division) = (plan, sink, reduction, op, division)
  }

  func lower() throws {
    let result = plan.group.type(of: reduction.results[0])
    let type = TensorType(result.elementType, [division.chunks] + result.shape)
    let memory = sink.scratch("partial", bytes: type.byteCount, perThread: false)
    guard let first = RowPlan(firstGroup()) else { return }
    try RowSchedule(first, SubstitutingSink(sink, [reduction.results[0]: memory]), division: division).lower()
    var function = plan.group.function
    let partial = function.addValue(type, name: "partial")
    guard let second = RowPlan(secondGroup(function, partial)) else { return }
    try RowSchedule(second, SubstitutingSink(sink, [partial: memory])).lower()
  }

  /// What the reduction reads, and the reduction.
  private func firstGroup() -> Group {
    subgroup(plan.group.operations, outputs: reduction.results, plan.group.function, [])
  }

  /// The same reduction over chunks, and what stands behind it.
  private func secondGroup(_ function: Function, _ partial: ValueID) -> Group {
    var combining = op
    (combining.axes, combining.keepAxes) = ([0], false)
    let operations = plan.group.operations.map { operation in
      guard operation.results == reduction.results else { return operation }
      return Operation(combining, [partial], results: reduction.results, location: operation.location)
    }
    return subgroup(operations, outputs: plan.group.outputs, function, [partial])
  }

  /// The operations that outputs need, and the leaves that these read.
  private func subgroup(_ all: [Operation], outputs: [ValueID], _ function: Function, _ added: [ValueID]) -> Group {
    var needed = Set(outputs)
    var operations: [Operation] = []
    for operation in all.reversed() where operation.results.contains(where: { needed.contains($0) }) {
      operations.insert(operation, at: 0)
      needed.formUnion(operation.operands.compactMap { $0 })
    }
    let leaves = (plan.group.leaves + added).filter { needed.contains($0) }
    return Group(operations: operations, leaves: leaves, outputs: outputs, function: function)
  }
}

/// A sink in which some values have other memory.
final class SubstitutingSink: KernelSink {
  private let sink: any KernelSink
  private let memory: [ValueID: BufferReference]

  init(_ sink: any KernelSink, _ memory: [ValueID: BufferReference]) {
    self.sink = sink
    self.memory = memory
  }

  var target: Target { sink.target }
  var symbols: SymbolTable { sink.symbols }
  func buffer(of value: ValueID) throws -> BufferReference { try memory[value] ?? sink.buffer(of: value) }
  func scratch(_ name: String, bytes: Dimension, perThread: Bool) -> BufferReference {
    sink.scratch(name, bytes: bytes, perThread: perThread)
  }
  func constant(_ literal: TensorLiteral) -> BufferReference { sink.constant(literal) }
  func call(_ builder: KernelBuilder, buffers: [BufferReference], work: Dimension, at location: Location) {
    sink.call(builder, buffers: buffers, work: work, at: location)
  }
}
