import TensorIR
import TensorOps

/// Applies the operations behind an anchor to a finished tile of sums and stores the group's results: on the registers
/// where the operations are few, over the tile in the first-level cache where they are long.
struct Epilogue {
  let group: Group
  let anchor: Operation
  let evaluator: ElementEvaluator
  /// The group's results with their memory.
  let results: [(ValueID, Buffer)]
  /// The axes joined as far as the values read and written allow it; nil where operations are not pointwise.
  private let domain: LoopDomain?
  /// Whether sums are stored straight from registers; otherwise they go to a tile on the stack first.
  let isOnRegisters: Bool

  init(_ group: Group, _ anchor: Operation, _ evaluator: ElementEvaluator, results: [(ValueID, Buffer)]) {
    self.group = group
    self.anchor = anchor
    self.evaluator = evaluator
    self.results = results
    let behind = group.operationsBehind(anchor)
    let read = Set(behind.flatMap { $0.operands.compactMap { $0 } })
    let leaves = group.leaves.filter { read.contains($0) }
    let isPointwise = behind.allSatisfy(\.isPointwise)
    domain =
      isPointwise
      ? LoopDomain(
        group.type(of: anchor.results[0]), values: (leaves + group.outputs).map { ($0, group.type(of: $0)) },
        keepsInnermost: true) : nil
    let element = group.type(of: anchor.results[0]).elementType
    // Sums of integers become floats, which take as many lanes, and bytes; sums of f32 are rounded for the next product.
    let suited: Set<ElementType> =
      element == .i32 ? [.i32, .f32, .i8, .u8] : element == .f32 ? [.f32, .bf16] : [element]
    let isUniform =
      (behind.flatMap(\.results) + leaves + group.outputs).allSatisfy {
        suited.contains(group.type(of: $0).elementType)
      }
    let isContiguous = domain?.strides.values.allSatisfy { $0.last == 0 || $0.last == 1 } ?? false
    let storesVectors = domain.map { domain in group.outputs.allSatisfy { domain.strides[$0]?.last == 1 } } ?? false
    isOnRegisters =
      isUniform && isContiguous && storesVectors && (element.isFloat || element == .i32)
      && (domain?.extents.count ?? 0) <= 2
      && behind.reduce(0) { $0 + group.cost($1) } <= evaluator.target.tuning.products.mostOnRegisters
  }

  private var builder: KernelBuilder { evaluator.builder }
  private var type: TensorType { group.type(of: anchor.results[0]) }
  private var lanes: Int { evaluator.target.lanes(of: type.elementType) }

  /// Fetches what the operations behind the anchor read at a tile's places, while its sums are computed: the lines of a tile lie
  /// a row apart, which no processor sees coming. Results that take over the memory of such operands find their lines, too.
  func prefetch(row: Expression, height: Expression, column: Expression, width: Int) {
    guard let domain, domain.extents.count == 2, domain.extents[0] != 1 else { return }
    let fetched = group.leaves.compactMap { leaf -> (leaf: ValueID, buffer: Buffer)? in
      guard let buffer = evaluator.buffer(of: leaf), let strides = domain.strides[leaf], strides[0] != 0,
        strides[1] == 1, Prefetch.isWorthBehindProducts(group.type(of: leaf), on: evaluator.target)
      else { return nil }
      return (leaf, buffer)
    }
    if fetched.isEmpty { return }
    builder.loop("r", to: height) { r in
      for (leaf, buffer) in fetched {
        for skipped in stride(from: 0, to: width, by: Prefetch.line * 8 / group.type(of: leaf).elementType.bitWidth) {
          let place = [Index(row + r), Index(column + .integer(skipped))]
          builder.emit(.prefetch(buffer, domain.offset(leaf, place, builder).0))
        }
      }
    }
  }

  // MARK: On the registers

  /// Stores sums: rows of vectors that are neighbours.
  ///
  /// - Parameters:
  ///   - row: the first row among all rows of the result.
  ///   - column: the first column.
  ///   - count: how many columns there are; nil if all lanes are.
  func store(_ sums: [[Variable]], row: Expression, column: Expression, count: Expression?) throws {
    let outer = outerExtents
    var stores: [(Buffer, Expression, Expression, Expression?)] = []
    for (part, _) in (sums.first ?? []).enumerated() {
      let own = count.map { count in
        builder.declare("count\(part)", part == 0 ? count : .maximum(count - .integer(part * lanes), 0))
      }
      let limited = sums[0].count > 1 ? own.map { builder.declare("lanes\(part)", .minimum($0, .integer(lanes))) } : own
      let place = Index(column + .integer(part * lanes), step: 1)
      for (line, parts) in sums.enumerated() {
        try evaluator.scope(lanes: lanes, partial: limited) {
          evaluator.bind(anchor.results[0]) { _ in .variable(parts[part]) }
          let places = outer.isEmpty ? [] : [row + .integer(line)]
          for (id, buffer) in results {
            let (value, offset, _) = try element(id, places, place)
            stores.append((buffer, offset, evaluator.widened(value, lanes: lanes), limited))
          }
        }
      }
    }
    // All values before all stores: the C compiler then loads what rows share once.
    for (buffer, offset, value, count) in stores { builder.store(buffer, offset, value, count: count) }
  }

  // MARK: Over the tile

  /// Vectors of a row that are computed at once. Tried in C: sigmoids of one after the other take 14.1 ns for eight numbers, of two
  /// at once 10.9 (Zen 1).
  private static let mostAtOnce = 4

  /// Reads the sums from `tile`, rows of `width` columns.
  func write(
    _ tile: Buffer, width: Int, row: Expression, height: Expression, column: Expression, columns: Expression
  ) throws {
    let end = builder.declare("last", .minimum(columns, column + .integer(width)))
    let outer = outerExtents
    try builder.loop("r", to: height) { r in
      let places = LoopNest.positions(builder, builder.declare("line", row + r), outer)
      let atOnce = min(width / lanes, Epilogue.mostAtOnce)
      try LoopNest.vectors(evaluator, lanes: lanes, atOnce: atOnce, from: column, to: end) { place, count in
        let inTile = r * .integer(width) + (place.base - column)
        evaluator.bind(anchor.results[0]) { _ in .load(tile, inTile, lanes: place.step == 0 ? 1 : lanes) }
        let stores = try results.map { id, buffer in
          let (value, offset, step) = try element(id, places, place)
          guard place.step == 0 || step.constantIndex == 1 else { throw NotVectorizable() }
          return (buffer, offset, place.step == 0 ? value : evaluator.widened(value, lanes: lanes))
        }
        // All values before all stores: a result may lie in the memory of an operand that another is made of.
        for (buffer, offset, value) in stores { builder.store(buffer, offset, value, count: count) }
      }
    }
  }

  private var outerExtents: [Dimension] {
    if let domain { return Array(domain.extents.dropLast()) }
    return type.layout.axes(rank: type.rank).dropLast().map { type.shape[$0] }
  }

  private func element(
    _ id: ValueID, _ places: [Expression], _ column: Index
  ) throws -> (Expression, Expression, step: Expression) {
    if let domain {
      let index = places.map { Index($0) } + [column]
      let value = try evaluator.joinedValue(id, at: index) { domain.offset($0, index, builder) }
      let (offset, step) = domain.offset(id, index, builder)
      return (value, offset, step)
    }
    let order = type.layout.axes(rank: type.rank)
    var index = [Index](repeating: .zero, count: type.rank)
    for (axis, position) in zip(order, places) { index[axis] = Index(position) }
    if let last = order.last { index[last] = column }
    let value = try evaluator.value(id, at: index)
    let (offset, step) = try evaluator.offset(group.type(of: id), at: index)
    return (value, offset, step)
  }
}

extension Group {
  /// Roughly how many instructions a pointwise operation takes for an element.
  func cost(_ operation: Operation) -> Int {
    guard let op = operation.op as? any PointwiseOp else { return 0 }
    let operands = operation.operands.compactMap { $0 }.map { id in
      Expression.variable(Variable(id: 0, name: "x", type: LoopType(type(of: id).elementType.computeType)))
    }
    return op.element(operands, LoopType(type(of: operation.results[0]).elementType.computeType)).cost
  }

  /// The operations that are computed from the anchor's result.
  func operationsBehind(_ anchor: Operation) -> [Operation] {
    var known = Set(anchor.results)
    var before: Set<ValueID> = []
    var result: [Operation] = []
    for operation in operations where operation.results != anchor.results {
      if operation.operands.contains(where: { $0.map { known.contains($0) } ?? false }) {
        known.formUnion(operation.results)
        result.append(operation)
      } else {
        before.formUnion(operation.results)
      }
    }
    // What these read that is computed in the group, too: numbers and the like, and what they are made of. Likewise results of
    // the group that lie before the anchor.
    var needed = Set(result.flatMap { $0.operands.compactMap { $0 } } + outputs)
    var side: [Operation] = []
    for operation in operations.reversed()
    where operation.results.contains(where: { before.contains($0) && needed.contains($0) }) {
      needed.formUnion(operation.operands.compactMap { $0 })
      side.append(operation)
    }
    return side.reversed() + result
  }
}
