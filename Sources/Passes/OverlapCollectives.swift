import TensorIR

/// Divides what ranks do together into a start, as soon as what is sent is there, and a wait, where what is received is
/// wanted, so that they exchange tensors while they compute. Small reductions that are ready one after the other, such as
/// the gradients that a backward pass finds, go together in buckets.
enum OverlapCollectives {
  /// The bytes from which a bucket is full: much more than an exchange costs by itself, and little enough that the first
  /// one begins early.
  private static let bucketBytes = 1 << 20

  static func run(_ program: LoweredProgram) -> LoweredProgram {
    var result = program
    var numbers = 0
    if !program.collectives.isEmpty { result.steps = divided(program.steps, in: program, &numbers) }
    return result
  }

  private static func divided(_ steps: [Step], in program: LoweredProgram, _ numbers: inout Int) -> [Step] {
    let steps = steps.map { step in step.mapInner { divided($0, in: program, &numbers) } }
    let spans = CollectiveSpans(steps, program).spans
    if spans.isEmpty { return steps }
    var starts: [Int: [Step]] = [:]
    var waits: [Int: [Step]] = [:]
    for span in buckets(spans) {
      var collective = span.collective
      collective.number = numbers
      numbers += 1
      collective.phase = .start
      starts[span.start, default: []].append(.collective(collective))
      collective.phase = .wait
      waits[span.end, default: []].append(.collective(collective))
    }
    var result: [Step] = []
    for index in 0...steps.count {
      result += (waits[index] ?? []) + (starts[index] ?? [])
      guard index < steps.count else { continue }
      if case .collective(let collective) = steps[index], collective.phase == .whole { continue }
      result.append(steps[index])
    }
    return result
  }

  /// Reductions of one kind together, in the order in which they can be started, where none is wanted before the last is
  /// ready.
  private static func buckets(_ spans: [CollectiveSpan]) -> [CollectiveSpan] {
    var full: [CollectiveSpan] = []
    var open: [Step.Collective.Key: CollectiveSpan] = [:]
    for span in spans.sorted(by: { ($0.start, $0.position) < ($1.start, $1.position) }) {
      guard span.collective.kind == .allReduce else {
        full.append(span)
        continue
      }
      let key = span.collective.key
      if let bucket = open[key], let joined = bucket.joined(with: span, most: bucketBytes) {
        open[key] = joined
      } else if let bucket = open.updateValue(span, forKey: key) {
        full.append(bucket)
      }
    }
    return (full + open.values).sorted { ($0.start, $0.position) < ($1.start, $1.position) }
  }
}

/// A collective, and from where to where among the steps of a list it may be under way.
struct CollectiveSpan {
  var collective: Step.Collective
  /// Where it stands, which is nowhere else's place.
  var position: Int
  /// The step before which it may be started at the earliest, and the one before which it must be over.
  var start: Int
  var end: Int
  /// What one rank sends; nil where that is not known before the run.
  var bytes: Int?

  /// Both as one; nil where that would be too much, or where one is wanted before the other is ready.
  func joined(with other: CollectiveSpan, most: Int) -> CollectiveSpan? {
    guard let bytes, let more = other.bytes, bytes + more <= most else { return nil }
    var both = self
    both.bytes = bytes + more
    (both.start, both.end) = (max(start, other.start), min(end, other.end))
    both.collective.parts += other.collective.parts
    return both.start < both.end ? both : nil
  }
}

extension Step.Collective {
  /// Equal for reductions that may go together.
  struct Key: Hashable {
    var reduction: RankReduction
    var elementType: ElementType
  }
  var key: Key { Key(reduction: reduction, elementType: elementType) }
}

/// Looks for the spans of the collectives in a list of steps.
private struct CollectiveSpans {
  private let steps: [Step]
  private let program: LoweredProgram
  private let uses: [(reads: Set<BufferReference>, writes: Set<BufferReference>)]

  init(_ steps: [Step], _ program: LoweredProgram) {
    self.steps = steps
    self.program = program
    let isNeeded = steps.contains { if case .collective = $0 { true } else { false } }
    uses = isNeeded ? steps.map { CollectiveSpans.uses(of: $0, program) } : []
  }

  var spans: [CollectiveSpan] {
    steps.indices.compactMap { index in
      guard case .collective(let collective) = steps[index], collective.phase == .whole else { return nil }
      return span(collective, at: index)
    }
  }

  private func span(_ collective: Step.Collective, at position: Int) -> CollectiveSpan {
    let sent = Set(collective.parts.map { program.memory($0.send) })
    let received = Set(collective.parts.map { program.memory($0.receive) })
    func disturbs(_ index: Int) -> Bool {
      !uses[index].writes.isDisjoint(with: sent) || !uses[index].reads.isDisjoint(with: received)
        || !uses[index].writes.isDisjoint(with: received)
    }
    var start = position
    // Sizes that a step finds are not known before it.
    let isSized = collective.parts.allSatisfy { !program.symbols.holdsComputed($0.count) } && collective.ranks == nil
    while isSized, start > 0, !disturbs(start - 1) { start -= 1 }
    // What it sends may be what another collective receives, whose wait comes here at the latest.
    if start > 0, case .collective = steps[start - 1] { start = position }
    let end = (position + 1..<steps.count).first(where: disturbs) ?? steps.count
    let counts = collective.parts.map { $0.count.constant }
    let bytes = counts.contains(nil) ? nil : counts.reduce(0) { $0 + ($1 ?? 0) } * collective.elementType.bitWidth / 8
    return CollectiveSpan(collective: collective, position: position, start: start, end: end, bytes: bytes)
  }

  private static func uses(
    of step: Step, _ program: LoweredProgram
  ) -> (reads: Set<BufferReference>, writes: Set<BufferReference>) {
    var (reads, writes) = (Set<BufferReference>(), Set<BufferReference>())
    for inner in [step].flattened {
      switch inner {
      case .call(let call):
        let own = PlaceBarriers.uses(of: call, in: program)
        reads.formUnion(own.reads)
        writes.formUnion(own.writes)
      case .collective(let collective):
        reads.formUnion(collective.parts.map { program.memory($0.send) })
        writes.formUnion(collective.parts.map { program.memory($0.receive) })
      case .swap, .room: writes.formUnion(inner.references.map { program.memory($0) })
      case .branch, .loop, .define: reads.formUnion(inner.references.map { program.memory($0) })
      case .barrier, .check: break
      }
    }
    return (reads, writes)
  }
}
