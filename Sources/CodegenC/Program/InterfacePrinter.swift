import TensorIR

/// Prints the struct of sizes and the functions of the ABI.
struct InterfacePrinter {
  let program: LoweredProgram
  let prefix: String
  /// The symbols that the description lists, in its order.
  let symbols: [Symbol]
  let solutions: [SymbolSolution]
  var sizes: SizeTable
  let slots: [WorkspaceSlot]
  /// Whether zones lie between the temporaries.
  let checks: Bool
  let computed: ComputedSizes

  private var totalWork: Dimension {
    // A loop counts once: threads meet in every trip, so they must be worth it in every trip.
    program.calls.reduce(0) { $0 + computed.estimate($1.work) }
  }

  /// The checks that stand among the steps, in order.
  private var innerChecks: [InferenceContext.Guard] {
    program.steps.flattened.compactMap { if case .check(let check) = $0 { check } else { nil } }
  }

  private var faults: FaultPrinter { FaultPrinter(program) }

  /// Whether a step may end the run.
  private var canFail: Bool { !innerChecks.isEmpty || !computed.isEmpty }

  private var collectives: CollectiveCalls { CollectiveCalls(program) }

  private var hasKernels: Bool { !program.calls.isEmpty || !innerChecks.isEmpty || collectives.isNeeded }

  // MARK: The structs

  /// What the steps read: comes before the kernels.
  func structs() -> String {
    let symbolMembers = symbols.map { "  int64_t \(sizes.symbolReference($0.name).dropFirst(3));\n" }
    let derived = sizes.derived.map {
      "  int64_t \($0.member); // \(CLiteral.comment($0.dimension.description))\n"
    }
    let places = slots.flatMap { slot in
      [slot.offset, slot.stride, slot.used].compactMap { $0 }.map { "  int64_t \($0);\n" }
    }
    return """
      /* ---- one call ----------------------------------------------------------------------------------------------- */

      /* The sizes of a call, and where in the workspace its temporaries lie. */
      typedef struct {
      \((symbolMembers + derived + places).joined())  int64_t work; // an estimate, to decide on the number of threads
      } \(prefix)_sizes;

      typedef struct {
        const tensorc_call *call;
        char *workspace;
        \(prefix)_sizes sizes;
        tc_team team;
      \(faults.member)\(!canFail ? "" : "  int failure; // which check among the steps failed\n")\(computed.structMembers)\(collectives.members)} \(prefix)_context;

      """
  }

  // MARK: Sizes

  /// From the dimensions of a call to everything that follows from them.
  func measure() -> String {
    """
    /* Checks what can be checked without the data, and computes the sizes. */
    static int32_t \(prefix)_measure(const tensorc_call *call, \(prefix)_sizes *s, tensorc_error *error) {
      const tensorc_description *const model = &\(prefix)_description;
      int overflow = 0, large = 0;
      int64_t symbols[\(max(symbols.count + computed.described.count, 1))];
      int32_t code = tc_check_call(call, model, error);
      if (!code) code = tc_bind(call, model, symbols, error);
      if (code) return code;
    \(bindings())  if ((code = tc_check_symbols(model, symbols, error))) return code;
    \(inputChecks())\(guards())\(derivedSizes())  s->work = \(sizes.formula(totalWork.isOverflow ? Dimension(Int.max) : totalWork, overflow: "large"));
      if (large) s->work = INT64_MAX;
      return overflow ? tc_too_large(error) : TENSORC_OK;
    }

    """
  }

  private func bindings() -> String {
    let solved = Set(solutions.map(\.symbol))
    var text = ""
    for (number, symbol) in symbols.enumerated() where !solved.contains(symbol.name) {
      text += "  \(sizes.symbolReference(symbol.name)) = symbols[\(number)];\n"
    }
    for solution in solutions {
      guard let number = symbols.firstIndex(where: { $0.name == solution.symbol }) else { continue }
      let found = "call->inputs[\(solution.input)].dimensions[\(solution.axis)]"
      let formula = CLiteral.comment(program.inputs[solution.input].type.shape[solution.axis].description)
      text += """
          // \(formula)
          \(sizes.symbolReference(solution.symbol)) = symbols[\(number)] = tc_solve(
              \(found), \(sizes.formula(solution.factor)), \(sizes.formula(solution.rest)));
          if (symbols[\(number)] < 0)
            return tc_expect(model, \(solution.input), \(solution.axis), \(found), -1, error);

        """
    }
    return text
  }

  private func inputChecks() -> String {
    var text = ""
    for (input, value) in program.inputs.enumerated() {
      for (axis, dimension) in value.type.shape.enumerated()
      where dimension.constant == nil && dimension.symbolName == nil {
        text += """
            if ((code = tc_expect(model, \(input), \(axis), call->inputs[\(input)].dimensions[\(axis)],
                                  \(sizes.formula(dimension)), error)))
              return code;

          """
      }
    }
    return text
  }

  private func guards() -> String {
    program.guards.map { GuardPrinter($0, sizes).text }.joined()
  }

  /// What a run does about the checks that failed among the steps.
  private func failures() -> String {
    innerChecks.enumerated().map { number, check in
      let kept = computed.keepsSides(of: check) ? ("context.left", "context.right") : nil
      return "  if (context.failure == \(number + 1))\n" + GuardPrinter(check, sizes, kept: kept).text
    }.joined()
  }

  private func derivedSizes() -> String {
    sizes.derived.map { "  s->\($0.member) = \(sizes.formula($0.dimension));\n" }.joined()
  }

  // MARK: Memory and threads

  /// The places of the temporaries, and how many threads a call gets.
  func layout() -> String {
    var text = checks && !slots.isEmpty ? "  at = TC_ZONE;\n" : ""
    let zone = checks ? "tc_plus(TC_ZONE, " : ""
    let zoneEnd = checks ? ", &overflow)" : ""
    for (number, slot) in slots.enumerated() {
      let list = program.plan.slotSizes[number].map { sizes.formula($0) }
      let largest = list.dropFirst().reduce(list.first ?? "0") { "tc_greater(\($0), \($1))" }
      text += "  s->\(slot.offset) = at;\n"
      if let used = slot.used { text += "  s->\(used) = \(largest);\n" }
      let room = "\(zone)tc_round_up(\(slot.used.map { "s->\($0)" } ?? largest), &overflow)\(zoneEnd)"
      if let stride = slot.stride {
        text += "  s->\(stride) = \(room);\n"
        text += "  at = tc_plus(at, tc_times(s->\(stride), threads, &overflow), &overflow);\n"
      } else {
        text += "  at = tc_plus(at, \(room), &overflow);\n"
      }
    }
    return """
      /* Places the temporaries, for at most so many threads; gives the bytes of workspace, which need not be aligned, or
       * UINT64_MAX. */
      static uint64_t \(prefix)_place(\(prefix)_sizes *s, int threads) {
        int overflow = 0;
        int64_t at = 0;
        (void)s, (void)threads;
      \(text)  if (at > 0) at = tc_plus(at, 63, &overflow);
        return overflow ? UINT64_MAX : (uint64_t)at;
      }

      struct tensorc_model {
        int available; /* threads; 0 until the first \(prefix)_create */
      };
      static tensorc_model \(prefix)_model;

      /* Little work is done by the thread that asks for it. */
      static int \(prefix)_threads(const tensorc_model *model, const tensorc_call *call, const \(prefix)_sizes *s) {
        if (s->work < TC_SERIAL_WORK) return 1;
        return tc_threads(call->threads, __atomic_load_n(&model->available, __ATOMIC_RELAXED));
      }

      """
  }

  /// Their greatest sizes, where the run finds them; `unknown` where those have no bound.
  private func outputSizes(unknown: String) -> String {
    var text = ""
    for (output, value) in program.outputs.enumerated() {
      let bounds = computed.bounds(of: value)
      for axis in value.type.shape.indices {
        let size = bounds[axis].map { sizes.knownReference($0) } ?? unknown
        text += "  call->outputs[\(output)].dimensions[\(axis)] = \(size);\n"
      }
    }
    return text
  }

  // MARK: The six functions

  /// Collects the sizes of the outputs in the table; call it before ``structs()``.
  mutating func collectSizes() {
    for value in program.outputs {
      for case let dimension? in computed.bounds(of: value) { _ = sizes.reference(dimension) }
    }
  }

  func functions() -> String {
    lifecycle() + queries() + run() + """

      const tensorc_library *\(prefix)_library(void) {
        static const tensorc_library library = {
            sizeof(tensorc_library), TENSORC_ABI_VERSION, 0, \(prefix)_describe, \(prefix)_create, \(prefix)_output_bounds,
            \(prefix)_workspace_size, \(prefix)_run, \(prefix)_destroy};
        return &library;
      }

      #ifdef TENSORC_SHARED
      const tensorc_library *tensorc_library_v1(void) { return \(prefix)_library(); }
      #endif

      """
  }

  private func lifecycle() -> String {
    """
    /* ---- the interface ------------------------------------------------------------------------------------------ */

    const tensorc_description *\(prefix)_describe(void) { return &\(prefix)_description; }

    const tensorc_model *\(prefix)_create(const tensorc_options *options, tensorc_error *error) {
      if (options && (options->size < sizeof *options || options->flags != 0)) {
        tc_fail(error, TENSORC_BAD_OPTIONS, -1, 0, "bad-options", "", "this library knows no options");
        return NULL;
      }
      const char *const missing = tc_missing_instructions();
      if (missing) {
        tc_fail(error, TENSORC_UNSUPPORTED_CPU, -1, 0, "unsupported-cpu", "",
                "the library was compiled for %s, which this processor lacks: compile it for another target", missing);
        return NULL;
      }
      if (!__atomic_load_n(&\(prefix)_model.available, __ATOMIC_RELAXED))
        __atomic_store_n(&\(prefix)_model.available, tc_available_threads(), __ATOMIC_RELAXED);
      tc_succeed(error);
      return &\(prefix)_model;
    }

    void \(prefix)_destroy(const tensorc_model *model) { (void)model; }


    """
  }

  private func queries() -> String {
    """
    int32_t \(prefix)_output_bounds(const tensorc_model *model, const tensorc_call *call, tensorc_error *error) {
      \(prefix)_sizes sizes, *const s = &sizes;
      (void)model;
      const int32_t code = \(prefix)_measure(call, s, error);
      if (code) return code;
    \(outputSizes(unknown: "-1"))  return tc_succeed(error);
    }

    int32_t \(prefix)_workspace_size(const tensorc_model *model, const tensorc_call *call, uint64_t *bytes,
                                     tensorc_error *error) {
      \(prefix)_sizes sizes;
      if (!model || !bytes) return tc_fail(error, TENSORC_BAD_CALL, -1, 0, "bad-call", "", "an argument is null");
      const int32_t code = \(prefix)_measure(call, &sizes, error);
      if (code) return code;
      *bytes = \(prefix)_place(&sizes, \(prefix)_threads(model, call, &sizes));
      if (*bytes == UINT64_MAX) return tc_too_large(error);
      return tc_succeed(error);
    }


    """
  }

  private func run() -> String {
    let buffers = program.inputs.count + program.outputs.count + 1
    let failureText =
      (canFail ? computed.end(sizes).replacing(ComputedSizes.description, with: "\(prefix)_description") : "")
      + (innerChecks.isEmpty ? "" : "  int overflow = 0;\n" + failures() + "  (void)overflow;\n")
    let check = checks ? CheckPrinter(program: program, slots: slots) : nil
    let region =
      hasKernels
      ? """
        context.call = call;
        context.workspace = (char *)(((uintptr_t)call->workspace + 63) & ~(uintptr_t)63);
      \(faults.begin())\(collectives.begin())\(canFail ? "  context.failure = 0;\n" + computed.begin() : "")\(check?.begin() ?? "")  tc_parallel(&context.team, threads, \(prefix)_body, &context);
      \(collectives.end())\(check?.end() ?? "")\(failureText)\(faults.end())
      """ : ""
    return """
      int32_t \(prefix)_run(const tensorc_model *model, const tensorc_call *call, tensorc_error *error) {
        \(prefix)_context context;
        \(prefix)_sizes *const s = &context.sizes;
        if (!model) return tc_fail(error, TENSORC_BAD_CALL, -1, 0, "bad-call", "", "the model is null");
        int32_t code = \(prefix)_measure(call, s, error);
        if (code) return code;
      \(outputSizes(unknown: "0"))  const int threads = \(prefix)_threads(model, call, s);
        const uint64_t workspace = \(prefix)_place(s, threads);
        if (workspace == UINT64_MAX) return tc_too_large(error);
        tc_stretch stretches[\(buffers)];
        if ((code = tc_check_memory(call, &\(prefix)_description, workspace, error))) return code;
        if ((code = tc_check_overlap(call, &\(prefix)_description, workspace, stretches, error))) return code;
      \(region)  return tc_succeed(error);
      }

      """
  }
}
