import TensorIR
import TensorOps
import TensorRuntime

extension LazyGraph {
  /// The most operations that become one function. The compiler's time grows faster than their number, and the slices
  /// of a long regular chain are equal, so that it is compiled once.
  static let sliceLength = 128

  /// Computes nodes and all they need, in slices.
  func evaluate(_ slots: [Int]) throws {
    try lock.withLock {
      let pending = pendingOperations(for: slots)
      for start in stride(from: 0, to: pending.count, by: LazyGraph.sliceLength) {
        let slice = Array(pending[start..<min(start + LazyGraph.sliceLength, pending.count)])
        try run(slice, wanted: Set(slots))
      }
    }
  }

  /// The operations that have not run and on which nodes depend, in the order in which they were recorded.
  private func pendingOperations(for slots: [Int]) -> [Int] {
    var seen: Set<Int> = []
    var found: [(serial: Int, number: Int)] = []
    var waiting = slots
    while let slot = waiting.popLast() {
      guard case .operation(let number, _) = node(slot).source, seen.insert(number).inserted,
        let operation = operation(number)
      else { continue }
      found.append((operation.serial, number))
      waiting += operation.operands.compactMap { $0 }
    }
    return found.sorted { $0.serial < $1.serial }.map(\.number)
  }

  private func run(_ slice: [Int], wanted: Set<Int>) throws {
    let plan = SlicePlan(slice, wanted: wanted, graph: self)
    // A mistake in the data of an earlier slice reaches what depends on it.
    for slot in plan.inputs {
      if case .failed(let diagnostics) = node(slot).source {
        for result in plan.results { settle(result, .failed(diagnostics)) }
        return
      }
    }
    let inputs = try plan.inputs.map { try array(of: $0) }
    do {
      let outputs = try executor.run(plan, inputs)
      for (slot, array) in zip(plan.results, outputs) { settle(slot, .value(array)) }
    } catch let diagnostic as Diagnostic where diagnostic.id != "internal" {
      // What is wrong with the data stays wrong; a missing compiler may be installed.
      for slot in plan.results { settle(slot, .failed([diagnostic])) }
      throw diagnostic
    }
  }
}

/// Operations of the lazy graph that are to become one function: what goes in and what comes out.
struct SlicePlan {
  struct Step: Hashable {
    /// The op with its attributes.
    var op: AnyHashable
    /// Numbers of values: inputs first, then every result in order.
    var operands: [Int?]
  }

  /// Equal for slices that one function serves.
  struct Key: Hashable {
    var inputs: [TensorType]
    var steps: [Step]
    var results: [Int]
  }

  private(set) var key = Key(inputs: [], steps: [], results: [])
  /// The slots of values that come from outside.
  private(set) var inputs: [Int] = []
  /// The slots of values that are needed outside.
  private(set) var results: [Int] = []
  private(set) var operations: [LazyOperation] = []
  /// Element operations, multiply-adds counted each: what the evaluator's time is proportional to.
  private(set) var work = 0

  init(_ numbers: [Int], wanted: Set<Int>, graph: LazyGraph) {
    operations = numbers.compactMap { graph.operation($0) }
    var made: Set<Int> = []
    var readInside: [Int: Int] = [:]
    for operation in operations {
      for case let slot? in operation.operands {
        readInside[slot, default: 0] += 1
        if !made.contains(slot) && !inputs.contains(slot) { inputs.append(slot) }
      }
      for case let slot? in operation.results { made.insert(slot) }
    }
    var valueNumbers = Dictionary(uniqueKeysWithValues: inputs.enumerated().map { ($1, $0) })
    var next = inputs.count
    key.inputs = inputs.map { graph.node($0).type }
    for operation in operations {
      let operands = operation.operands.map { $0.flatMap { valueNumbers[$0] } }
      key.steps.append(Step(op: AnyHashable(operation.op), operands: operands))
      for slot in operation.results {
        if let slot {
          valueNumbers[slot] = next
          let node = graph.node(slot)
          if wanted.contains(slot) || node.handles > 0 || node.readers > readInside[slot] ?? 0 {
            results.append(slot)
            key.results.append(next)
          }
        }
        next += 1
      }
      work += SlicePlan.work(operation, graph)
    }
  }

  private static func work(_ operation: LazyOperation, _ graph: LazyGraph) -> Int {
    func count(_ type: TensorType) -> Int {
      type.constantShape.map { $0.reduce(1) { $0.multipliedSaturating($1) } } ?? 0
    }
    let operands = operation.operands.compactMap { $0.map { graph.node($0).type } }
    let most = (operation.resultTypes + operands).map(count).max() ?? 0
    guard operation.op is Matmul, let left = operands.first,
      let columns = operation.resultTypes.first?.shape.last?.constant
    else { return most }
    return count(left).multipliedSaturating(columns)
  }

  /// The function that computes the slice, without names and places, which are no part of its identity.
  func function() throws -> Function {
    var builder = FunctionBuilder(name: "lazy")
    var values: [ValueID?] = key.inputs.enumerated().map { builder.parameter($1, name: "x\($0)") }
    for (operation, step) in zip(operations, key.steps) {
      let operands = step.operands.map { $0.flatMap { values[$0] } }
      values += try builder.add(operation.op, operands, at: operation.location).map { $0 }
    }
    return builder.finish(key.results.compactMap { values[$0] }, names: key.results.indices.map { "y\($0)" })
  }
}

extension Int {
  func multipliedSaturating(_ other: Int) -> Int {
    let (product, overflow) = multipliedReportingOverflow(by: other)
    return overflow ? .max : product
  }
}

extension LazyGraph {
  /// Whether a tensor has yet to be computed: for tests.
  func isPending(_ tensor: Tensor) -> Bool {
    lock.withLock {
      if case .operation = node(tensor.id).source { return true }
      return false
    }
  }
}
