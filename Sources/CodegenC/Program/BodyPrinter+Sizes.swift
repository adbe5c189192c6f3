import TensorIR

/// Sizes that the run finds: each thread has them in variables of its own, and all find the same.
extension BodyPrinter {
  mutating func print(_ definitions: [Step.Definition]) {
    // One may be made of what another was.
    let values = definitions.map { definition -> String in
      switch definition.value {
      case .size(let size): return reference(size)
      case .stored: return ""
      }
    }
    let isAlone = definitions.count == 1
    if !isAlone { add("{") }
    if !isAlone { indent += "  " }
    for (index, definition) in definitions.enumerated() where !isAlone && definition.stored == nil {
      add("const int64_t next_\(index) = \(values[index]);")
    }
    for (index, definition) in definitions.enumerated() {
      let variable = counters[definition.symbol] ?? definition.symbol
      if let stored = definition.stored {
        // An input need not be aligned.
        add("__builtin_memcpy(&\(variable), \(address(stored)), sizeof \(variable));")
      } else {
        add("\(variable) = \(isAlone ? values[index] : "next_\(index)");")
      }
      if let member = computed.members[definition.symbol] { add("if (thread == 0) c->\(member) = \(variable);") }
    }
    if !isAlone {
      indent.removeLast(2)
      add("}")
    }
  }

  /// The check of a condition whose sides only the run knows, which are kept for the error.
  mutating func printKeeping(_ check: InferenceContext.Guard, _ left: String, _ right: String) {
    let number = failures
    block("{") { printer in
      printer.add("const int64_t left = \(left), right = \(right);")
      printer.block("if (\(GuardPrinter.failure(check.condition.relation, "left", "right"))) {") { inner in
        inner.add("if (thread == 0) c->failure = \(number), c->left = left, c->right = right;")
        inner.add("return;")
      }
      printer.add("}")
    }
    add("}")
  }

  mutating func print(_ room: Step.Room) {
    usesOverflow = true
    block("{") { printer in
      let name = printer.local(room.memory)
      printer.add("const int64_t bytes = \(printer.reference(room.bytes));")
      switch room.memory {
      case .temporary(let number):
        let shares = printer.program.temporaries[number].perThread ? "team" : "1"
        printer.add(
          "if (thread == 0) tc_room(c->call, \(name), overflow ? -1 : bytes, \(shares), \(room.keeps ? 1 : 0));")
        printer.add("tc_barrier(&c->team, team);")
        printer.block("if (!\(name)->base) {") { inner in
          inner.add("if (thread == 0) c->failure = TC_NO_ROOM, c->left = overflow ? INT64_MAX : bytes;")
          inner.add("return;")
        }
        printer.add("}")
      case .output(let number):
        printer.block("if (overflow || !tc_fits(c->call, \(number), bytes, c->workspace)) {") { inner in
          inner.add(
            "if (thread == 0) c->failure = TC_SMALL_OUTPUT, c->left = overflow ? INT64_MAX : bytes, c->right = \(number);"
          )
          inner.add("return;")
        }
        printer.add("}")
      case .input, .constant: break
      }
    }
    add("}")
  }
}
