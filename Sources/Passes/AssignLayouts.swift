import TensorIR
import TensorOps

/// Chooses layouts. Convolutions want channels innermost, and what follows, pools too, keeps that order until an op needs
/// row-major again; transpositions become views; constant right operands of products are packed here, once for all calls.
struct AssignLayouts {
  static func run(_ function: Function, _ target: Target) throws -> Function {
    var pass = AssignLayouts(function, target)
    for operation in function.body.operations {
      do { try pass.visit(operation) } catch let diagnostic as Diagnostic {
        throw diagnostic.located(at: operation.location)
      }
    }
    return try pass.finish()
  }

  private let function: Function
  private let target: Target
  private var rebuild: Rebuild
  /// Reorders made so far, so that two readers share one.
  private var reordered: [Wish: ValueID] = [:]
  private var constants: [ValueID: TensorLiteral] = [:]

  private struct Wish: Hashable {
    var value: ValueID
    var layout: Layout
  }

  private init(_ function: Function, _ target: Target) {
    self.function = function
    self.target = target
    rebuild = Rebuild(function)
  }

  private mutating func finish() throws -> Function {
    let results = try function.body.results.map { id in
      guard let value = rebuild.values[id] else { throw Diagnostic("internal", "a result is not computed") }
      return try reorder(value, .plain, at: .unknown)
    }
    return rebuild.builder.finish(results, names: function.resultNames)
  }

  // MARK: One operation

  private mutating func visit(_ operation: Operation) throws {
    let operands = rebuild.operands(operation)
    switch operation.op {
    case let op as Constant:
      rebuild.copy(operation)
      if let new = rebuild.values[operation.results[0]] { constants[new] = op.value }
    case let op as Convolution: try convolution(op, operation, operands)
    case let op as Matmul: try matmul(op, operation, operands)
    case let op as Transpose: try transpose(op, operation, operands)
    case is any PointwiseOp, is any LayoutKeepingOp: try keepLayout(operation, operands)
    case is any ReductionOp: try add(operation, operands)
    case is Reshape: try add(operation, try operands.map { try $0.map { try rowMajor($0, operation) } })
    case is any ElementOp: try add(operation, operands)
    default: try add(operation, try operands.map { try $0.map { try plain($0, operation) } })
    }
    // What operations before it required that are no more.
    rebuild.builder.addGuards(operation.guards)
  }

  /// Appends the operation; its results get `layout`, or what the op infers.
  private mutating func add(_ operation: Operation, _ operands: [ValueID?], layout: Layout? = nil) throws {
    let names = operation.results.map { function[$0].name }
    let layouts = layout.map { [Layout](repeating: $0, count: operation.results.count) } ?? []
    let regions = operation.regions.map { rebuild.builder.copy($0, from: function) }
    let results = try rebuild.builder.add(
      operation.op, operands, regions: regions, at: operation.location, names: names, layouts: layouts)
    for (old, new) in zip(operation.results, results) { rebuild.set(old, to: new) }
  }

  /// Operands of the full shape take one layout: that of the first which is not row-major.
  private mutating func keepLayout(_ operation: Operation, _ operands: [ValueID?]) throws {
    let shape = function.type(of: operation.results[0]).shape
    let isPointwise = operation.op is any PointwiseOp
    let wide = operands.compactMap { $0 }.filter { id in
      let type = rebuild.builder.type(of: id)
      return isPointwise ? type.shape == shape : type.rank == shape.count
    }
    let layout = wide.map { rebuild.builder.type(of: $0).layout }.first { !$0.isPlain && $0.blocks.isEmpty } ?? .plain
    let ready = try operands.map { id in
      try id.map { wide.contains($0) ? try reorder($0, layout, at: operation.location) : $0 }
    }
    try add(operation, ready, layout: layout)
  }

  /// The layout in which nothing moves.
  private mutating func transpose(_ op: Transpose, _ operation: Operation, _ operands: [ValueID?]) throws {
    guard let source = operands[0] else { return }
    let type = rebuild.builder.type(of: source)
    let order = type.layout.axes(rank: type.rank).compactMap { op.permutation.firstIndex(of: $0) }
    try add(operation, operands, layout: Layout(order: order))
  }

  private mutating func matmul(_ op: Matmul, _ operation: Operation, _ operands: [ValueID?]) throws {
    guard let right = operands[1] else { return }
    let layout = op.rightLayout(rebuild.builder.type(of: right), target)
    let packed = try constants[right].map { _ in try reorder(right, layout, at: operation.location) } ?? right
    try add(operation, [operands[0], packed])
  }

  /// Padding becomes an operation of its own that fuses with whatever makes x, and the bias one that fuses behind.
  private mutating func convolution(_ op: Convolution, _ operation: Operation, _ operands: [ValueID?]) throws {
    guard let x = operands[0], let w = operands[1] else { return }
    let place = operation.location
    let types = (rebuild.builder.type(of: x), rebuild.builder.type(of: w))
    var input = op.readsPlanes(types.0, types.1) ? x : try reorder(x, channelsLast(x), at: place)
    let filters = try reorder(w, op.filterLayout(types.0, types.1, target), at: place)
    var bare = op
    if op.groups == 1, (op.before + op.after).contains(where: { $0 != 0 }) {
      let pad = Pad(
        before: [0, 0] + op.before.map { Dimension($0) }, after: [0, 0] + op.after.map { Dimension($0) },
        mode: .constant, value: 0)
      input = try rebuild.builder.add(pad, [input], at: place, layouts: [rebuild.builder.type(of: input).layout])[0]
      bare.before = op.before.map { _ in 0 }
      bare.after = bare.before
    }
    let layout = Layout.channelsLast(rank: types.0.rank)
    var result = try rebuild.builder.add(bare, [input, filters], at: place, layouts: [layout])[0]
    if operands.count > 2, let bias = operands[2] {
      let shape = [1, types.1.shape[0]] + types.0.shape.dropFirst(2).map { _ in Dimension(1) }
      let column = try rebuild.builder.add(Reshape(shape), [bias], at: place)[0]
      result = try rebuild.builder.add(Add(), [result, column], at: place)[0]
    }
    rebuild.builder.function[result].name = function[operation.results[0]].name
    rebuild.set(operation.results[0], to: result)
  }

  // MARK: Layouts

  private func channelsLast(_ value: ValueID) -> Layout { .channelsLast(rank: rebuild.builder.type(of: value).rank) }

  private mutating func plain(_ value: ValueID, _ operation: Operation) throws -> ValueID {
    try reorder(value, .plain, at: operation.location)
  }

  /// The value in row-major memory; where a layout's axes of extent 1 alone differ, it is that already.
  private mutating func rowMajor(_ value: ValueID, _ operation: Operation) throws -> ValueID {
    rebuild.builder.type(of: value).isRowMajorInMemory ? value : try plain(value, operation)
  }

  /// The value in a layout: itself, a packed constant, or a reordered copy.
  private mutating func reorder(_ value: ValueID, _ layout: Layout, at location: Location) throws -> ValueID {
    let type = rebuild.builder.type(of: value)
    if type.layout == layout { return value }
    guard type.layout.blocks.isEmpty || layout.blocks.isEmpty else {
      throw Diagnostic("layout", "\(type) is wanted in the layout \(layout): was it packed for another target?")
    }
    let wish = Wish(value: value, layout: layout)
    if let known = reordered[wish] { return known }
    let result: ValueID
    if let constant = constants[value], let packed = PackedConstant(constant, layout) {
      result = try rebuild.builder.add(packed, [], at: location, names: [rebuild.builder.function[value].name])[0]
    } else {
      result = try rebuild.builder.add(
        Reorder(layout), [value], at: location, names: [rebuild.builder.function[value].name])[0]
    }
    reordered[wish] = result
    return result
  }
}
