import TensorIR

/// What a library knows of sizes that a run finds: which the steps define, which the outputs need, and what memory only the
/// caller's allocator can give.
struct ComputedSizes {
  let program: LoweredProgram
  /// The symbols that steps define, in the order of the table.
  let names: [String]
  /// The members of the context that keep those which outputs are made of.
  let members: [String: String]
  /// The temporaries without a bound, in order.
  private let blocks: [Int]

  init(_ program: LoweredProgram) {
    self.program = program
    guard program.symbols.hasComputed else {
      (names, members, blocks) = ([], [:], [])
      return
    }
    var defined: Set<String> = []
    for case .define(let definitions) in program.steps.flattened { defined.formUnion(definitions.map(\.symbol)) }
    names = program.symbols.symbols.map(\.name).filter(defined.contains)
    let needed = Set(program.outputs.flatMap { $0.type.shape.flatMap(\.symbols) })
    members = Dictionary(
      uniqueKeysWithValues: names.enumerated().filter { needed.contains($0.element) }.map { ($1, "found_\($0)") })
    var roomy: Set<Int> = []
    for case .room(let room) in program.steps.flattened {
      if case .temporary(let number) = room.memory { roomy.insert(number) }
    }
    blocks = roomy.sorted()
  }

  /// Whether there are any.
  var isEmpty: Bool { names.isEmpty }

  /// Those that the description lists, behind the inputs' symbols.
  var described: [Symbol] {
    program.symbols.symbols.filter { members[$0.name] != nil }.map { symbol in
      var described = symbol
      described.maximum = symbol.maximum ?? program.symbols.range(of: Dimension(symbol: symbol.name)).upper
      return described
    }
  }

  /// The place of a temporary among the blocks that grow.
  func block(of reference: BufferReference) -> Int? {
    guard case .temporary(let number) = reference else { return nil }
    return blocks.firstIndex(of: number)
  }

  /// The largest extents of a value; nil where one has no bound.
  func bounds(of value: Value) -> [Dimension?] {
    isEmpty ? value.type.shape : value.type.shape.map { program.symbols.bound(of: $0) }
  }

  /// Work for deciding on the number of threads: what has no bound counts for something that is worth little.
  func estimate(_ work: Dimension) -> Dimension {
    guard !isEmpty else { return work }
    return program.symbols.bound(of: work)
      ?? work.substituting { program.symbols[$0]?.isComputed == true ? Self.middling : nil }
  }

  private static let middling: Dimension = 64

  func holds(_ dimension: Dimension) -> Bool { !isEmpty && program.symbols.holdsComputed(dimension) }

  /// Whether the sides of a check are known in the steps alone.
  func keepsSides(of check: InferenceContext.Guard) -> Bool {
    holds(check.condition.left) || holds(check.condition.right)
  }

  // MARK: C

  private var growsOutputs: Bool {
    program.steps.flattened.contains {
      if case .room(let room) = $0, case .output = room.memory { true } else { false }
    }
  }

  /// The members of the context.
  var structMembers: String {
    if isEmpty { return "" }
    let found = names.compactMap { name in
      members[name].map { "  int64_t \($0); // \(CLiteral.comment(name))\n" }
    }
    let grown = blocks.isEmpty ? "" : "  tc_block blocks[\(blocks.count)];\n"
    return found.joined() + grown + "  int64_t left, right; // the sides of what failed\n"
  }

  /// Before the steps.
  func begin() -> String {
    let zeros = names.compactMap { members[$0].map { "  context.\($0) = 0;\n" } }.joined()
    return zeros + (blocks.isEmpty ? "" : "  __builtin_memset(context.blocks, 0, sizeof context.blocks);\n")
  }

  /// After them: memory goes back, outputs get their sizes, and what went wrong is told.
  func end(_ sizes: SizeTable) -> String {
    if isEmpty { return "" }
    var text = ""
    if !blocks.isEmpty {
      text += "  for (int i = 0; i < \(blocks.count); i++) tc_give_back(call, &context.blocks[i]);\n"
      text += "  if (context.failure == TC_NO_ROOM) return tc_no_room(call, context.left, error);\n"
    }
    let counters = members.mapValues { "context.\($0)" }
    var dimensions = ""
    for (output, value) in program.outputs.enumerated() {
      for (axis, dimension) in value.type.shape.enumerated() where holds(dimension) {
        let formula = sizes.formula(dimension, counters: counters)
        dimensions += "  call->outputs[\(output)].dimensions[\(axis)] = \(formula);\n"
      }
    }
    if growsOutputs {
      dimensions +=
        "  if (context.failure == TC_SMALL_OUTPUT)\n"
        + "    return tc_small_output(call, &\(Self.description), context.right, context.left, error);\n"
    }
    return text
      + (dimensions.isEmpty
        ? ""
        : "  if (!context.failure || context.failure == TC_SMALL_OUTPUT) {\n    int overflow = 0;\n"
          + dimensions.split(separator: "\n").map { "  \($0)\n" }.joined() + "    (void)overflow;\n  }\n")
  }

  /// Stands for the name of the description until the prefix is known.
  static let description = "tc_described"

  /// The functions that such a library needs.
  var support: String {
    if isEmpty { return "" }
    return ComputedSizes.failures + (blocks.isEmpty ? "" : ComputedSizes.blockSupport)
      + (growsOutputs ? ComputedSizes.outputSupport : "")
  }

  private static let failures = """

    /* ---- sizes found while running ------------------------------------------------------------------------------ */

    /* What ends a run beside its checks, which are numbered from 1. */
    enum { TC_NO_ROOM = -1, TC_SMALL_OUTPUT = -2 };

    """

  private static let blockSupport = """

    /* Memory of the caller's allocator. No alignment of it is assumed. */
    typedef struct {
      char *base, *data;
      int64_t size;  /* bytes at base; 64 more than at data */
      int64_t share; /* bytes from one thread's to the next one's */
    } tc_block;

    /* Makes a block as large as is needed. Without memory its base is null. */
    __attribute__((unused)) static void tc_room(const tensorc_call *call, tc_block *block, int64_t bytes, int64_t shares,
                                                int keeps) {
      int overflow = bytes < 0;
      const int64_t share = tc_round_up(bytes, &overflow);
      int64_t needed = tc_plus(tc_times(share, shares, &overflow), 128, &overflow);
      if (!overflow) block->share = share;
      if (!overflow && block->base && block->size >= needed) return;
      if (!overflow && keeps && block->base && needed < 2 * block->size) needed = 2 * block->size;
      char *const base =
          overflow || !call->allocate ? NULL : call->allocate(call->allocator_context, NULL, 0, (uint64_t)needed);
      char *const data = (char *)(((uintptr_t)base + 63) & ~(uintptr_t)63);
      if (base && keeps && block->base) __builtin_memcpy(data, block->data, (size_t)(block->size - 64));
      if (block->base) call->allocate(call->allocator_context, block->base, (uint64_t)block->size, 0);
      block->base = base;
      block->data = data;
      block->size = needed;
    }

    TC_FN void tc_give_back(const tensorc_call *call, tc_block *block) {
      if (block->base) call->allocate(call->allocator_context, block->base, (uint64_t)block->size, 0);
    }

    TC_FN int32_t tc_no_room(const tensorc_call *call, int64_t bytes, tensorc_error *error) {
      if (!call->allocate)
        return tc_fail(error, TENSORC_NO_ALLOCATOR, -1, (uint64_t)bytes, "no-allocator", "",
                       "a size is known only during the run, and the call has no allocator");
      return tc_fail(error, TENSORC_OUT_OF_MEMORY, -1, (uint64_t)bytes, "out-of-memory", "",
                     "the allocator of the call has no %lld bytes", (long long)bytes);
    }

    """

  private static let outputSupport = """

    /* Whether an output has room for so many bytes, apart from all else that the call names. */
    TC_FN int tc_fits(const tensorc_call *call, uint32_t output, int64_t bytes, const void *workspace) {
      const tensorc_tensor *const own = &call->outputs[output];
      if (bytes <= 0) return 1;
      if (!own->data || own->capacity < (uint64_t)bytes) return 0;
      const uintptr_t from = (uintptr_t)own->data, to = from + (uintptr_t)bytes;
      const uintptr_t scratch = (uintptr_t)workspace, end = (uintptr_t)call->workspace + call->workspace_size;
      if (workspace && from < end && scratch < to) return 0;
      for (uint32_t i = 0; i < call->input_count + call->output_count; i++) {
        const tensorc_tensor *const other =
            i < call->input_count ? &call->inputs[i] : &call->outputs[i - call->input_count];
        const uintptr_t start = (uintptr_t)other->data;
        if (other != own && from < start + tc_tensor_bytes(other) && start < to) return 0;
      }
      return 1;
    }

    TC_FN int32_t tc_small_output(const tensorc_call *call, const tensorc_description *model, int64_t output, int64_t bytes,
                                  tensorc_error *error) {
      const int32_t argument = (int32_t)(model->input_count + output);
      if (call->outputs[output].data && call->outputs[output].capacity >= (uint64_t)bytes)
        return tc_fail(error, TENSORC_OVERLAP, argument, 0, "overlap", "", "output '%s' overlaps with another buffer",
                       model->outputs[output].name);
      return tc_fail(error, TENSORC_BUFFER_TOO_SMALL, argument, (uint64_t)bytes, "buffer-too-small", "",
                     "output '%s' needs %lld bytes, its buffer has %llu", model->outputs[output].name, (long long)bytes,
                     (unsigned long long)call->outputs[output].capacity);
    }

    """
}
