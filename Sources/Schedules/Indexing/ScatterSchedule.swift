import TensorIR
import TensorOps

/// Writes the kernel of a ``ScatterOp``.
///
/// Each thread owns a range of the rows of the result, where a row is what lies behind the axes that an index names. It
/// copies x there and walks over all indices of the slabs that its rows belong to, so that values for one element meet in
/// their order whatever the number of threads.
struct ScatterSchedule {
  private let op: any ScatterOp
  private let kernel: GroupKernel
  private let x: ValueID
  private let indices: ValueID
  private let values: ValueID
  private let writer: RowWriter
  private let rowAxes: Int
  private let location: Location
  private var type: TensorType { writer.type }
  private var builder: KernelBuilder { kernel.builder }
  private var evaluator: ElementEvaluator { kernel.evaluator }

  /// Nil where the group has no result.
  init?(_ op: any ScatterOp, _ kernel: GroupKernel, _ anchor: Operation) {
    guard let result = kernel.results.first, let x = anchor.operands[0], let indices = anchor.operands[1],
      let values = anchor.operands[2]
    else { return nil }
    (self.op, self.kernel, self.x, self.indices, self.values) = (op, kernel, x, indices, values)
    location = anchor.location
    rowAxes = op.slabAxes + op.pickedAxes(kernel.group.type(of: indices))
    writer = RowWriter(kernel: kernel, result: result, type: kernel.group.type(of: result.id), axis: rowAxes - 1)
  }

  func lower() throws {
    let rows = builder.extent(type.shape.prefix(rowAxes).reduce(1, *))
    let from = builder.declare("from", rows * builder.thread / builder.team)
    let to = builder.declare("to", rows * (builder.thread + 1) / builder.team)
    try copy(from, to)
    try refuseIndicesOfNothing()
    try put(from, to)
    kernel.finish(work: (type.count + kernel.group.type(of: values).count) * Dimension(Work.element))
  }

  // MARK: What was there

  private func copy(_ from: Expression, _ to: Expression) throws {
    if isDense(x) && type.layout.isPlain && type.rank > 0 { return try copyFlat(from, to) }
    try builder.loop("row", from: from, to: to) { row in
      let places = LoopNest.positions(builder, row, Array(type.shape.prefix(rowAxes)))
      try writer.columns(places.map { Index($0) }) { try evaluator.value(x, at: $0) }
    }
  }

  /// Whether a value lies in memory in row-major order, or is one number.
  private func isDense(_ id: ValueID) -> Bool {
    guard let producer = kernel.group.producer(of: id) else { return kernel.group.type(of: id).layout.isPlain }
    return (producer.op as? any ElementOp)?.isUniform ?? false
  }

  /// The rows as one run of memory: the innermost index runs over all of it.
  private func copyFlat(_ from: Expression, _ to: Expression) throws {
    let inner = builder.extent(type.shape.suffix(from: rowAxes).reduce(1, *))
    let first = builder.declare("first", from * inner)
    let end = builder.declare("end", to * inner)
    try LoopNest.vectors(evaluator, lanes: kernel.lanes(type), from: first, to: end) { place, count in
      let index = [Index](repeating: .zero, count: type.rank - 1) + [place]
      let value = try evaluator.value(x, at: index)
      let lanes = place.step == 0 ? 1 : evaluator.lanes
      builder.store(writer.result.buffer, place.base, evaluator.widened(value, lanes: lanes), count: count)
    }
  }

  // MARK: What comes

  /// On an axis without elements every index is out of range, and no row is there to notice.
  private func refuseIndicesOfNothing() throws {
    let picked = type.shape[op.slabAxes..<rowAxes].reduce(1, *)
    if kernel.sink.symbols.isAtMost(1, picked) == .yes { return }
    let size = builder.extent(picked)
    let isAsked = Expression.less(0, builder.extent(kernel.group.type(of: values).count))
    builder.branch(.binary(.logicalAnd, .binary(.equal, size, 0), isAsked)) {
      builder.badIndex(Expression.integer(0).data, extent: 0, of: op.name, at: location)
    }
  }

  private func put(_ from: Expression, _ to: Expression) throws {
    let size = builder.declare("size", .maximum(1, builder.extent(type.shape[op.slabAxes..<rowAxes].reduce(1, *))))
    try builder.loop("slab", from: from / size, to: (to + size - 1) / size) { slab in
      let low = builder.declare("low", .maximum(0, from - slab * size))
      let high = builder.declare("high", .minimum(size, to - slab * size))
      let outer = LoopNest.positions(builder, slab, Array(type.shape.prefix(op.slabAxes))).map { Index($0) }
      try wherePresent(outer) {
        try evaluator.scope(lanes: 1) {
          try op.takesElements ? putElements(outer, low, high) : putSlices(outer, low, high)
        }
      }
    }
  }

  /// Runs `body` where there are values for a slab: indices may have smaller extents than x, or there may be no values.
  private func wherePresent(_ outer: [Index], _ body: () throws -> Void) throws {
    let shape = kernel.group.type(of: indices).shape
    var conditions: [Expression] = []
    if op.takesElements {
      for axis in outer.indices where shape[axis] != type.shape[axis] {
        conditions.append(.less(outer[axis].base, builder.extent(shape[axis])))
      }
    }
    let count = kernel.group.type(of: values).count
    if kernel.sink.symbols.isAtMost(1, count) != .yes { conditions.append(.less(0, builder.extent(count))) }
    guard let first = conditions.first else { return try body() }
    try builder.branch(conditions.dropFirst().reduce(first) { .binary(.logicalAnd, $0, $1) }, then: body)
  }

  private func putElements(_ outer: [Index], _ low: Expression, _ high: Expression) throws {
    let shape = kernel.group.type(of: indices).shape
    let start = outer + (outer.count..<type.rank).map { _ in Index.zero }
    try kernel.loops(Array(outer.count..<type.rank), of: shape, start) { own in
      try evaluator.scope(lanes: 1) {
        let place = try place(outer.count, own)
        try whereOwn(place, low, high) {
          var target = own
          target[outer.count] = Index(place)
          try writer.store(target, nil, try combined(at: target, with: own))
        }
      }
    }
  }

  private func putSlices(_ outer: [Index], _ low: Expression, _ high: Expression) throws {
    let shape = kernel.group.type(of: indices).shape
    let isTuple = op.takesTuples
    // Tuples lie behind batch axes; slices have the same indices in every slab.
    let start = isTuple ? outer : []
    let axes = Array(start.count..<shape.count - (isTuple ? 1 : 0))
    try kernel.loops(axes, of: shape, start + axes.map { _ in Index.zero }) { own in
      try evaluator.scope(lanes: 1) {
        let picked = try (op.slabAxes..<rowAxes).map { axis in
          try place(axis, isTuple ? own + [Index(.integer(axis - op.slabAxes))] : own)
        }
        let sizes = type.shape[op.slabAxes..<rowAxes].map { builder.extent($0) }
        let flat = zip(picked, sizes).dropFirst().reduce(picked.first ?? 0) { $0 * $1.1 + $1.0 }
        try whereOwn(builder.declare("flat", flat), low, high) {
          let source = isTuple ? own : outer + own
          try writer.columns(outer + picked.map { Index($0) }) { index in
            try combined(at: index, with: source + index.suffix(from: rowAxes))
          }
        }
      }
    }
  }

  private func place(_ axis: Int, _ own: [Index]) throws -> Expression {
    builder.place(
      of: try evaluator.value(indices, at: own), extent: builder.extent(type.shape[axis]), for: op.name, at: location)
  }

  private func whereOwn(
    _ place: Expression, _ low: Expression, _ high: Expression, _ body: () throws -> Void
  ) throws {
    try builder.branch(
      .binary(.logicalAnd, .binary(.greaterEqual, place, low), .less(place, high)), then: body)
  }

  private func combined(at target: [Index], with source: [Index]) throws -> Expression {
    let value = try evaluator.value(values, at: source)
    if op.reduction == .replace { return value }
    let old = try evaluator.load(writer.result.buffer, type, at: target)
    let lanes = max(old.type.lanes, value.type.lanes)
    let element = LoopType(type.elementType.computeType, lanes: lanes)
    return op.reduction.combine(
      evaluator.widened(old, lanes: lanes), evaluator.widened(value, lanes: lanes), element)
  }
}
