/// What is known of where a kernel reads and writes in one of its calls.
public struct BoundsReport: Sendable, Hashable {
  /// Reads and writes that lie within their buffer for every size that can come.
  public var proved = 0
  /// Those of which that is not known, by the number of their statement.
  public var open: [Int] = []
  public var count: Int { proved + open.count }
}

/// Looks at every read and write of a kernel with the sizes of one call. What follows from loops, conditions and sizes is
/// proved; positions that come from data are proved only where a condition keeps them. What is certainly wrong, because it
/// is certainly reached and lies outside, is a mistake.
struct BoundsVerifier {
  private(set) var report = BoundsReport()
  private(set) var mistakes: [KernelMistake] = []
  private var proof: BoundsProof
  private var statement = 0
  private var statementCount = 0
  /// Whether what stands here is certainly reached.
  private var isCertain = true
  /// The values of variables, by id; what is not here is not known.
  private var values: [Int: Dimension] = [:]
  /// The elements of the buffers.
  private var extents: [Int: Dimension] = [:]
  /// For pointers, the buffer that they point into and the place.
  private var pointers: [Int: (buffer: Buffer, offset: Dimension?)] = [:]
  private let team: Dimension

  /// - Parameters:
  ///   - extents: how many elements each buffer has.
  ///   - scalars: what the call passes.
  init(_ kernel: Kernel, extents: [Dimension], scalars: [Dimension], symbols: SymbolTable) {
    proof = BoundsProof(symbols)
    team = proof.variable(from: [1], to: [])
    values[kernel.team.id] = team
    values[kernel.thread.id] = proof.variable(from: [0], to: [team - 1])
    for (variable, value) in zip(kernel.scalars, scalars) { values[variable.id] = value }
    for (parameter, extent) in zip(kernel.buffers, extents) { self.extents[parameter.buffer.id] = extent }
    block(kernel.body)
  }

  // MARK: Statements

  private mutating func block(_ statements: [Statement]) {
    for statement in statements {
      self.statement = statementCount
      statementCount += 1
      visit(statement)
    }
  }

  private mutating func visit(_ statement: Statement) {
    switch statement {
    case .declare(let variable, let value, let isMutable):
      look(value)
      values[variable.id] = isMutable ? nil : translate(value, naming: variable)
    case .assign(_, let value): look(value)
    case .array(let buffer, let count): extents[buffer.id] = Dimension(count)
    case .pointer(let pointer, let buffer, let offset):
      look(offset)
      let base = pointers[buffer.id] ?? (buffer, 0)
      let place = base.offset.flatMap { start in translate(offset).map { start + $0 } }
      pointers[pointer.id] = (base.buffer, place)
    case .advance(let pointer, let step):
      look(step)
      let old = pointers[pointer.id]?.offset
      let moved = old.flatMap { start in translate(step).map { start + $0 } }
      pointers[pointer.id]?.offset = moved
    case .store(let buffer, let offset, let value, let count):
      look(offset)
      look(value)
      if let count { look(count) }
      access(buffer, translate(offset), step: 1, lanes: value.type.lanes, count: count)
    case .transpose(let block): transpose(block)
    case .multiplyTiles(let product): multiply(product)
    case .loop(let loop): self.loop(loop)
    case .branch(let condition, let then, let otherwise):
      look(condition)
      inside(condition, isTrue: true) { $0.block(then) }
      inside(condition, isTrue: false) { $0.block(otherwise) }
    case .whileLoop(let condition, let body):
      forget(pointersMovedIn: body)
      look(condition)
      inside(condition, isTrue: true) { $0.block(body) }
    case .stream(_, let bytes): look(bytes)
    // Memory that is not there may be asked for ahead of time.
    case .prefetch, .barrier, .badIndex, .comment: break
    }
  }

  private mutating func transpose(_ block: BlockTransposition) {
    for (buffer, offset, step) in [
      (block.from, block.fromOffset, block.fromStep), (block.to, block.toOffset, block.toStep),
    ] {
      let (start, row) = (translate(offset), translate(step))
      access(buffer, start, step: 1, lanes: block.lanes, count: nil)
      let last = start.flatMap { start in row.map { start + Dimension(block.lanes - 1) * $0 } }
      access(buffer, last, step: 1, lanes: block.lanes, count: nil)
    }
  }

  /// The first and the last row, step and column.
  private mutating func multiply(_ product: TileMultiplication) {
    product.indices.forEach { look($0) }
    let columns = TileMultiplication.columns
    let (rows, steps) = (translate(product.rows), translate(product.steps))
    func last(_ start: Expression, _ count: Dimension?, _ step: Dimension?, _ width: Dimension) -> Dimension? {
      guard let start = translate(start), let count, let step else { return nil }
      return start + (count - 1) * step + width - Dimension(columns)
    }
    access(product.sums, translate(product.sumsOffset), step: 1, lanes: columns, count: nil)
    access(
      product.sums, last(product.sumsOffset, rows, Dimension(columns), Dimension(columns)), step: 1, lanes: columns,
      count: nil)
    access(product.right, translate(product.rightOffset), step: 1, lanes: columns, count: nil)
    access(
      product.right, last(product.rightOffset, steps, Dimension(columns), Dimension(columns)), step: 1, lanes: columns,
      count: nil)
    access(product.left, translate(product.leftOffset), step: 1, lanes: 1, count: nil)
    let row = translate(product.leftRow)
    let end = last(product.leftOffset, rows, row, Dimension(columns)).flatMap { start in steps.map { start + $0 - 1 } }
    access(product.left, end, step: 1, lanes: 1, count: nil)
  }

  private mutating func loop(_ loop: Statement.Loop) {
    for bound in [loop.from, loop.to, loop.step] { look(bound) }
    let moved = pointerSteps(loop.body)
    let (outside, entry) = (isCertain, pointers)
    var trips: Dimension?
    if let from = translate(loop.from), let to = translate(loop.to), let step = translate(loop.step) {
      let last = step == 1 ? to - from - 1 : proof.quotient(to - from - 1, step)
      let exact = step == 1 ? to - from : (to - from).exactQuotient(by: step)
      let number = proof.variable(from: [0], to: [exact.map { $0 - 1 } ?? last])
      values[loop.variable.id] = from + step * number
      trips = exact
      isCertain = isCertain && proof.isNeverNegative(to - from - 1)
      for (pointer, step) in moved {
        pointers[pointer]?.offset = entry[pointer]?.offset.flatMap { start in step.map { start + $0 * number } }
      }
    } else {
      isCertain = false
      values[loop.variable.id] = proof.variable(from: translate(loop.from).map { [$0] } ?? [], to: [])
      for (pointer, _) in moved { pointers[pointer]?.offset = nil }
    }
    block(loop.body)
    isCertain = outside
    for (pointer, step) in moved {
      pointers[pointer]?.offset = entry[pointer]?.offset.flatMap { start in
        step.flatMap { step in trips.map { start + step * $0 } }
      }
    }
  }

  /// How far each pointer that is moved in a body goes in all; nil where that is not the same each time.
  private mutating func pointerSteps(_ body: [Statement]) -> [Int: Dimension?] {
    var steps: [Int: Dimension?] = [:]
    func add(_ pointer: Int, _ step: Dimension?) {
      let old: Dimension? = steps[pointer] ?? 0
      steps[pointer] = .some(old.flatMap { old in step.map { old + $0 } })
    }
    for statement in body {
      switch statement {
      case .advance(let pointer, let step): add(pointer.id, translate(step))
      case .loop(let loop):
        let from = translate(loop.from)
        let count = from.flatMap { from in loop.step == 1 ? translate(loop.to).map { $0 - from } : nil }
        for (pointer, step) in pointerSteps(loop.body) {
          add(pointer, step.flatMap { step in count.map { step * $0 } })
        }
      default:
        for block in statement.blocks { for pointer in pointerSteps(block).keys { add(pointer, nil) } }
      }
    }
    return steps
  }

  private mutating func forget(pointersMovedIn body: [Statement]) {
    for pointer in pointerSteps(body).keys { pointers[pointer]?.offset = nil }
  }

  // MARK: Conditions

  /// Runs `body` with what a condition says.
  private mutating func inside(_ condition: Expression, isTrue: Bool, _ body: (inout BoundsVerifier) -> Void) {
    let (outside, entry) = (isCertain, pointers)
    isCertain = false
    var undo: [BoundsProof.Saved] = []
    for fact in facts(condition, isTrue) {
      guard let number = BoundsProof.latest(in: fact), let (factor, rest) = BoundsProof.split(fact, by: number) else {
        continue
      }
      if factor == 1, let step = proof.bound(number, lower: [-rest]) { undo.append(step) }
      if factor == -1, let step = proof.bound(number, upper: [rest]) { undo.append(step) }
    }
    body(&self)
    for step in undo.reversed() { proof.restore(step) }
    isCertain = outside
    for (pointer, place) in entry where pointers[pointer]?.offset != place.offset { pointers[pointer]?.offset = nil }
  }

  /// Polynomials that are not negative where a condition is true, or false.
  private mutating func facts(_ condition: Expression, _ isTrue: Bool) -> [Dimension] {
    switch condition {
    case .unary(.logicalNot, let a): return facts(a, !isTrue)
    case .binary(.logicalAnd, let a, let b): return isTrue ? facts(a, true) + facts(b, true) : []
    case .binary(.logicalOr, let a, let b): return isTrue ? [] : facts(a, false) + facts(b, false)
    case .binary(let op, let a, let b):
      guard a.type.lanes == 1, a.type.isIndex || a.type.element == .i64, let x = translate(a), let y = translate(b)
      else {
        return []
      }
      switch (op, isTrue) {
      case (.less, true), (.greaterEqual, false): return [y - x - 1]
      case (.lessEqual, true), (.greater, false): return [y - x]
      case (.greater, true), (.lessEqual, false): return [x - y - 1]
      case (.greaterEqual, true), (.less, false): return [x - y]
      case (.equal, true), (.notEqual, false): return [x - y, y - x]
      default: return []
      }
    default: return []
    }
  }

  // MARK: Expressions

  /// Looks at the reads in an expression. The right side of `&&`, `||` and of a choice is read only if it counts.
  private mutating func look(_ expression: Expression) {
    switch expression {
    case .binary(.logicalAnd, let a, let b) where a.type.lanes == 1:
      look(a)
      inside(a, isTrue: true) { $0.look(b) }
    case .binary(.logicalOr, let a, let b) where a.type.lanes == 1:
      look(a)
      inside(a, isTrue: false) { $0.look(b) }
    case .select(let condition, let a, let b) where condition.type.lanes == 1:
      look(condition)
      inside(condition, isTrue: true) { $0.look(a) }
      inside(condition, isTrue: false) { $0.look(b) }
    default: for operand in expression.operands { look(operand) }
    }
    switch expression {
    case .load(let buffer, let offset, let lanes):
      access(buffer, translate(offset), step: 1, lanes: lanes, count: nil)
    case .loadPartial(let buffer, let offset, let lanes, let count):
      access(buffer, translate(offset), step: 1, lanes: lanes, count: count)
    case .gather(let buffer, let offset, let stride, let lanes):
      access(buffer, translate(offset), step: translate(stride), lanes: lanes, count: nil)
    case .gatherPartial(let buffer, let offset, let stride, let lanes, let count):
      access(buffer, translate(offset), step: translate(stride), lanes: lanes, count: count)
    default: break
    }
  }

  /// An index as a polynomial; nil where it is none.
  private mutating func translate(_ expression: Expression, naming variable: Variable? = nil) -> Dimension? {
    switch expression {
    case .integer(let value): return Dimension(value)
    case .literal(let value, let type): return type == LoopType(.i64) ? Dimension(value) : nil
    case .variable(let variable): return values[variable.id]
    case .asIndex(let a): return translate(a)
    case .convert(let a, .i64) where a.type.isIndex: return translate(a)
    case .unary(.negate, let a) where a.type.isIndex: return translate(a).map { -$0 }
    case .select(_, let a, let b) where a.type.isIndex:
      guard let x = translate(a), let y = translate(b) else { return nil }
      return proof.either(x, y)
    case .binary(let op, let a, let b) where a.type.isIndex:
      guard let x = translate(a), let y = translate(b) else { return nil }
      return combined(op, x, y)
    default:
      // Data of which nothing is known; a name lets conditions say something of it.
      let isWhole = expression.type == LoopType(.i64)
      return variable != nil && isWhole ? proof.variable(from: [], to: []) : nil
    }
  }

  private mutating func combined(_ op: BinaryOperator, _ x: Dimension, _ y: Dimension) -> Dimension? {
    switch op {
    case .add: return x + y
    case .subtract: return x - y
    case .multiply: return x * y
    case .minimum: return proof.minimum(x, y)
    case .maximum: return proof.maximum(x, y)
    case .quotient, .remainder:
      guard proof.isNeverNegative(x), proof.isNeverNegative(y) else { return nil }
      let quotient = proof.quotient(x, y)
      return op == .quotient ? quotient : x - quotient * y
    default: return nil
    }
  }

  // MARK: Accesses

  private mutating func access(
    _ buffer: Buffer, _ offset: Dimension?, step: Dimension?, lanes: Int, count: Expression?
  ) {
    let base = pointers[buffer.id] ?? (buffer, 0)
    guard let extent = extents[base.buffer.id], let offset, let start = base.offset, let step else {
      return report.open.append(statement)
    }
    let number = count.map { translate($0).map { proof.minimum($0, Dimension(lanes)) } } ?? Dimension(lanes)
    guard let number else { return report.open.append(statement) }
    let first = start + offset
    let last = first + (number - 1) * step
    if proof.isNeverNegative(first), proof.isNeverNegative(step), proof.isNeverNegative(extent - last - 1) {
      report.proved += 1
      return
    }
    report.open.append(statement)
    guard isCertain, count == nil else { return }
    if proof.isNeverNegative(-first - 1) || proof.isNeverNegative(last - extent) {
      mistakes.append(
        KernelMistake(
          statement: statement, message: "'\(base.buffer.name)' has \(extent) elements, and this lies outside"))
    }
  }
}
