import TensorIR

/// Control flow among the steps. All threads decide alike: what they read was stored before the last barrier.
extension BodyPrinter {
  mutating func print(_ branch: Step.Branch) {
    let condition = isTrue(branch.condition)
    block("if (\(condition)) {") { printer in branch.then.forEach { printer.print($0) } }
    if !branch.otherwise.isEmpty {
      block("} else {") { printer in branch.otherwise.forEach { printer.print($0) } }
    }
    add("}")
  }

  /// - Parameter inTurns: whether its trips may be taken in turns, which only ``take(_:)`` can know: inside of what decides by
  ///   memory, a thread that goes ahead would overwrite what a late one has yet to read.
  mutating func print(_ loop: Step.Loop, inTurns: Bool = false) {
    let counter = names.declare(loop.symbol, number: counters.count)
    var limit = ""
    switch loop.trips {
    case nil: break
    case .size(let trips): limit = "\(counter) < \(reference(trips))"
    case .stored(let place):
      let trips = names.declare("\(counter)_limit", number: counters.count)
      // An input need not be aligned.
      add("int64_t \(trips);")
      add("__builtin_memcpy(&\(trips), \(address(place)), sizeof \(trips));")
      limit = "\(counter) < \(trips)"
    }
    counters[loop.symbol] = counter
    block("for (int64_t \(counter) = 0; \(limit); \(counter)++) {") { printer in
      if inTurns {
        loop.body.forEach { printer.take($0) }
        printer.endTurn()
        return
      }
      for (position, step) in loop.body.enumerated() {
        printer.print(step)
        // The first step is the barrier behind which the condition is there.
        if position == 0, let condition = loop.condition {
          let goesOn = printer.isTrue(condition)
          printer.add("if (!\(goesOn)) break;")
        }
      }
    }
    add("}")
    counters[loop.symbol] = nil
  }

  /// All threads leave; which check failed is kept for the error.
  mutating func print(_ check: InferenceContext.Guard) {
    let (left, right) = (reference(check.condition.left), reference(check.condition.right))
    failures += 1
    if computed.keepsSides(of: check) { return printKeeping(check, left, right) }
    block("if (\(GuardPrinter.failure(check.condition.relation, left, right))) {") { printer in
      printer.add("if (thread == 0) c->failure = \(printer.failures);")
      printer.add("return;")
    }
    add("}")
  }

  /// A size; one that a loop counts is computed where it stands.
  mutating func reference(_ dimension: Dimension) -> String {
    let counted = dimension.symbols.filter { counters[$0] != nil }
    if counted.isEmpty { return sizes.reference(dimension) }
    if let name = dimension.symbolName { return counters[name] ?? name }
    usesOverflow = true
    return sizes.formula(dimension, counters: counters)
  }

  mutating func block(_ opening: String, _ body: (inout BodyPrinter) -> Void) {
    add(opening)
    indent += "  "
    body(&self)
    indent.removeLast(2)
  }

  /// A boolean in memory.
  private mutating func isTrue(_ place: BufferReference) -> String {
    let address = address(place)
    return "*(const uint8_t *)\(address.contains("->") ? "(\(address))" : address)"
  }
}
