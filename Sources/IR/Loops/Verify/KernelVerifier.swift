/// What is wrong with a kernel, at which of its statements; those of the whole kernel have none.
struct KernelMistake: Hashable {
  var statement: Int?
  var message: String
}

/// Checks what holds of every kernel: each value has a type that fits, is defined before it is used, and in the scope where
/// it is used; what a kernel may not write it does not write; where threads meet, all of them come.
///
/// Where reads and writes lie is the affair of ``BoundsVerifier``.
struct KernelVerifier {
  private let kernel: Kernel
  private(set) var mistakes: [KernelMistake] = []
  private var statement: Int?
  private var statementCount = 0
  /// What can be named here, by id; a scope ends with its block.
  private var variables: [Int: Known] = [:]
  private var buffers: [Int: Memory] = [:]
  private var ids: Set<Int> = []
  private let uniform: UniformValues

  private struct Known {
    var variable: Variable
    var isMutable: Bool
  }

  private struct Memory {
    var buffer: Buffer
    var isWritable: Bool
    var isPointer = false
  }

  /// - Parameter owned: the positions of parameters of which each thread has one of its own.
  init(_ kernel: Kernel, owned: Set<Int> = []) {
    self.kernel = kernel
    uniform = UniformValues(kernel, owned: owned)
  }

  static func mistakes(in kernel: Kernel, owned: Set<Int> = []) -> [KernelMistake] {
    var verifier = KernelVerifier(kernel, owned: owned)
    verifier.run()
    return verifier.mistakes
  }

  private mutating func run() {
    for variable in [kernel.thread, kernel.team] + kernel.scalars {
      define(variable, isMutable: false)
      if variable.type != .index { report("the parameter '\(variable.name)' is \(variable.type), not an index") }
    }
    for parameter in kernel.buffers { define(parameter.buffer, isWritable: parameter.access != .read) }
    block(kernel.body, uniformly: true)
  }

  private mutating func report(_ message: String) {
    let mistake = KernelMistake(statement: statement, message: message)
    if !mistakes.contains(mistake) { mistakes.append(mistake) }
  }

  // MARK: Names

  private mutating func define(_ variable: Variable, isMutable: Bool) {
    use(id: variable.id, variable.name)
    variables[variable.id] = Known(variable: variable, isMutable: isMutable)
  }

  private mutating func define(_ buffer: Buffer, isWritable: Bool, isPointer: Bool = false) {
    use(id: buffer.id, buffer.name)
    buffers[buffer.id] = Memory(buffer: buffer, isWritable: isWritable, isPointer: isPointer)
  }

  private mutating func use(id: Int, _ name: String) {
    if !ids.insert(id).inserted { report("number \(id) of '\(name)' is taken by another value") }
    if !TextForm.isWord(name, points: false) { report("'\(name)' is not a word") }
  }

  private mutating func check(_ buffer: Buffer, written: Bool = false) {
    guard let memory = buffers[buffer.id], memory.buffer == buffer else {
      return report("the buffer '\(buffer.name)' is used where it is not defined")
    }
    if written && !memory.isWritable { report("'\(buffer.name)' is written, which this kernel may only read") }
  }

  // MARK: Statements

  private mutating func block(_ statements: [Statement], uniformly: Bool) {
    let outside = (variables, buffers)
    for statement in statements {
      self.statement = statementCount
      statementCount += 1
      visit(statement, uniformly: uniformly)
    }
    (variables, buffers) = outside
  }

  private mutating func visit(_ statement: Statement, uniformly: Bool) {
    switch statement {
    case .declare(let variable, let value, let isMutable):
      expect(value, variable.type, "'\(variable.name)'")
      define(variable, isMutable: isMutable)
    case .assign(let variable, let value):
      let known = variables[variable.id]
      if known?.variable != variable { report("'\(variable.name)' is assigned where it is not defined") }
      if known?.isMutable == false { report("'\(variable.name)' is constant and is assigned") }
      expect(value, variable.type, "'\(variable.name)'")
    case .array(let buffer, let count):
      if count < 0 { report("the array '\(buffer.name)' has \(count) elements") }
      define(buffer, isWritable: true)
    case .pointer(let pointer, let source, let offset):
      check(source)
      expect(offset, .index, "an offset")
      if pointer.element != source.element { report("'\(pointer.name)' points at other elements than its own") }
      define(pointer, isWritable: buffers[source.id]?.isWritable ?? true, isPointer: true)
    case .advance(let pointer, let step):
      check(pointer)
      if buffers[pointer.id]?.isPointer == false { report("'\(pointer.name)' is moved and is no pointer") }
      expect(step, .index, "a step")
    case .store, .stream, .transpose, .multiplyTiles, .prefetch: memory(statement)
    case .loop(let loop): self.loop(loop, uniformly: uniformly)
    case .branch(let condition, let then, let otherwise):
      let inside = uniformly && uniform.contains(condition)
      expect(condition, LoopType(.bool), "a condition")
      block(then, uniformly: inside)
      block(otherwise, uniformly: inside)
    case .whileLoop(let condition, let body):
      expect(condition, LoopType(.bool), "a condition")
      block(body, uniformly: uniformly && uniform.contains(condition))
    case .barrier:
      if !uniformly { report("not all threads need come to this barrier: what leads to it differs between them") }
    case .badIndex(let index, let extent, _, _):
      expect(index, LoopType(.i64), "a bad index")
      expect(extent, .index, "an extent")
    case .comment: break
    }
  }

  private mutating func loop(_ loop: Statement.Loop, uniformly: Bool) {
    for bound in [loop.from, loop.to, loop.step] { expect(bound, .index, "a bound or step of a loop") }
    if let step = loop.step.constantIndex, step < 1 { report("the loop's step is \(step)") }
    if loop.variable.type != .index { report("the loop's variable is \(loop.variable.type), not an index") }
    let inside = uniformly && [loop.from, loop.to, loop.step].allSatisfy(uniform.contains)
    let outside = variables
    define(loop.variable, isMutable: false)
    block(loop.body, uniformly: inside)
    variables = outside
  }

  /// Statements that touch buffers.
  private mutating func memory(_ statement: Statement) {
    switch statement {
    case .store(let buffer, let offset, let value, let count):
      check(buffer, written: true)
      expect(offset, .index, "an offset")
      if let count { expect(count, .index, "a count of lanes") }
      let type = visit(value)
      if type.isIndex || type.element != buffer.element.computeType {
        report("\(type) is stored to '\(buffer.name)', whose elements are \(buffer.element)")
      }
    case .stream(let buffer, let bytes):
      check(buffer, written: true)
      expect(bytes, .index, "a number of bytes")
    case .transpose(let block):
      check(block.from)
      check(block.to, written: true)
      for part in [block.fromOffset, block.fromStep, block.toOffset, block.toStep] {
        expect(part, .index, "an offset or a step")
      }
      if block.from.element != block.to.element { report("a block is transposed into memory of another type") }
    case .multiplyTiles(let product):
      check(product.sums, written: true)
      check(product.left)
      check(product.right)
      for part in product.indices { expect(part, .index, "an offset, a step or a number of them") }
      if [product.sums, product.left, product.right].contains(where: { $0.element != .f32 }) {
        report("tiles are multiplied whose words are not f32")
      }
    case .prefetch(let buffer, let offset):
      check(buffer)
      expect(offset, .index, "an offset")
    default: break
    }
  }

  // MARK: Expressions

  private mutating func expect(_ expression: Expression, _ type: LoopType, _ what: String) {
    let found = visit(expression)
    if found != type { report("\(what) is \(type) and is given \(found)") }
  }

  /// Checks an expression and what is in it; gives its type.
  @discardableResult
  private mutating func visit(_ expression: Expression) -> LoopType {
    let operands = expression.operands.map { visit($0) }
    switch expression {
    case .variable(let variable):
      if variables[variable.id]?.variable != variable { report("'\(variable.name)' is used where it is not defined") }
    case .load(let buffer, _, _), .loadPartial(let buffer, _, _, _), .gather(let buffer, _, _, _),
      .gatherPartial(let buffer, _, _, _, _):
      check(buffer)
      for type in operands where type != .index { report("an offset, stride or count is \(type), not an index") }
    default:
      if let mistake = ExpressionTypes.mistake(in: expression, operands) { report(mistake) }
    }
    return expression.type
  }
}

extension Kernel {
  /// What is wrong with the kernel, a message each, for those who have no program around it.
  ///
  /// - Parameter owned: the positions of the parameters of which each thread has one of its own.
  public func mistakes(owned: Set<Int> = []) -> [String] {
    KernelVerifier.mistakes(in: self, owned: owned).map(\.message)
  }
}
