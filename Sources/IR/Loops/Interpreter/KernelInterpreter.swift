/// What an interpreted kernel does that no kernel may: reads or writes outside its memory, touches what another thread
/// touches, parts from the others before a barrier.
public struct LoopFault: Error, CustomStringConvertible {
  public var description: String
  init(_ description: String) { self.description = description }
}

/// Computes in f32 what the prelude computes by series of its own, bit for bit as compiled code does.
public protocol SeriesArithmetic: Sendable {
  /// The value; nil for an intrinsic that it does not have.
  func call(_ intrinsic: Intrinsic, _ operands: [Float]) -> Float?
}

/// Runs a kernel for a team of threads, in the kernel's own arithmetic, with every access looked at.
///
/// Threads take turns: each runs up to the next statement in which threads meet, and there all go on together. Where one
/// would go another way than the rest, there is a fault.
public final class KernelInterpreter {
  /// Intrinsics that were called and that the prelude computes by series of its own: the last bits may differ from its.
  public private(set) var approximated: Set<Intrinsic> = []
  /// The indices that the data hold and an axis does not have, as the emitted kernel would tell.
  public private(set) var badIndices: [(index: Int, extent: Int, op: String)] = []
  /// The intervals between barriers so far; memory is asked whether threads meet within one.
  public var interval = 0
  /// So many statements are enough for what is interpreted; one that takes more does not end.
  public var mostStatements = 200_000_000

  private var threads: [ThreadState] = []
  private var statementCount = 0
  private let series: (any SeriesArithmetic)?

  /// - Parameter series: without it, what the prelude computes by series is computed in f64 and rounded.
  public init(series: (any SeriesArithmetic)? = nil) { self.series = series }

  /// - Parameters:
  ///   - memories: for each thread, the memory of each parameter; what threads share is one object.
  public func run(_ kernel: Kernel, _ memories: [[LoopMemory]], scalars: [Int]) throws {
    threads = memories.enumerated().map { number, memories in
      let state = ThreadState(number)
      for (parameter, memory) in zip(kernel.buffers, memories) { state.buffers[parameter.buffer.id] = (memory, 0) }
      for (variable, value) in zip(kernel.scalars, scalars) { state.set(variable.id, value) }
      state.set(kernel.thread.id, number)
      return state
    }
    for state in threads { state.set(kernel.team.id, threads.count) }
    do { try together(kernel.body) } catch let fault as LoopFault {
      throw LoopFault("kernel '\(kernel.name)': \(fault.description)")
    }
  }

  // MARK: All threads

  private func together(_ statements: [Statement]) throws {
    for statement in statements {
      guard statement.hasBarrier else {
        for thread in threads { try run(statement, thread) }
        continue
      }
      switch statement {
      case .barrier: interval += 1
      case .branch(let condition, let then, let otherwise):
        try together(try agreed("a condition", condition) != 0 ? then : otherwise)
      case .whileLoop(let condition, let body):
        while try agreed("a condition", condition) != 0 { try together(body) }
      case .loop(let loop):
        var place = try agreed("a bound of a loop", loop.from)
        while place < (try agreed("a bound of a loop", loop.to)) {
          for thread in threads { thread.set(loop.variable.id, place) }
          try together(loop.body)
          place += try agreed("the step of a loop", loop.step)
        }
      default: break
      }
    }
  }

  /// A value on which all threads must agree, for there is a barrier to which it leads.
  private func agreed(_ what: String, _ expression: Expression) throws -> Int {
    let values = try threads.map { try index(expression, $0) }
    guard let first = values.first, values.allSatisfy({ $0 == first }) else {
      throw LoopFault("\(what) before a barrier differs between threads: \(values)")
    }
    return first
  }

  // MARK: One thread

  private func run(_ statements: [Statement], _ thread: ThreadState) throws {
    for statement in statements { try run(statement, thread) }
  }

  private func run(_ statement: Statement, _ thread: ThreadState) throws {
    statementCount += 1
    if statementCount > mostStatements { throw LoopFault("it does not end") }
    switch statement {
    case .declare(let variable, let value, _), .assign(let variable, let value):
      thread.variables[variable.id] = try evaluate(value, thread)
    case .array(let buffer, let count):
      thread.buffers[buffer.id] = (LoopMemory(count: (count * buffer.element.bitWidth + 7) / 8, .oneThread), 0)
    case .pointer(let pointer, let buffer, let offset):
      let base = try thread.memory(buffer)
      thread.buffers[pointer.id] = (base.memory, base.start + (try index(offset, thread)))
    case .advance(let pointer, let step): thread.buffers[pointer.id]?.start += try index(step, thread)
    case .store(let buffer, let offset, let value, let count):
      let lanes = try evaluate(value, thread)
      let kept = try count.map { try index($0, thread) } ?? lanes.count
      let start = try index(offset, thread)
      for lane in 0..<max(0, min(kept, lanes.count)) { try store(lanes[lane], buffer, start + lane, thread) }
    case .transpose(let block): try transpose(block, thread)
    case .multiplyTiles(let product): try multiply(product, thread)
    case .loop(let loop):
      var place = try index(loop.from, thread)
      while place < (try index(loop.to, thread)) {
        thread.set(loop.variable.id, place)
        try run(loop.body, thread)
        place += try index(loop.step, thread)
      }
    case .branch(let condition, let then, let otherwise):
      try run(try index(condition, thread) != 0 ? then : otherwise, thread)
    case .whileLoop(let condition, let body): while try index(condition, thread) != 0 { try run(body, thread) }
    case .badIndex(let place, let extent, let op, _):
      badIndices.append((try index(place, thread), try index(extent, thread), op))
    case .barrier, .prefetch, .stream, .comment: break
    }
  }

  private func transpose(_ block: BlockTransposition, _ thread: ThreadState) throws {
    let (from, to) = (try index(block.fromOffset, thread), try index(block.toOffset, thread))
    let (rows, columns) = (try index(block.fromStep, thread), try index(block.toStep, thread))
    for i in 0..<block.lanes {
      for j in 0..<block.lanes {
        try store(try load(block.from, from + i * rows + j, thread), block.to, to + j * columns + i, thread)
      }
    }
  }

  private func multiply(_ product: TileMultiplication, _ thread: ThreadState) throws {
    let numbers = try product.indices.map { try index($0, thread) }
    let (sums, left, row, right, steps, rows) = (
      numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5]
    )
    let columns = TileMultiplication.columns
    for r in 0..<rows {
      for start in stride(from: 0, to: steps, by: TileMultiplication.block) {
        let block = start..<min(start + TileMultiplication.block, steps)
        let words = try block.map { try load(product.left, left + r * row + $0, thread) }
        for c in 0..<columns {
          let panel = try block.map { try load(product.right, right + $0 * columns + c, thread) }
          let place = sums + r * columns + c
          let sum = LaneArithmetic.tile(words, panel, try load(product.sums, place, thread))
          try store(sum, product.sums, place, thread)
        }
      }
    }
  }

  private func place(_ buffer: Buffer, _ offset: Int, _ thread: ThreadState) throws -> (memory: LoopMemory, place: Int)
  {
    let (memory, start) = try thread.memory(buffer)
    let (place, count) = (start + offset, memory.count(of: buffer.element))
    guard place >= 0, place < count else {
      throw LoopFault("'\(buffer.name)' has \(count) elements and is accessed at \(place)")
    }
    return (memory, place)
  }

  private func load(_ buffer: Buffer, _ offset: Int, _ thread: ThreadState) throws -> UInt64 {
    let (memory, place) = try place(buffer, offset, thread)
    guard let value = memory.load(place, buffer.element, thread: thread.number, interval: interval) else {
      throw LoopFault("'\(buffer.name)' is read at \(place) while another thread writes there")
    }
    return value
  }

  private func store(_ value: UInt64, _ buffer: Buffer, _ offset: Int, _ thread: ThreadState) throws {
    let (memory, place) = try place(buffer, offset, thread)
    guard memory.store(value, place, buffer.element, thread: thread.number, interval: interval) else {
      throw LoopFault("'\(buffer.name)' is written at \(place) while another thread is there")
    }
  }

  // MARK: Expressions

  /// An index, or a condition as 0 or 1.
  private func index(_ expression: Expression, _ thread: ThreadState) throws -> Int {
    if case .integer(let value) = expression { return value }
    return Int(truncatingIfNeeded: Int64(bitPattern: try evaluate(expression, thread)[0]))
  }

  private func evaluate(_ expression: Expression, _ thread: ThreadState) throws -> [UInt64] {
    switch expression {
    case .integer(let value): return [UInt64(bitPattern: Int64(value))]
    case .float(let number, let type):
      return Array(repeating: LaneArithmetic.bits(number.value, type.element), count: type.lanes)
    case .literal(let value, let type):
      let bits = LaneArithmetic.canonical(UInt64(bitPattern: Int64(value)), type.element)
      return Array(repeating: bits, count: type.lanes)
    case .variable(let variable):
      guard let value = thread.variables[variable.id] else {
        throw LoopFault("'\(variable.name)' is read before it has a value")
      }
      return value
    case .unary(let op, let a): return try evaluate(a, thread).map { LaneArithmetic.unary(op, $0, a.type) }
    case .binary(let op, let a, let b): return try binary(op, a, b, thread)
    case .select(let condition, let a, let b): return try select(condition, a, b, thread)
    case .convert(let a, let element):
      return try evaluate(a, thread).map { LaneArithmetic.convert($0, a.type.element, element) }
    case .asIndex(let a), .bitcast(let a, .f64), .bitcast(let a, .i64), .bitcast(let a, .u64):
      return try evaluate(a, thread)
    case .bitcast(let a, let element): return try evaluate(a, thread).map { LaneArithmetic.canonical($0, element) }
    case .load, .loadPartial, .gather, .gatherPartial: return try load(expression, thread)
    case .broadcast(let a, let lanes): return Array(repeating: try evaluate(a, thread)[0], count: lanes)
    case .ramp(let base, let step, let lanes): return try ramp(base, step, lanes, thread)
    case .intrinsic(let intrinsic, let operands, let type): return try call(intrinsic, operands, type, thread)
    case .reduce(let reduction, let a): return [try reduce(reduction, try evaluate(a, thread), a.type.element)]
    }
  }

  private func binary(
    _ op: BinaryOperator, _ a: Expression, _ b: Expression, _ thread: ThreadState
  ) throws -> [UInt64] {
    let x = try evaluate(a, thread)
    if x.count == 1, op == .logicalAnd || op == .logicalOr, (x[0] == 0) == (op == .logicalAnd) { return x }
    let y = try evaluate(b, thread)
    let type = a.type
    return try x.indices.map { try LaneArithmetic.binary(op, x[$0], y[$0], type) }
  }

  private func select(
    _ condition: Expression, _ a: Expression, _ b: Expression, _ thread: ThreadState
  ) throws -> [UInt64] {
    let c = try evaluate(condition, thread)
    if c.count == 1 { return try evaluate(c[0] != 0 ? a : b, thread) }
    let (x, y) = (try evaluate(a, thread), try evaluate(b, thread))
    return x.indices.map { c[$0] != 0 ? x[$0] : y[$0] }
  }

  private func load(_ expression: Expression, _ thread: ThreadState) throws -> [UInt64] {
    func lanes(_ buffer: Buffer, _ offset: Expression, _ count: Int, _ step: Int, _ kept: Int) throws -> [UInt64] {
      let start = try index(offset, thread)
      let (memory, base) = try thread.memory(buffer)
      if count == kept, step == 1, let whole = memory.words(base + start, count, buffer.element) { return whole }
      return try (0..<count).map { $0 < kept ? try load(buffer, start + $0 * step, thread) : 0 }
    }
    switch expression {
    case .load(let buffer, let offset, let count): return try lanes(buffer, offset, count, 1, count)
    case .loadPartial(let buffer, let offset, let count, let kept):
      return try lanes(buffer, offset, count, 1, try index(kept, thread))
    case .gather(let buffer, let offset, let stride, let count):
      return try lanes(buffer, offset, count, try index(stride, thread), count)
    case .gatherPartial(let buffer, let offset, let stride, let count, let kept):
      return try lanes(buffer, offset, count, try index(stride, thread), try index(kept, thread))
    default: return []
    }
  }

  private func ramp(_ base: Expression, _ step: Expression, _ lanes: Int, _ thread: ThreadState) throws -> [UInt64] {
    let (start, by) = (try evaluate(base, thread)[0], try evaluate(step, thread)[0])
    let type = LoopType(base.type.element)
    return try (0..<lanes).map { lane in
      let number = LaneArithmetic.convert(UInt64(lane), .i64, type.element)
      return try LaneArithmetic.binary(.add, start, try LaneArithmetic.binary(.multiply, by, number, type), type)
    }
  }

  private func call(
    _ intrinsic: Intrinsic, _ operands: [Expression], _ type: LoopType, _ thread: ThreadState
  ) throws -> [UInt64] {
    let from = operands[0].type.element
    let values = try operands.map { try evaluate($0, thread) }
    // Products are nearly all that models do.
    if intrinsic == .fma, from == .f32 { return LaneArithmetic.fused(values[0], values[1], values[2]) }
    if !intrinsic.declaration.isExact, from.isFloat, from != .f64 {
      if from == .f32, let lanes = series(intrinsic, values) { return lanes }
      approximated.insert(intrinsic)
    }
    return try (0..<type.lanes).map { lane in
      try LaneArithmetic.call(intrinsic, values.map { $0[lane] }, from, type.element)
    }
  }

  private func series(_ intrinsic: Intrinsic, _ values: [[UInt64]]) -> [UInt64]? {
    guard let series else { return nil }
    var lanes: [UInt64] = []
    for lane in values[0].indices {
      let operands = values.map { Float(bitPattern: UInt32(truncatingIfNeeded: $0[lane])) }
      guard let value = series.call(intrinsic, operands) else { return nil }
      lanes.append(UInt64(value.bitPattern))
    }
    return lanes
  }

  /// Lane i with lane i + half, and so on.
  private func reduce(_ reduction: LaneReduction, _ lanes: [UInt64], _ element: ElementType) throws -> UInt64 {
    if element == .bool {
      let isAll = reduction == .minimum || reduction == .product
      return (isAll ? lanes.allSatisfy { $0 != 0 } : lanes.contains { $0 != 0 }) ? 1 : 0
    }
    var lanes = lanes
    let type = LoopType(element)
    while lanes.count > 1 {
      let half = lanes.count / 2
      lanes = try (0..<half).map { i in
        let (a, b) = (lanes[i], lanes[i + half])
        switch reduction {
        case .sum: return try LaneArithmetic.binary(.add, a, b, type)
        case .product: return try LaneArithmetic.binary(.multiply, a, b, type)
        case .minimum: return try LaneArithmetic.call(.minimum, [a, b], element, element)
        case .maximum: return try LaneArithmetic.call(.maximum, [a, b], element, element)
        }
      }
    }
    return lanes[0]
  }
}

/// What one thread of an interpreted kernel holds.
private final class ThreadState {
  let number: Int
  var variables: [Int: [UInt64]] = [:]
  /// Memory, and where in it the buffer begins.
  var buffers: [Int: (memory: LoopMemory, start: Int)] = [:]

  init(_ number: Int) { self.number = number }

  func set(_ variable: Int, _ value: Int) { variables[variable] = [UInt64(bitPattern: Int64(value))] }

  func memory(_ buffer: Buffer) throws -> (memory: LoopMemory, start: Int) {
    guard let found = buffers[buffer.id] else { throw LoopFault("'\(buffer.name)' is used before it is there") }
    return found
  }
}
