/// Which values of a kernel are the same in every thread of a call: what follows from its scalars, the size of the team,
/// and what lies in memory that the threads share. A shared element that threads write is taken to be read after a barrier;
/// the interpreter sees where it is not.
struct UniformValues {
  /// The variables that differ between threads, by id.
  private var differing: Set<Int>
  /// The buffers of which threads have their own: parameters, and arrays on the stack.
  private var owned: Set<Int>

  /// - Parameter owned: the positions of parameters of which each thread has one of its own.
  init(_ kernel: Kernel, owned positions: Set<Int>) {
    differing = [kernel.thread.id]
    owned = Set(kernel.buffers.indices.filter(positions.contains).map { kernel.buffers[$0].buffer.id })
    // Each round finds what differs because of the rounds before; it ends because the sets only grow.
    var size = -1
    while size != differing.count + owned.count {
      size = differing.count + owned.count
      visit(kernel.body, uniformly: true)
    }
  }

  func contains(_ expression: Expression) -> Bool {
    switch expression {
    case .variable(let variable): if differing.contains(variable.id) { return false }
    case .load(let buffer, _, _), .loadPartial(let buffer, _, _, _), .gather(let buffer, _, _, _),
      .gatherPartial(let buffer, _, _, _, _):
      if owned.contains(buffer.id) { return false }
    default: break
    }
    return expression.operands.allSatisfy(contains)
  }

  private mutating func visit(_ statements: [Statement], uniformly: Bool) {
    for statement in statements { visit(statement, uniformly: uniformly) }
  }

  /// - Parameter uniformly: whether all threads come here, and equally often.
  private mutating func visit(_ statement: Statement, uniformly: Bool) {
    switch statement {
    case .declare(let variable, let value, _): if !contains(value) { differing.insert(variable.id) }
    case .assign(let variable, let value):
      if !uniformly || !contains(value) { differing.insert(variable.id) }
    case .array(let buffer, _): owned.insert(buffer.id)
    case .pointer(let pointer, let source, let offset):
      if owned.contains(source.id) || !contains(offset) { owned.insert(pointer.id) }
    case .advance(let pointer, let step): if !uniformly || !contains(step) { owned.insert(pointer.id) }
    case .loop(let loop):
      let inside = uniformly && [loop.from, loop.to, loop.step].allSatisfy(contains)
      if ![loop.from, loop.step].allSatisfy(contains) { differing.insert(loop.variable.id) }
      visit(loop.body, uniformly: inside)
    case .branch(let condition, let then, let otherwise):
      let inside = uniformly && contains(condition)
      visit(then, uniformly: inside)
      visit(otherwise, uniformly: inside)
    case .whileLoop(let condition, let body): visit(body, uniformly: uniformly && contains(condition))
    case .store, .stream, .transpose, .multiplyTiles, .barrier, .prefetch, .badIndex, .comment: break
    }
  }
}
