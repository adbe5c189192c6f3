import TensorIR
import TensorOps
import TensorSchedules

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
  private var rebuild: Rebuild
  /// Reorders made so far, so that two readers share one.
  private var reordered: [Wish: ValueID] = [:]
  private var constants: [ValueID: TensorLiteral] = [:]
  /// Conversions made so far, likewise.
  private var converted: [Conversion: ValueID] = [:]
  /// Where the operation at hand comes from.
  private var place = Location.unknown
  let target: Target

  private struct Wish: Hashable {
    var value: ValueID
    var layout: Layout
  }

  private struct Conversion: Hashable {
    var value: ValueID
    var element: ElementType
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
    rebuild.builder.checkpoint = operation.checkpoint
    switch operation.op {
    case let op as any StoredOp:
      rebuild.copy(operation)
      if let new = rebuild.values[operation.results[0]], operation.isPlainConstant { constants[new] = op.stored }
    case let op as any LayoutChoosingOp: try choose(op, operation, operands)
    case let op as any AliasOp: try view(op, operation, operands)
    case is any PointwiseOp, is any LayoutKeepingOp: try keepLayout(operation, operands)
    case is any ReductionOp, is any ElementOp: try add(operation, operands)
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
    let keeping = operation.op as? any LayoutKeepingOp
    let wide = operands.enumerated().map { place, id in
      guard let id, keeping?.keepsLayout(ofOperand: place) ?? true else { return false }
      let type = rebuild.builder.type(of: id)
      return isPointwise ? type.shape == shape : type.rank == shape.count
    }
    let layouts = zip(operands, wide).compactMap { id, isWide in isWide ? id.map(type(of:))?.layout : nil }
    let layout = layouts.first { !$0.isPlain && $0.blocks.isEmpty } ?? .plain
    let ready = try operands.enumerated().map { place, id -> ValueID? in
      guard let id else { return nil }
      if wide[place] { return try reorder(id, layout, at: operation.location) }
      return keeping?.keepsLayout(ofOperand: place) == false ? try plain(id, operation) : id
    }
    try add(operation, ready, layout: layout)
  }

  /// In the layouts in which nothing moves.
  private mutating func view(_ op: any AliasOp, _ operation: Operation, _ operands: [ValueID?]) throws {
    guard let source = operands[0] else { return }
    let layouts = op.viewLayouts(of: rebuild.builder.type(of: source))
    let ready = try layouts.operand.map { try reorder(source, $0, at: operation.location) } ?? source
    try add(operation, [ready] + operands.dropFirst(), layout: layouts.result)
  }

  /// As the op itself wants it.
  private mutating func choose(_ op: any LayoutChoosingOp, _ operation: Operation, _ operands: [ValueID?]) throws {
    place = operation.location
    let result = try op.build(operands, &self)
    if rebuild.builder.function[result].name.isEmpty {
      rebuild.builder.function[result].name = function[operation.results[0]].name
    }
    rebuild.set(operation.results[0], to: result)
  }

  // MARK: Layouts

  private mutating func plain(_ value: ValueID, _ operation: Operation) throws -> ValueID {
    try reorder(value, .plain, at: operation.location)
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

extension AssignLayouts: LayoutBuilder {
  func type(of value: ValueID) -> TensorType { rebuild.builder.type(of: value) }
  func literal(_ value: ValueID) -> TensorLiteral? { constants[value] }

  mutating func constant(_ literal: TensorLiteral) throws -> ValueID {
    let result = try add(Constant(literal), [], layout: nil)
    constants[result] = literal
    return result
  }

  mutating func reordered(_ value: ValueID, _ layout: Layout) throws -> ValueID {
    try reorder(value, layout, at: place)
  }

  mutating func converted(_ value: ValueID, to element: ElementType) throws -> ValueID {
    let conversion = Conversion(value: value, element: element)
    if let known = converted[conversion] { return known }
    let result = try add(Cast(to: element), [value], layout: type(of: value).layout)
    converted[conversion] = result
    return result
  }

  mutating func reshaped(_ value: ValueID, _ shape: [Dimension]) throws -> ValueID {
    if let constant = constants[value],
      let same = TensorLiteral(
        constant.elementType, shape: shape.compactMap(\.constant), bytes: constant.bytes)
    {
      return try self.constant(same)
    }
    return try add(Reshape(shape), [try reordered(value, .plain)], layout: nil)
  }

  mutating func add(_ op: any Op, _ operands: [ValueID?], layout: Layout?) throws -> ValueID {
    try rebuild.builder.add(op, operands, at: place, layouts: layout.map { [$0] } ?? [])[0]
  }
}
