import TensorIR

/// Prints what a run does about indices that the data hold and an axis does not have: each call of a kernel that may meet
/// one has a place to note it, and the run gives an error once all kernels are done.
struct FaultPrinter {
  /// The calls that may report an index, in order.
  private let calls: [KernelCall]

  init(_ program: LoweredProgram) {
    calls = program.calls.filter { program.kernels[$0.kernel].reportsBadIndices }
  }

  var isNeeded: Bool { !calls.isEmpty }

  /// The member of the context.
  var member: String { isNeeded ? "  tc_fault faults[\(calls.count)];\n" : "" }

  /// Before the kernels.
  func begin() -> String {
    isNeeded ? "  for (int i = 0; i < \(calls.count); i++) context.faults[i].raised = 0;\n" : ""
  }

  /// After them; the first call that met one is told of.
  func end() -> String {
    if !isNeeded { return "" }
    let origins = calls.map { $0.origins.isEmpty ? [$0.location] : $0.origins }
    let nodes = origins.joined().map { "\n      \(CLiteral.string($0.nodeText))," }.joined()
    let firsts = origins.dropLast().reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }
    return """
        static const char *const nodes[] = {\(nodes)
        };
        static const int first[] = {\(firsts.map(String.init).joined(separator: ", "))}; /* of the nodes of a call */
        for (int i = 0; i < \(calls.count); i++)
          if (context.faults[i].raised)
            return tc_fail(error, TENSORC_BAD_INDEX, -1, 0, "index-out-of-range",
                           nodes[first[i] + context.faults[i].origin],
                           "'%s' was given index %lld for an axis of extent %lld", context.faults[i].operation,
                           (long long)context.faults[i].index, (long long)context.faults[i].extent);

      """
  }

  /// The part of every file that has such kernels.
  static let support = """

    /* ---- indices out of range ----------------------------------------------------------------------------------- */

    /* Where a call of a kernel notes an index that an axis does not have. Of several one is kept, whole. */
    typedef struct {
      int64_t index, extent;
      const char *operation;
      int origin, raised;
    } tc_fault;

    __attribute__((cold, noinline, unused)) static void tc_bad_index(tc_fault *fault, const char *operation, int origin,
                                                                     int64_t index, int64_t extent) {
      if (__atomic_exchange_n(&fault->raised, 1, __ATOMIC_RELAXED)) return;
      fault->operation = operation;
      fault->origin = origin;
      fault->index = index;
      fault->extent = extent;
    }

    """
}

extension Location {
  /// How an error of a library names it.
  var nodeText: String {
    switch self {
    case .unknown: ""
    case .source(let file, let line, let column): "\(file):\(line):\(column)"
    case .node(let name, let kind): "\(name) (\(kind))"
    }
  }
}
