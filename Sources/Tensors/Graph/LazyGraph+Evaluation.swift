import TensorIR
import TensorOps
import TensorRuntime

extension LazyGraph {
  /// The most operations that become one function. The compiler's time grows faster than their number, and the slices
  /// of a long regular chain are equal, so that it is compiled once.
  static let sliceLength = 128

  /// Computes nodes and all they need, in slices. The thread claims a slice, computes it with no lock held, and settles
  /// its results; of a slice that another thread has claimed it waits for the results. Who waits holds no claim, so all
  /// get on.
  func evaluate(_ slots: [Int]) throws {
    var pending = lock.withLock { pendingOperations(for: slots) }
    for case .read(let slot, let memory, let output)? in lock.withLock({
      pending.map { residentOperand(operation($0.number)) }
    }) {
      try settle(slot, memory, output)
    }
    let wanted = Set(slots)
    while true {
      switch lock.withLock({ nextStep(&pending, wanted) }) {
      case .nothing: return
      case .wait(let claim): claim.wait()
      case .read(let slot, let memory, let output): try settle(slot, memory, output)
      case .run(let slice): try run(slice)
      }
    }
  }

  private struct PendingOperation {
    var serial: Int
    var number: Int
  }

  private enum Step {
    case nothing
    case wait(LazyClaim)
    /// An operand lies in a compiled step's memory.
    case read(Int, any ResidentMemory, output: Int)
    case run(ClaimedSlice)
  }

  private struct ClaimedSlice {
    var plan: SlicePlan
    var numbers: [Int]
    var claim: LazyClaim
    /// The inputs' elements, or what went wrong in what makes them.
    var inputs: Result<[HostArray], any Error>
  }

  /// The operations that have not run and on which nodes depend, in the order in which they were recorded.
  private func pendingOperations(for slots: [Int]) -> ArraySlice<PendingOperation> {
    var seen: Set<Int> = []
    var found: [PendingOperation] = []
    var waiting = slots
    while let slot = waiting.popLast() {
      guard case .operation(let number, _) = node(slot).source, seen.insert(number).inserted,
        let operation = operation(number)
      else { continue }
      found.append(PendingOperation(serial: operation.serial, number: number))
      waiting += operation.operands.compactMap { $0 }
    }
    return found.sorted { $0.serial < $1.serial }[...]
  }

  /// Takes operations from the front of a list until they are a slice. What is a view of elements at hand is made at
  /// once, so that where a part begins is no part of a function.
  private func nextStep(_ pending: inout ArraySlice<PendingOperation>, _ wanted: Set<Int>) -> Step {
    var numbers: [Int] = []
    while numbers.count < LazyGraph.sliceLength, let next = pending.first {
      guard let operation = operation(next.number), operation.serial == next.serial else {
        // Another thread has computed it.
        pending.removeFirst()
        continue
      }
      if let step = obstacle(operation) {
        if numbers.isEmpty { return step }
        break
      }
      pending.removeFirst()
      if !makeView(operation) { numbers.append(next.number) }
    }
    return numbers.isEmpty ? .nothing : .run(claim(numbers, wanted))
  }

  /// What must happen before an operation can be claimed.
  private func obstacle(_ operation: LazyOperation) -> Step? {
    operation.claim.map { .wait($0) } ?? residentOperand(operation)
  }

  private func residentOperand(_ operation: LazyOperation?) -> Step? {
    for case let slot? in operation?.operands ?? [] {
      if case .resident(let memory, let output) = node(slot).source { return .read(slot, memory, output: output) }
    }
    return nil
  }

  private func makeView(_ operation: LazyOperation) -> Bool {
    guard operation.operands.count == 1, let slot = operation.operands[0], case .value(let array) = node(slot).source,
      let result = operation.results[0], let view = HostMoves.view(operation.op, array)
    else { return false }
    settle(result, .value(view))
    return true
  }

  private func claim(_ numbers: [Int], _ wanted: Set<Int>) -> ClaimedSlice {
    let claim = LazyClaim()
    setClaim(claim, of: numbers)
    let plan = SlicePlan(numbers, wanted: wanted, graph: self)
    pin(plan.results)
    var arrays: [HostArray] = []
    var mistake: (any Error)?
    for slot in plan.inputs where mistake == nil {
      switch node(slot).source {
      case .value(let array): arrays.append(array)
      // A mistake in the data of an earlier slice reaches what depends on it.
      case .failed(let diagnostics): mistake = Diagnostics(diagnostics)
      default: mistake = Diagnostic("internal", "an operand was not computed")
      }
    }
    return ClaimedSlice(
      plan: plan, numbers: numbers, claim: claim, inputs: mistake.map { .failure($0) } ?? .success(arrays))
  }

  private func run(_ slice: ClaimedSlice) throws {
    let executor = Executor.current ?? executor
    let outcome = slice.inputs.flatMap { arrays in Result { try executor.run(slice.plan, arrays) } }
    defer { slice.claim.finish() }
    try lock.withLock {
      setClaim(nil, of: slice.numbers)
      defer { unpin(slice.plan.results) }
      switch outcome {
      case .success(let arrays):
        for (slot, array) in zip(slice.plan.results, arrays) { settle(slot, .value(array)) }
      case .failure(let error):
        // What is wrong with the data stays wrong; a missing compiler may be installed.
        if let diagnostic = error as? Diagnostic, diagnostic.id != "internal" {
          for slot in slice.plan.results { settle(slot, .failed([diagnostic])) }
        }
        guard let earlier = error as? Diagnostics else { throw error }
        for slot in slice.plan.results { settle(slot, .failed(earlier.list)) }
      }
    }
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
