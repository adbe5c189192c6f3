/// Writes the body of a kernel: makes variables, buffers and loops, and keeps track of where statements go.
public final class KernelBuilder {
  public private(set) var kernel: Kernel
  /// The open blocks, innermost last.
  private var blocks: [[Statement]] = [[]]
  private var nextID = 2
  /// Scalar parameters by the dimension that the caller passes for them.
  private var extents: [(dimension: Dimension, variable: Variable)] = []

  /// The places of the operations whose indices the kernel looks at, by the numbers that it knows them by.
  public private(set) var origins: [Location] = []

  /// What the kernel is written for.
  public let target: Target

  public init(name: String, comments: [String] = [], for target: Target = .generic) {
    self.target = target
    kernel = Kernel(name: name)
    kernel.comments = comments
  }

  public var thread: Expression { .variable(kernel.thread) }
  public var team: Expression { .variable(kernel.team) }

  /// The dimensions to pass for the scalar parameters, in order.
  public var scalarArguments: [Dimension] { extents.map(\.dimension) }

  /// Numbers up to this are written into the kernel; larger ones are passed, so that kernels are shared between shapes.
  public var largestLiteral = 16

  // MARK: Parameters

  public func parameter(_ name: String, _ element: ElementType, _ access: Kernel.Parameter.Access) -> Buffer {
    let buffer = Buffer(id: makeID(), name: name, element: element)
    kernel.buffers.append(.init(buffer, access))
    return buffer
  }

  /// The value of a dimension inside the kernel: a literal, or a parameter that is shared by equal dimensions.
  public func extent(_ dimension: Dimension) -> Expression {
    if let value = dimension.constant, value.magnitude <= largestLiteral { return .integer(value) }
    if let known = extents.first(where: { $0.dimension == dimension }) { return .variable(known.variable) }
    let variable = Variable(id: makeID(), name: "n\(extents.count)", type: .index)
    extents.append((dimension, variable))
    kernel.scalars.append(variable)
    return .variable(variable)
  }

  // MARK: Variables

  public func makeVariable(_ name: String, _ type: LoopType) -> Variable {
    Variable(id: makeID(), name: name, type: type)
  }

  /// Names a value, so that it is computed once.
  public func declare(_ name: String, _ value: Expression) -> Expression {
    if value.isTrivial { return value }
    let variable = makeVariable(name, value.type)
    emit(.declare(variable, value, mutable: false))
    return .variable(variable)
  }

  /// A variable that is assigned later.
  public func mutable(_ name: String, _ value: Expression) -> Variable {
    let variable = makeVariable(name, value.type)
    emit(.declare(variable, value, mutable: true))
    return variable
  }

  public func assign(_ variable: Variable, _ value: Expression) { emit(.assign(variable, value)) }

  /// An array on the stack.
  public func array(_ name: String, _ element: ElementType, count: Int) -> Buffer {
    let buffer = Buffer(id: makeID(), name: name, element: element)
    emit(.array(buffer, count: count))
    return buffer
  }

  /// A pointer into a buffer, to be moved with ``advance(_:by:)``.
  public func pointer(_ name: String, into buffer: Buffer, offset: Expression) -> Buffer {
    let pointer = Buffer(id: makeID(), name: name, element: buffer.element)
    emit(.pointer(pointer, into: buffer, offset: offset))
    return pointer
  }

  public func advance(_ pointer: Buffer, by elements: Expression) { emit(.advance(pointer, by: elements)) }

  public func store(_ buffer: Buffer, _ offset: Expression, _ value: Expression, count: Expression? = nil) {
    emit(.store(buffer, offset, value, count: count))
  }

  /// Stores whole vectors of a result past the caches where it has ``Tuning/Elements/leastStreamed`` bytes. For results of which
  /// every element is written once and none is read again in the kernel.
  public func stream(_ result: Buffer, elements: Dimension) {
    let width = result.element.bitWidth / 8
    if width < 4 { return }
    if let count = elements.constant, count < target.tuning.elements.leastStreamed / width { return }
    emit(.stream(result, bytes: extent(elements) * .integer(width)))
  }

  public func emit(_ statement: Statement) { blocks[blocks.count - 1].append(statement) }

  /// Notes an index that an axis does not have, for an error that names the operation which was given it. The kernel
  /// holds its number alone, so that calls for other operations may share the kernel.
  public func badIndex(_ index: Expression, extent: Expression, of op: String, at place: Location) {
    let known = origins.firstIndex(of: place)
    if known == nil { origins.append(place) }
    emit(.badIndex(index, extent: extent, of: op, origin: known ?? origins.count - 1))
  }

  public func comment(_ text: String) { emit(.comment(text)) }

  // MARK: Control

  /// What `body` writes, as a block of its own.
  public func block(_ body: () throws -> Void) rethrows -> [Statement] {
    blocks.append([])
    do { try body() } catch {
      blocks.removeLast()
      throw error
    }
    return blocks.removeLast()
  }

  /// Runs `body` as a part of the open block; nothing of it stays where it throws.
  public func blockWithResult<T>(_ body: () throws -> T) throws -> T {
    var result: T?
    let statements = try block { result = try body() }
    statements.forEach(emit)
    guard let result else { throw Diagnostic("internal", "a block gave no result") }
    return result
  }

  public func loop(
    _ name: String, from: Expression = 0, to: Expression, step: Expression = 1,
    unroll: Statement.Loop.Unroll = .compiler,
    _ body: (Expression) throws -> Void
  ) rethrows {
    let variable = makeVariable(name, .index)
    let inner = try block { try body(.variable(variable)) }
    emit(.loop(.init(variable, from: from, to: to, step: step, unroll: unroll, body: inner)))
  }

  public func branch(_ condition: Expression, then: () throws -> Void) rethrows {
    emit(.branch(condition, then: try block(then), otherwise: []))
  }

  public func branch(_ condition: Expression, then: () throws -> Void, otherwise: () throws -> Void) rethrows {
    let first = try block(then)
    let second = try block(otherwise)
    emit(.branch(condition, then: first, otherwise: second))
  }

  /// Splits `count` pieces of work between the threads of the call: each runs `body` for a contiguous share. How a piece
  /// is computed does not depend on which thread runs it, so the bits do not depend on the number of threads.
  public func parallel(_ name: String, count: Expression, _ body: (Expression) throws -> Void) rethrows {
    let (from, to) = share(name, count: count)
    try loop(name, from: from, to: to, body)
  }

  /// This thread's part of a range of iterations.
  public func share(_ name: String, count: Expression) -> (from: Expression, to: Expression) {
    // Two threads would write the halves of one byte: the first does all of it.
    let isAlone = kernel.buffers.contains { $0.buffer.element.bitWidth < 8 && $0.access != .read }
    let end = isAlone ? Expression.select(.binary(.equal, thread, 0), count, 0) : count * (thread + 1) / team
    return (declare("\(name)_from", isAlone ? 0 : count * thread / team), declare("\(name)_to", end))
  }

  public func finish() -> Kernel {
    kernel.body = blocks[0]
    return kernel
  }

  private func makeID() -> Int {
    nextID += 1
    return nextID - 1
  }
}
