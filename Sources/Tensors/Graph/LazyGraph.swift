import Foundation
import TensorIR
import TensorOps
import TensorRuntime

/// Records what is done with tensors outside a trace, and computes it when somebody looks.
///
/// Nodes lie in a flat arena and are counted: one lives as long as a tensor refers to it or an operation that has not
/// run reads it. Freeing and evaluating walk with lists of their own, so a chain may be as long as memory allows.
///
/// There is one graph in a process. Sendable because every access is under its lock, which is held while the graph is
/// changed and never while something is compiled or computed.
final class LazyGraph: Recorder, @unchecked Sendable {
  static let shared = LazyGraph()

  /// Recursive, for dropping a tensor inside a call of the graph comes back to it.
  let lock = NSRecursiveLock()
  private var nodes: [LazyNode] = []
  private var freeNodes: [Int] = []
  private var operations: [LazyOperation?] = []
  private var freeOperations: [Int] = []
  private var nextSerial = 0
  let executor = Executor()

  let symbols = SymbolTable()

  private static let locationKey = "Tensors.location"

  /// Of each thread its own: what another records meanwhile is none of this caller's.
  var location: Location {
    get { Thread.current.threadDictionary[LazyGraph.locationKey] as? Location ?? .unknown }
    set { Thread.current.threadDictionary[LazyGraph.locationKey] = newValue }
  }

  func type(of id: Int) -> TensorType { lock.withLock { nodes[id].type } }

  /// The number of nodes and operations that are held: for tests.
  var population: (nodes: Int, operations: Int) {
    lock.withLock { (nodes.count - freeNodes.count, operations.count - freeOperations.count) }
  }

  // MARK: Recording

  func record(_ op: any TensorOp, _ operands: [Tensor], at place: Location) -> [Tensor] {
    lock.withLock {
      let known = self.location
      let location = known == .unknown ? place : known
      do {
        let results = try add(op, operands, at: location)
        Composition.note(op, operands, results, at: location)
        return results
      } catch {
        return Swift.type(of: op).failed(failed(LazyGraph.diagnostics(error, at: location), like: operands))
      }
    }
  }

  private func add(_ op: any TensorOp, _ operands: [Tensor], at location: Location) throws -> [Tensor] {
    var slots: [Int?] = []
    for operand in operands where !operand.isAbsent {
      guard operand.recorder === self else {
        throw Diagnostic("foreign-tensor", "an operand of '\(op.name)' belongs to a trace that is not being recorded")
      }
      if case .failed(let diagnostics) = nodes[operand.id].source {
        return Swift.type(of: op).failed(failed(diagnostics, like: operands))
      }
    }
    for operand in operands { slots.append(operand.isAbsent ? nil : operand.id) }
    if let number = op as? Full, number.shape.isEmpty {
      // A number is data, so that the same expression with another number is not compiled again.
      return [self.value(try HostArray(number.evaluate([], [TensorType(number.elementType, [])])[0]))]
    }
    var context = InferenceContext(symbols: symbols)
    let types = try op.resultTypes(operands.map { $0.isAbsent ? nil : nodes[$0.id].type }, &context)
    guard types.allSatisfy({ $0.constantShape != nil }) else {
      throw Diagnostic("unknown-size", "the shape of '\(op.name)' depends on data; use it in a compiled function")
    }
    nextSerial += 1
    let operation = LazyOperation(
      op: op, operands: slots, results: [], resultTypes: types, location: location, serial: nextSerial)
    let number = insert(operation)
    for case let slot? in slots { nodes[slot].readers += 1 }
    let tensors = types.enumerated().map { tensor(LazyNode(type: $1.plain, source: .operation(number, result: $0))) }
    operations[number]?.results = tensors.map(\.id)
    return tensors
  }

  /// A tensor whose elements are at hand.
  func value(_ array: HostArray) -> Tensor {
    lock.withLock { tensor(LazyNode(type: array.tensorType, source: .value(array))) }
  }

  /// A tensor in a compiled step's memory.
  func resident(_ type: TensorType, _ memory: any ResidentMemory, output: Int) -> Tensor {
    lock.withLock { tensor(LazyNode(type: type, source: .resident(memory, output: output))) }
  }

  /// A tensor that stands for a mistake; what is made of it has the same mistake. It has the type of the operand with the
  /// most axes, or eight axes of one element, so that who asks for an extent before the mistake is thrown gets one.
  func failed(_ diagnostics: [Diagnostic], like operands: [Tensor] = []) -> Tensor {
    lock.withLock {
      let types = operands.filter { $0.recorder === self && $0.id >= 0 }.map { nodes[$0.id].type }
      let type = types.max { $0.rank < $1.rank } ?? TensorType(.f32, Array(repeating: 1, count: 8))
      return tensor(LazyNode(type: type, source: .failed(diagnostics)))
    }
  }

  static func diagnostics(_ error: any Error, at location: Location) -> [Diagnostic] {
    switch error {
    case let diagnostic as Diagnostic: [diagnostic.located(at: location)]
    case let several as Diagnostics: several.list.map { $0.located(at: location) }
    default: [Diagnostic("internal", "\(error)", at: location)]
    }
  }

  private func tensor(_ node: LazyNode) -> Tensor {
    var node = node
    node.handles = 1
    nextSerial += 1
    node.serial = nextSerial
    let slot: Int
    if let free = freeNodes.popLast() {
      slot = free
      nodes[slot] = node
    } else {
      slot = nodes.count
      nodes.append(node)
    }
    return Tensor(self, slot, keeper: LazyKeeper(self, slot))
  }

  private func insert(_ operation: LazyOperation) -> Int {
    if let free = freeOperations.popLast() {
      operations[free] = operation
      return free
    }
    operations.append(operation)
    return operations.count - 1
  }

  // MARK: Letting go

  func dropHandle(_ slot: Int) {
    lock.withLock {
      nodes[slot].handles -= 1
      release([slot])
    }
  }

  /// Frees those of the nodes that nobody needs, and what only they needed.
  private func release(_ candidates: [Int]) {
    var waiting = candidates
    while let slot = waiting.popLast() {
      guard nodes[slot].handles == 0, nodes[slot].readers == 0 else { continue }
      let source = nodes[slot].source
      if case .free = source { continue }
      nodes[slot].source = .free
      freeNodes.append(slot)
      if case .operation(let number, let result) = source {
        operations[number]?.results[result] = nil
        waiting += dropIfDone(number)
      }
    }
  }

  /// Frees an operation whose results are all computed or unwanted; gives the operands that it read.
  private func dropIfDone(_ number: Int) -> [Int] {
    guard let operation = operations[number], operation.results.allSatisfy({ $0 == nil }) else { return [] }
    operations[number] = nil
    freeOperations.append(number)
    let slots = operation.operands.compactMap { $0 }
    for slot in slots { nodes[slot].readers -= 1 }
    return slots
  }

  // MARK: For evaluation

  func node(_ slot: Int) -> LazyNode { nodes[slot] }
  func operation(_ number: Int) -> LazyOperation? { operations[number] }

  /// Gives a node its value; the operation it came from goes when all of its results have theirs.
  func settle(_ slot: Int, _ source: LazyNode.Source) {
    let previous = nodes[slot].source
    nodes[slot].source = source
    guard case .operation(let number, let result) = previous else { return }
    operations[number]?.results[result] = nil
    release(dropIfDone(number))
  }

  /// Marks operations as being computed, or, with nil, as waiting again.
  func setClaim(_ claim: LazyClaim?, of numbers: [Int]) {
    for number in numbers { operations[number]?.claim = claim }
  }

  /// Keeps nodes although nobody may hold them any more.
  func pin(_ slots: [Int]) {
    for slot in slots { nodes[slot].readers += 1 }
  }

  func unpin(_ slots: [Int]) {
    for slot in slots { nodes[slot].readers -= 1 }
    release(slots)
  }
}
