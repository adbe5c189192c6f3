/// Writes a kernel line by line. Variables carry their numbers, because names need not be unique.
struct LoopPrinter {
  struct Line {
    var text: String
    /// The number of the statement that begins here, counted in the order in which ``Kernel/forEachStatement(_:)`` visits
    /// them.
    var statement: Int?
  }

  private let kernel: Kernel
  private var result: [Line] = []
  private var depth = 0
  private var statementCount = 0

  init(_ kernel: Kernel) { self.kernel = kernel }

  mutating func lines() -> [Line] {
    let buffers = kernel.buffers.map { "\($0.access.rawValue) \(name($0.buffer)): \($0.buffer.element)" }
    let scalars = kernel.scalars.map { "\(name($0)): \($0.type)" }
    add("kernel @\(TextForm.word(kernel.name))(\((buffers + scalars).joined(separator: ", "))) {")
    for comment in kernel.comments { add("  about \(TextForm.quote(comment))") }
    block(kernel.body)
    add("}")
    return result
  }

  private mutating func add(_ text: String, _ statement: Int? = nil) {
    result.append(Line(text: String(repeating: "  ", count: depth) + text, statement: statement))
  }

  private mutating func block(_ statements: [Statement]) {
    depth += 1
    for statement in statements {
      let number = statementCount
      statementCount += 1
      write(statement, number)
    }
    depth -= 1
  }

  private mutating func write(_ statement: Statement, _ number: Int) {
    switch statement {
    case .loop(let loop):
      let step = loop.step == 1 ? "" : " by \(text(loop.step))"
      let unroll = loop.unroll == .compiler ? "" : " unroll \(loop.unroll.rawValue)"
      add("for \(name(loop.variable)) in \(text(loop.from))..<\(text(loop.to))\(step)\(unroll) {", number)
      block(loop.body)
      add("}")
    case .branch(let condition, let then, let otherwise):
      add("if \(text(condition)) {", number)
      block(then)
      if !otherwise.isEmpty {
        add("} else {")
        block(otherwise)
      }
      add("}")
    case .whileLoop(let condition, let body):
      add("while \(text(condition)) {", number)
      block(body)
      add("}")
    default: add(line(of: statement), number)
    }
  }

  /// A statement that has no others inside.
  private func line(of statement: Statement) -> String {
    switch statement {
    case .declare(let variable, let value, let mutable):
      return "\(mutable ? "var" : "let") \(name(variable)): \(variable.type) = \(text(value))"
    case .assign(let variable, let value): return "\(name(variable)) = \(text(value))"
    case .array(let buffer, let count): return "array \(name(buffer)): \(buffer.element)[\(count)]"
    case .pointer(let buffer, let source, let offset):
      return "pointer \(name(buffer)) = \(name(source))[\(text(offset))]"
    case .advance(let buffer, let step): return "advance \(name(buffer)) by \(text(step))"
    case .store(let buffer, let offset, let value, let count):
      return "\(name(buffer))[\(text(offset))\(first(count))] = \(text(value))"
    case .stream(let buffer, let bytes): return "stream \(name(buffer)) bytes \(text(bytes))"
    case .transpose(let block):
      let from = "\(name(block.from))[\(text(block.fromOffset)) by \(text(block.fromStep))]"
      let to = "\(name(block.to))[\(text(block.toOffset)) by \(text(block.toStep))]"
      return "transpose \(from) to \(to) x\(block.lanes)"
    case .multiplyTiles(let product):
      let sums = "\(name(product.sums))[\(text(product.sumsOffset))]"
      let left = "\(name(product.left))[\(text(product.leftOffset)) by \(text(product.leftRow))]"
      let right = "\(name(product.right))[\(text(product.rightOffset))]"
      return "multiply_tiles \(left) and \(right) to \(sums) steps \(text(product.steps)) rows \(text(product.rows))"
    case .barrier: return "barrier"
    case .prefetch(let buffer, let offset): return "prefetch \(name(buffer))[\(text(offset))]"
    case .badIndex(let index, let extent, let op, let origin):
      return "bad_index \(text(index)) of \(text(extent)) for \(TextForm.quote(op)) origin \(origin)"
    case .comment(let text): return "note \(TextForm.quote(text))"
    case .loop, .branch, .whileLoop: return ""
    }
  }

  // MARK: Expressions

  private func name(_ variable: Variable) -> String { LoopPrinter.name(variable.name, variable.id) }
  private func name(_ buffer: Buffer) -> String { LoopPrinter.name(buffer.name, buffer.id) }

  /// A word with the number behind a point.
  private static func name(_ name: String, _ id: Int) -> String { "\(name).\(id)" }

  private func text(_ expression: Expression) -> String {
    switch expression {
    case .integer(let value): "\(value)"
    case .float(let number, let type): "\(LoopText.number(number.value)):\(type)"
    case .literal(let value, let type): "\(value):\(type)"
    case .variable(let variable): name(variable)
    case .unary(let op, let a): "\(LoopText.unary[op] ?? op.rawValue)(\(text(a)))"
    case .binary(let op, let a, let b): binary(op, text(a), text(b))
    case .select(let condition, let a, let b): "select(\(text(condition)), \(text(a)), \(text(b)))"
    case .convert(let a, let element): "\(element)(\(text(a)))"
    case .asIndex(let a): "index(\(text(a)))"
    case .bitcast(let a, let element): "\(LoopText.bits(element))(\(text(a)))"
    case .load(let buffer, let offset, let lanes): "\(name(buffer))[\(text(offset))]\(suffix(lanes))"
    case .loadPartial(let buffer, let offset, let lanes, let count):
      "\(name(buffer))[\(text(offset))\(first(count))]\(suffix(lanes))"
    case .gather(let buffer, let offset, let stride, let lanes):
      "\(name(buffer))[\(text(offset)) by \(text(stride))]\(suffix(lanes))"
    case .gatherPartial(let buffer, let offset, let stride, let lanes, let count):
      "\(name(buffer))[\(text(offset)) by \(text(stride))\(first(count))]\(suffix(lanes))"
    case .broadcast(let a, let lanes): "broadcast(\(text(a)))\(suffix(lanes))"
    case .ramp(let base, let step, let lanes): "ramp(\(text(base)), \(text(step)))\(suffix(lanes))"
    case .intrinsic(let intrinsic, let arguments, let type):
      "\(LoopText.name(intrinsic, type))(\(arguments.map(text).joined(separator: ", ")))"
    case .reduce(let reduction, let a): "\(LoopText.name(reduction))(\(text(a)))"
    }
  }

  private func suffix(_ lanes: Int) -> String { lanes == 1 ? "" : "x\(lanes)" }
  private func first(_ count: Expression?) -> String { count.map { " first \(text($0))" } ?? "" }

  private func binary(_ op: BinaryOperator, _ a: String, _ b: String) -> String {
    LoopText.signs[op].map { "(\(a) \($0) \(b))" } ?? "\(LoopText.extrema[op] ?? op.rawValue)(\(a), \(b))"
  }
}

extension Kernel {
  /// The text form, which ``LoweredProgram/init(parsing:file:blobs:)`` reads back as a part of a program.
  public func text() -> String {
    var printer = LoopPrinter(self)
    return printer.lines().map(\.text).joined(separator: "\n") + "\n"
  }

  /// Visits the statements with their numbers, outer ones before those inside.
  func forEachStatement(_ visit: (Int, Statement) -> Void) {
    var number = 0
    func walk(_ statements: [Statement]) {
      for statement in statements {
        visit(number, statement)
        number += 1
        for block in statement.blocks { walk(block) }
      }
    }
    walk(body)
  }
}

extension Statement {
  /// The statements inside, block by block.
  public var blocks: [[Statement]] {
    switch self {
    case .loop(let loop): [loop.body]
    case .branch(_, let then, let otherwise): [then, otherwise]
    case .whileLoop(_, let body): [body]
    default: []
    }
  }

  /// Whether threads meet in it.
  public var hasBarrier: Bool {
    if case .barrier = self { return true }
    return blocks.contains { $0.contains(where: \.hasBarrier) }
  }
}
