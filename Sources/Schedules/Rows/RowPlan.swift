import TensorIR
import TensorOps

/// A value of a group as it is read at one element of the domain: for each of its axes the axis of the domain along which
/// it runs, nil where it stays at 0.
struct RowElement: Hashable {
  var value: ValueID
  var axes: [Int?]
}

/// How a group of reductions over the same axes becomes one pass over rows: softmax, norms, or a single sum.
///
/// The *domain* is the shape that is reduced; a *row* is what one element of the results is computed from. Reductions come
/// in stages: one that needs the result of another waits for a second walk over the row. Values that are the same all along
/// a row are computed once, between the stages.
public struct RowPlan {
  let group: Group
  /// The operand of the reductions.
  let domain: TensorType
  /// The reduced axes of the domain, and the others, outermost in memory first.
  let reducedAxes: [Int]
  let keptAxes: [Int]
  /// The reductions of each stage, from stage 1 on; entry 0 is empty.
  private(set) var reductions: [[Operation]] = [[]]
  /// What the walk over a row stores in each stage; one more stage than there are reductions.
  private(set) var outputs: [[RowElement]] = []
  /// What is the same all along a row, by the number of stages that must come before.
  private(set) var rowValues: [[RowElement]] = []
  private(set) var rowOutputs: [[RowElement]] = []
  /// Values that are dear to compute and needed in several stages, by the stage that puts them into scratch memory.
  private(set) var saved: [[RowElement]] = []

  /// Whether something dear to compute is the same all along a row and needed in the first walk over it.
  private(set) var hasDearRowValues = false

  /// The plan for a group; nil if it has no reduction or they do not go together.
  public init?(_ group: Group) {
    self.group = group
    let found = group.operations.filter { $0.op is any ReductionOp }
    guard let first = found.first, let op = first.op as? any ReductionOp, let source = first.operands[0] else {
      return nil
    }
    let domain = group.type(of: source)
    self.domain = domain
    let order = domain.layout.axes(rank: domain.rank)
    reducedAxes = order.filter { op.axes.contains($0) }
    keptAxes = order.filter { !op.axes.contains($0) }
    for operation in group.operations {
      if let other = operation.op as? any ReductionOp {
        let type = group.type(of: operation.operands[0])
        guard other.axes == op.axes, type.shape == domain.shape, type.layout == domain.layout else { return nil }
      } else if !(operation.op is any ElementOp) {
        return nil
      }
    }
    do {
      var walk = RowWalk(group, domain, reducedAxes: Set(reducedAxes))
      try walk.visitReductions()
      try walk.visitOutputs()
      arrange(walk)
    } catch { return nil }
  }

  /// How many walks compute reductions.
  var depth: Int { reductions.count - 1 }

  /// The axis along which vectors run if it stays: neighbouring results are computed side by side. Nil where the innermost
  /// axis is reduced.
  var columnAxis: Int? {
    guard let last = domain.layout.axes(rank: domain.rank).last, keptAxes.contains(last), domain.shape[last] != 1
    else { return nil }
    return last
  }

  /// Whether every result is an element for each row.
  var storesOnlyRows: Bool { outputs.allSatisfy(\.isEmpty) }

  /// How many elements a row has.
  var rowCount: Dimension { reducedAxes.map { domain.shape[$0] }.reduce(1, *) }
  var keptCount: Dimension { keptAxes.map { domain.shape[$0] }.reduce(1, *) }

  // MARK: Order

  private mutating func arrange(_ walk: RowWalk) {
    let depth = walk.depths.values.max() ?? 0
    reductions = (0...depth).map { stage in walk.reductions.filter { walk.depths[$0.results[0]] == stage } }
    rowValues = Array(repeating: [], count: depth + 1)
    rowOutputs = rowValues
    outputs = Array(repeating: [], count: depth + 2)
    saved = outputs
    for element in walk.order where !walk.runsAlongRow(element) { rowValues[walk.stage(of: element)].append(element) }
    for element in walk.outputs {
      let stage = walk.stage(of: element)
      if walk.runsAlongRow(element) { outputs[stage + 1].append(element) } else { rowOutputs[stage].append(element) }
    }
    hasDearRowValues = rowValues[0].contains { group.producer(of: $0.value)?.op is any PointwiseOp && walk.isDear($0) }
    save(walk)
  }

  /// Finds what is computed in one stage and read again in a later one, and is worth keeping.
  private mutating func save(_ walk: RowWalk) {
    var firstStage: [RowElement: Int] = [:]
    var kept: Set<RowElement> = []
    func visit(_ element: RowElement, _ stage: Int) {
      guard walk.runsAlongRow(element), group.producer(of: element.value) != nil else { return }
      if let first = firstStage[element] {
        if first == stage { return }
        if walk.isDear(element) {
          kept.insert(element)
          return
        }
      } else {
        firstStage[element] = stage
      }
      walk.inputs[element, default: []].forEach { visit($0, stage) }
    }
    for stage in 1..<outputs.count {
      for reduction in stage < reductions.count ? reductions[stage] : [] { visit(walk.operand(of: reduction), stage) }
      outputs[stage].forEach { visit($0, stage) }
    }
    for element in walk.order where kept.contains(element) { saved[firstStage[element] ?? 1].append(element) }
  }
}
