import TensorIR

/// Which variables and buffers of a kernel matter. A value that nobody reads is not printed, because compilers warn of
/// it; nor is what only such a value reads.
struct VariableUses {
  private var read: Set<Int> = []
  /// Buffers that are stored to.
  private var written: Set<Int> = []
  /// Those of them that get whole vectors.
  private var storedInVectors: Set<Int> = []

  init(_ kernel: Kernel) {
    // Each round adds what the values read so far need, from the end: what reads a value stands after it, but for loops. It
    // ends because the set only grows.
    var size = -1
    while size != read.count {
      size = read.count
      visit(kernel.body)
    }
  }

  func isRead(_ id: Int) -> Bool { read.contains(id) }
  func isWritten(_ id: Int) -> Bool { written.contains(id) }
  func isStoredInVectors(_ id: Int) -> Bool { storedInVectors.contains(id) }

  private mutating func visit(_ statements: [Statement]) {
    for statement in statements.reversed() { visit(statement) }
  }

  private mutating func visit(_ statement: Statement) {
    switch statement {
    case .declare(let variable, let value, _): if isRead(variable.id) { visit(value) }
    case .assign(let variable, let value): if isRead(variable.id) { visit(value) }
    case .array, .comment: break
    case .pointer(let pointer, let buffer, let offset):
      if isRead(pointer.id) {
        read.insert(buffer.id)
        visit(offset)
      }
    case .advance(let pointer, let elements): if isRead(pointer.id) { visit(elements) }
    case .store(let buffer, let offset, let value, let count):
      read.insert(buffer.id)
      written.insert(buffer.id)
      if value.type.lanes > 1, count == nil { storedInVectors.insert(buffer.id) }
      visit(offset)
      visit(value)
      if let count { visit(count) }
    case .stream(let buffer, let bytes): if isStoredInVectors(buffer.id) { visit(bytes) }
    case .transpose(let block):
      read.formUnion([block.from.id, block.to.id])
      written.insert(block.to.id)
      for part in [block.fromOffset, block.fromStep, block.toOffset, block.toStep] { visit(part) }
    case .multiplyTiles(let product):
      read.formUnion([product.sums.id, product.left.id, product.right.id])
      written.insert(product.sums.id)
      product.indices.forEach { visit($0) }
    case .loop(let loop):
      visit(loop.from)
      visit(loop.to)
      visit(loop.step)
      visit(loop.body)
    case .branch(let condition, let then, let otherwise):
      visit(condition)
      visit(then)
      visit(otherwise)
    case .whileLoop(let condition, let body):
      visit(condition)
      visit(body)
    case .barrier: read.insert(1)
    case .prefetch(let buffer, let offset):
      read.insert(buffer.id)
      visit(offset)
    case .badIndex(let index, let extent, _, _):
      visit(index)
      visit(extent)
    }
  }

  private mutating func visit(_ expression: Expression) {
    switch expression {
    case .integer, .float, .literal: break
    case .variable(let variable): read.insert(variable.id)
    case .load(let buffer, _, _), .loadPartial(let buffer, _, _, _), .gather(let buffer, _, _, _),
      .gatherPartial(let buffer, _, _, _, _):
      read.insert(buffer.id)
    default: break
    }
    for operand in expression.operands { visit(operand) }
  }
}
