import TensorIR
import TensorOps

/// Walks back from the results of a group of reductions to its leaves, noting for each value along which axes of the
/// domain it is read. Throws where a reduction's result would be read for another row than the one at hand.
struct RowWalk {
  let group: Group
  let domain: TensorType
  let reducedAxes: Set<Int>
  /// The reductions in order, and for each result the stage that computes it.
  private(set) var reductions: [Operation] = []
  private(set) var depths: [ValueID: Int] = [:]
  /// All that is read, what it needs first.
  private(set) var order: [RowElement] = []
  private(set) var inputs: [RowElement: [RowElement]] = [:]
  private(set) var outputs: [RowElement] = []
  private var stages: [RowElement: Int] = [:]
  /// Values that depend on a reduction of the group.
  private var behind: Set<ValueID> = []

  struct Misfit: Error {}

  init(_ group: Group, _ domain: TensorType, reducedAxes: Set<Int>) {
    self.group = group
    self.domain = domain
    self.reducedAxes = reducedAxes
    for operation in group.operations {
      let isBehind = operation.operands.contains { $0.map { behind.contains($0) } ?? false }
      if operation.op is any ReductionOp || isBehind { behind.formUnion(operation.results) }
    }
  }

  // MARK: Questions

  /// Whether an element differs along a row.
  func runsAlongRow(_ element: RowElement) -> Bool {
    element.axes.contains { $0.map { reducedAxes.contains($0) } ?? false }
  }

  /// How many stages must have run before it can be computed.
  func stage(of element: RowElement) -> Int { stages[element] ?? 0 }

  func operand(of reduction: Operation) -> RowElement {
    RowElement(value: reduction.operands[0] ?? reduction.results[0], axes: trimmed(Array(0..<domain.rank)))
  }

  /// Whether it costs more to compute again than to keep, and there is one way alone in which it is read.
  func isDear(_ element: RowElement) -> Bool {
    guard let operation = group.producer(of: element.value), order.filter({ $0.value == element.value }).count == 1
    else {
      return false
    }
    guard let op = operation.op as? any PointwiseOp else { return group.accessMap(operation)?.keepsOrder != true }
    let operands = operation.operands.enumerated().map { position, id in
      Expression.variable(
        Variable(id: position, name: "x", type: LoopType(group.type(of: id).elementType.computeType)))
    }
    let type = LoopType(group.type(of: element.value).elementType.computeType)
    return op.element(operands, type).callsSeries
  }

  // MARK: The walk

  mutating func visitReductions() throws {
    for operation in group.operations where operation.op is any ReductionOp {
      reductions.append(operation)
      depths[operation.results[0]] = try visit(operand(of: operation)) + 1
    }
  }

  mutating func visitOutputs() throws {
    for id in group.outputs {
      let element = RowElement(value: id, axes: try place(of: group.type(of: id)))
      _ = try visit(element)
      outputs.append(element)
    }
  }

  /// Along which axes of the domain a result runs: all of them, or those that stay.
  private func place(of type: TensorType) throws -> [Int?] {
    if type.shape == domain.shape && type.layout == domain.layout { return trimmed(Array(0..<domain.rank)) }
    var rest = domain.shape.indices.filter { !reducedAxes.contains($0) && domain.shape[$0] != 1 }[...]
    let axes = try type.shape.map { extent -> Int? in
      if extent == 1 { return nil }
      guard let next = rest.popFirst(), domain.shape[next] == extent else { throw Misfit() }
      return next
    }
    guard rest.isEmpty else { throw Misfit() }
    return axes
  }

  /// An axis of extent 1 has one position, wherever it comes from.
  private func trimmed(_ axes: [Int?]) -> [Int?] { axes.map { $0.flatMap { domain.shape[$0] == 1 ? nil : $0 } } }

  /// Notes an element and what it needs; gives the number of stages that come before it.
  private mutating func visit(_ element: RowElement) throws -> Int {
    if let known = stages[element] { return known }
    var stage = 0
    if let operation = group.producer(of: element.value) {
      if operation.op is any ReductionOp {
        guard trimmed(element.axes) == kept(operation) else { throw Misfit() }
        stage = depths[element.value] ?? 0
      } else {
        let needed = try operands(of: operation, element)
        inputs[element] = needed
        for input in needed { stage = max(stage, try visit(input)) }
      }
    }
    stages[element] = stage
    order.append(element)
    return stage
  }

  /// The axes of a reduction's result.
  private func kept(_ operation: Operation) -> [Int?] {
    let keepAxes = (operation.op as? any ReductionOp)?.keepAxes ?? false
    let axes = domain.shape.indices.compactMap { axis -> Int?? in
      reducedAxes.contains(axis) ? (keepAxes ? .some(nil) : .none) : .some(axis)
    }
    return trimmed(axes)
  }

  /// Where an operation reads its operands for one element. An operation that moves elements about is asked for nothing, as
  /// long as no reduction stands behind it.
  private func operands(of operation: Operation, _ element: RowElement) throws -> [RowElement] {
    if let placed = placed(operation, element.axes) { return placed }
    guard operation.operands.allSatisfy({ $0.map { !behind.contains($0) } ?? true }) else { throw Misfit() }
    return []
  }

  /// The elements that are read, where each axis of theirs follows an axis of the result or is read at one place.
  private func placed(_ operation: Operation, _ axes: [Int?]) -> [RowElement]? {
    guard let map = group.accessMap(operation) else { return nil }
    var placed: [RowElement] = []
    for read in map.reads {
      guard let id = operation.operands[read.operand], let followed = map.followedAxes(read) else { return nil }
      placed.append(RowElement(value: id, axes: followed.map { $0.flatMap { axes[$0] } }))
    }
    return placed.isEmpty ? nil : placed
  }
}
