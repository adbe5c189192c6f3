import TensorIR
import TensorOps

/// Builds the expression for one element (or one vector of elements) of a value of a group, walking back through the
/// operations to the leaves. This is how pointwise operations, views and gathers fuse into whatever reads or makes them.
final class ElementEvaluator {
  let group: Group
  let builder: KernelBuilder
  let target: Target
  /// Memory of the leaves.
  private var buffers: [ValueID: Buffer] = [:]
  /// Values that are at hand by other means: an accumulator, a row in scratch memory.
  private var sources: [ValueID: ([Index]) throws -> Expression] = [:]
  /// What was computed already at an index, so that a value used twice is computed once.
  private var known: [Key: Expression] = [:]
  /// The width of a vector where an index steps from lane to lane.
  var lanes = 1
  /// In the last, partial vector of a loop: how many lanes count.
  var partialCount: Expression?

  /// Margins that the loop at hand does not touch: a padded value and the axis along which this index is inside.
  var inside: (value: ValueID, axis: Int, column: Index)?

  private struct Key: Hashable {
    var value: ValueID
    var index: [Index]
  }

  init(_ group: Group, _ builder: KernelBuilder, _ target: Target) {
    self.group = group
    self.builder = builder
    self.target = target
  }

  /// Gives the memory of a leaf.
  func bind(_ value: ValueID, to buffer: Buffer) { buffers[value] = buffer }

  /// The memory of a leaf, where the value is one.
  func buffer(of value: ValueID) -> Buffer? { buffers[value] }

  /// Makes a parameter for each leaf, which is read from memory that goes to the end of the kernel's buffers.
  func bindParameters(_ leaves: [ValueID], _ buffers: inout [BufferReference], _ sink: any KernelSink) throws {
    for leaf in leaves {
      bind(leaf, to: builder.parameter("x\(buffers.count)", group.type(of: leaf).elementType, .read))
      buffers.append(try sink.buffer(of: leaf))
    }
  }

  /// Gives a value by a closure, for anchors.
  func bind(_ value: ValueID, to source: @escaping ([Index]) throws -> Expression) { sources[value] = source }

  /// Forgets a closure, so that the value is computed again.
  func unbind(_ value: ValueID) { sources[value] = nil }

  /// Runs `body` with its own memory of what is known: variables of an inner block must not be used outside it.
  func scope<T>(lanes: Int, partial: Expression? = nil, _ body: () throws -> T) rethrows -> T {
    let saved = (known, self.lanes, partialCount)
    (self.lanes, partialCount) = (lanes, partial)
    if lanes != saved.1 || partial != saved.2 { known = known.filter { !$0.key.index.contains { $0.step != 0 } } }
    defer { (known, self.lanes, partialCount) = saved }
    return try body()
  }

  /// The element of a value at an index on each of its axes; a vector if one of them steps.
  func value(_ id: ValueID, at index: [Index]) throws -> Expression {
    let key = Key(value: id, index: index)
    if let expression = known[key] { return expression }
    let expression: Expression
    if let source = sources[id] {
      expression = try source(index)
    } else if let buffer = buffers[id] {
      expression = try load(buffer, group.type(of: id), at: index)
    } else if let operation = group.producer(of: id), let op = operation.op as? any ElementOp {
      let access = ElementAccess(evaluator: self, operation: operation)
      expression = try access.element(op.source(group.operandTypes(operation), group.type(of: id)), at: index)
    } else {
      throw Diagnostic("internal", "no way to compute an element of \(id) in a kernel", at: group.location)
    }
    if expression.type.lanes > 1 { try requireVectors(expression.type.element) }
    let named = builder.declare("v", expression)
    known[key] = named
    return named
  }

  /// The element of a value of a pointwise group at a position on joined axes, where all values are addressed by the same
  /// position; `offset` gives a leaf's.
  func joinedValue(
    _ id: ValueID, at index: [Index], offset: (ValueID) -> (Expression, step: Expression)
  ) throws -> Expression {
    let key = Key(value: id, index: index)
    if let expression = known[key] { return expression }
    let expression: Expression
    if let source = sources[id] {
      expression = try source(index)
    } else if let buffer = buffers[id] {
      let (position, step) = offset(id)
      expression = try load(buffer, offset: position, step: step)
    } else if let operation = group.producer(of: id), let op = operation.op as? any PointwiseOp {
      var operands = try operation.operands.compactMap { $0 }.map { try joinedValue($0, at: index, offset: offset) }
      let lanes = operands.map(\.type.lanes).max() ?? 1
      operands = operands.map { widened($0, lanes: lanes) }
      expression = op.element(operands, LoopType(group.type(of: id).elementType.computeType, lanes: lanes))
    } else if let operation = group.producer(of: id), let op = operation.op as? any ElementOp, op.isUniform {
      let source = op.source(group.operandTypes(operation), group.type(of: id))
      return try ElementAccess(evaluator: self, operation: operation).element(source, at: [])
    } else {
      throw Diagnostic("internal", "no way to compute an element of \(id) in a kernel", at: group.location)
    }
    if expression.type.lanes > 1 { try requireVectors(expression.type.element) }
    let named = builder.declare("v", expression)
    known[key] = named
    return named
  }

  /// Loads from memory laid out by a type.
  func load(_ buffer: Buffer, _ type: TensorType, at index: [Index]) throws -> Expression {
    let (offset, step) = try self.offset(type, at: index)
    return try load(buffer, offset: offset, step: step)
  }

  /// Loads one element, or a vector whose lanes are `step` apart.
  func load(_ buffer: Buffer, offset: Expression, step: Expression) throws -> Expression {
    if step.constantIndex == 0 { return .load(buffer, offset, lanes: 1) }
    try requireVectors(buffer.element.computeType)
    if step.constantIndex == 1 {
      if let count = partialCount { return .loadPartial(buffer, offset, lanes: lanes, count: count) }
      return .load(buffer, offset, lanes: lanes)
    }
    if let count = partialCount {
      // Farther apart, lanes that may not be there are read one by one, and then the loop had better be scalar.
      guard step.constantIndex == 2, buffer.element.bitWidth >= 32 else { throw NotVectorizable() }
      return .gatherPartial(buffer, offset, stride: step, lanes: lanes, count: count)
    }
    return .gather(buffer, offset, stride: step, lanes: lanes)
  }

  /// The flat position of an index in memory, and how far lanes lie apart.
  func offset(_ type: TensorType, at index: [Index]) throws -> (Expression, step: Expression) {
    guard let strides = type.layout.strides(of: type.shape) else { return try blockedOffset(type, at: index) }
    var offset: Expression = 0
    var step: Expression = 0
    for axis in type.layout.axes(rank: type.rank) {
      if index[axis].step == Index.unknownStep { throw NotVectorizable() }
      let stride = builder.extent(strides[axis])
      offset = offset + index[axis].base * stride
      step = step + .integer(index[axis].step) * stride
    }
    return (offset, step)
  }

  /// A blocked axis splits an index into block and lane; lanes may not cross blocks, so only scalars are read.
  private func blockedOffset(_ type: TensorType, at index: [Index]) throws -> (Expression, step: Expression) {
    guard index.allSatisfy({ $0.step == 0 }) else { throw NotVectorizable() }
    var outer = index.map(\.base)
    var inner: [Expression] = []
    for block in type.layout.blocks {
      inner.append(outer[block.axis] % .integer(block.size))
      outer[block.axis] = outer[block.axis] / .integer(block.size)
    }
    let extents = type.layout.storedShape(type.shape)
    var offset: Expression = 0
    for (position, extent) in zip(type.layout.axes(rank: type.rank).map { outer[$0] } + inner, extents) {
      offset = offset * builder.extent(extent) + position
    }
    return (offset, 0)
  }

  /// Vectors hold W elements of 4 bytes or W/2 of 8: a vector of another width means this loop must be scalar.
  func hasVectors(of element: ElementType) -> Bool {
    let wide = element == .f64 || element == .i64 || element == .u64
    let narrow = element == .i16 || element == .u16 || element == .i4 || element == .u4
    return !narrow && (element == .bool || target.vectorBytes / (wide ? 8 : 4) == lanes)
  }

  func requireVectors(_ element: ElementType) throws { if !hasVectors(of: element) { throw NotVectorizable() } }

  /// The value in all lanes in use, to be stored.
  func filled(_ value: Expression) throws -> Expression {
    if value.type.lanes == lanes { return value }
    try requireVectors(value.type.element)
    return .broadcast(value, lanes: lanes)
  }

  /// Two different symbols broadcast: at run time one of them may be 1, and then its index stays 0.
  func ambiguous(_ index: Index, extent: Dimension) -> Index {
    let isOne = Expression.binary(.equal, builder.extent(extent), 1)
    return Index(.select(isOne, 0, index.base), step: index.step == 0 ? 0 : Index.unknownStep)
  }

  /// The value in as many lanes as are asked for.
  func widened(_ value: Expression, lanes: Int) -> Expression {
    value.type.lanes == lanes ? value : .broadcast(value, lanes: lanes)
  }
}

/// What an op sees of the kernel while it builds one element of its result.
struct ElementAccess {
  let evaluator: ElementEvaluator
  let operation: Operation

  var builder: KernelBuilder { evaluator.builder }
  func type(_ operand: Int) -> TensorType { evaluator.group.type(of: operation.operands[operand]) }
  func resultType(_ result: Int = 0) -> TensorType { evaluator.group.type(of: operation.results[result]) }

  /// An element of an operand.
  func operand(_ operand: Int, at index: [Index]) throws -> Expression {
    guard let id = operation.operands[operand] else {
      throw Diagnostic("internal", "an operand that is left out was asked for", at: operation.location)
    }
    return try evaluator.value(id, at: index)
  }

  /// Two different symbols broadcast: at run time one of them may be 1, and then its index stays 0.
  func ambiguous(_ index: Index, extent: Dimension) -> Index {
    evaluator.ambiguous(index, extent: extent)
  }
}
