import TensorIR
import TensorOps
import TestSamples

/// What the contract suite compiles: the samples that were written down, and for each op and element type that they leave
/// with fewer than twelve, samples of other types turned into it.
struct ContractPlan: Sendable {
  private(set) var cases: [ContractCase] = []
  /// For each op, the number of samples of each type that it takes.
  private(set) var counts: [(name: String, samples: [ElementType: Int])] = []

  init(_ samples: [OpSample]) {
    var order: [String] = []
    for name in samples.map(\.op.name) where !order.contains(name) { order.append(name) }
    let groups = Dictionary(grouping: samples, by: \.op.name)
    for name in order { add(name, groups[name] ?? []) }
  }

  private mutating func add(_ name: String, _ samples: [OpSample]) {
    let types = SampleTypes(samples)
    let excluded = samples.first.map { type(of: $0.op).uncompiledElementTypes } ?? [:]
    var counts: [ElementType: Int] = [:]
    for type in types.accepted where excluded[type] == nil {
      var own = ContractCase.cases(types.samples(of: type))
      for sample in types.turned(into: type) where count(own) < ContractCase.wanted {
        own = ContractCase.cases(own.flatMap(\.written) + [sample])
      }
      counts[type] = count(own)
      cases += own
    }
    self.counts.append((name, counts))
  }

  private func count(_ cases: [ContractCase]) -> Int { cases.reduce(0) { $0 + $1.rounds.count } }

  /// What is missing, a line each.
  var faults: [String] {
    counts.flatMap { name, samples in
      samples.filter { $0.value < ContractCase.wanted }.sorted { $0.key.rawValue < $1.key.rawValue }.map {
        "'\(name)' has \($0.value) samples of \($0.key); every type that an op takes needs \(ContractCase.wanted)"
      }
    }
  }

  /// For each op, how many samples there are of each element type.
  var table: String {
    func padded(_ text: String) -> String { String(repeating: " ", count: max(5 - text.count, 0)) + text }
    func column(_ text: String) -> String { text.padding(toLength: 28, withPad: " ", startingAt: 0) }
    var lines = [column("op") + SampleTypes.all.map { padded("\($0)") }.joined()]
    for (name, samples) in counts.sorted(by: { $0.name < $1.name }) {
      lines.append(column(name) + SampleTypes.all.map { padded(samples[$0].map { "\($0)" } ?? "·") }.joined())
    }
    let sum = counts.flatMap(\.samples.values).reduce(0, +)
    lines.append(
      "\(cases.count) kernels, \(sum) samples of \(counts.count) ops in \(counts.map(\.samples.count).reduce(0, +)) types"
    )
    return lines.joined(separator: "\n")
  }
}
