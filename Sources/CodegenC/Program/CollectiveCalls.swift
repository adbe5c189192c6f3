import TensorIR

/// What a library has for the steps at which ranks meet; nothing where there are none.
struct CollectiveCalls {
  private let collectives: [Step.Collective]

  init(_ program: LoweredProgram) { collectives = program.collectives }

  var isNeeded: Bool { !collectives.isEmpty }

  /// How many requests there may be at once: a start and its wait share a place.
  private var requests: Int { (collectives.map(\.number).max() ?? 0) + 1 }

  /// The members of the context.
  var members: String {
    isNeeded ? "  tc_request requests[\(requests)];\n  tensorc_error trouble; // with the other ranks\n" : ""
  }

  /// Before the steps.
  func begin() -> String {
    isNeeded
      ? "  for (int i = 0; i < \(requests); i++) context.requests[i].is_open = 0;\n"
        + "  context.trouble.size = sizeof context.trouble, context.trouble.code = TENSORC_OK;\n" : ""
  }

  /// After them: a run that ended early waits for what is under way.
  func end() -> String {
    isNeeded
      ? "  for (int i = 0; i < \(requests); i++) tc_wait_ranks(call, &context.requests[i], &context.trouble);\n"
        + "  if (context.trouble.code)\n"
        + "    return tc_fail(error, TENSORC_RANKS_FAILED, -1, 0, \"ranks-failed\", context.trouble.node, \"%s\",\n"
        + "                   context.trouble.text);\n" : ""
  }

  var support: String { isNeeded ? CollectiveCalls.support : "" }

  private static let support = #"""

    /* ---- other ranks -------------------------------------------------------------------------------------------- */

    /* Something that ranks do together, from its start to its wait. */
    typedef struct {
      void *request;
      int is_open;
    } tc_request;

    /* How a call reaches the other ranks; null where it is the only one. */
    TC_FN const tensorc_ranks *tc_ranks(const tensorc_call *call) {
      const tensorc_ranks *const ranks = call->size < sizeof *call ? NULL : call->ranks;
      return ranks && ranks->size >= sizeof *ranks && ranks->count > 1 ? ranks : NULL;
    }

    /* What went wrong is kept where the model's place is known; the first of several stays. */
    TC_FN int tc_ranks_failed(tensorc_error *trouble, const tensorc_error *found, const char *node) {
      if (trouble->code) return 1;
      trouble->code = TENSORC_RANKS_FAILED;
      snprintf(trouble->node, sizeof trouble->node, "%s", node);
      snprintf(trouble->text, sizeof trouble->text, "%s", found->text[0] ? found->text : "the ranks failed");
      return 1;
    }

    /* Begins; the only rank receives what it sends. `needed` is how many ranks there must be, 0 for any number. Gives 0, or 1
     * when the run cannot go on. */
    __attribute__((unused)) static int tc_start_ranks(const tensorc_call *call, const tensorc_collective *what,
                                                      int64_t needed, tc_request *request, tensorc_error *trouble) {
      const tensorc_ranks *const ranks = tc_ranks(call);
      const int64_t count = ranks ? ranks->count : 1;
      tensorc_error found;
      found.size = sizeof found, found.text[0] = 0;
      if (needed && needed != count) {
        snprintf(found.text, sizeof found.text, "the function is for %lld ranks, and there are %lld: compile it for as many",
                 (long long)needed, (long long)count);
        return tc_ranks_failed(trouble, &found, what->node);
      }
      if (what->root >= count) {
        snprintf(found.text, sizeof found.text, "there is no rank %d among %lld, which are counted from 0", (int)what->root,
                 (long long)count);
        return tc_ranks_failed(trouble, &found, what->node);
      }
      if (ranks) {
        if (ranks->start(ranks->context, what, &request->request, &found))
          return tc_ranks_failed(trouble, &found, what->node);
        request->is_open = 1;
        return 0;
      }
      for (uint32_t i = 0; i < what->part_count; i++)
        if (what->parts[i].count > 0 && what->parts[i].send != what->parts[i].receive)
          __builtin_memcpy(what->parts[i].receive, what->parts[i].send,
                           what->parts[i].count * (tc_element_bits(what->element_type) / 8));
      return 0;
    }

    TC_FN int tc_wait_ranks(const tensorc_call *call, tc_request *request, tensorc_error *trouble) {
      const tensorc_ranks *const ranks = tc_ranks(call);
      tensorc_error found;
      found.size = sizeof found, found.text[0] = 0;
      if (!ranks || !request->is_open) return 0;
      request->is_open = 0;
      /* After a failure the table touches nothing any more. */
      if (trouble->code) return 1;
      return ranks->wait(ranks->context, request->request, &found) ? tc_ranks_failed(trouble, &found, "") : 0;
    }

    """#
}

extension BodyPrinter {
  /// One thread starts it, or waits for it, and the others wait for that thread.
  mutating func print(_ collective: Step.Collective) {
    if collective.location != .unknown { add("// \(CLiteral.comment(collective.location.description))") }
    let request = "&c->requests[\(collective.number)], &c->trouble"
    let wait = "tc_wait_ranks(c->call, \(request))"
    if collective.phase == .wait { return meet(wait) }
    block("{") { printer in
      printer.describe(collective)
      let needed = collective.ranks.map { printer.reference($0) } ?? "0"
      printer.meet("tc_start_ranks(c->call, &what, \(needed), \(request))")
      if collective.phase == .whole { printer.meet(wait) }
    }
    add("}")
  }

  /// Has one thread do something, and ends the run for all where it fails.
  private mutating func meet(_ call: String) {
    add("if (tc_uniform(&c->team, thread, team, thread == 0 ? \(call) : 0)) return;")
  }

  private mutating func describe(_ collective: Step.Collective) {
    add("const tensorc_part parts[] = {")
    for part in collective.parts {
      add("    {\(address(part.send)), \(address(part.receive)), (uint64_t)\(reference(part.count))},")
    }
    add("};")
    let numbers = [
      collective.kind.code, collective.reduction.code, "TENSORC_\(collective.elementType.rawValue.uppercased())",
    ]
    add("const tensorc_collective what = {\(numbers.joined(separator: ", ")), \(collective.root),")
    add(
      "                                 \(collective.parts.count), 0, parts, \(CLiteral.string(collective.location.nodeText))};"
    )
  }
}

extension Step.Collective.Kind {
  fileprivate var code: String { "TENSORC_\(rawValue.uppercased())" }
}

extension RankReduction {
  fileprivate var code: String { "TENSORC_RANK_\(rawValue.uppercased())" }
}
