import TensorIR
import TensorOps
import TestSupport
import Testing

/// The evaluator against NumPy, SciPy, onnx and PyTorch, through the cases that the scripts of Fixtures/ops write.
@Suite struct FixtureTests {
  @Test(arguments: FixtureCase.themes.keys.sorted()) func evaluatorAgrees(theme: String) throws {
    let cases = try #require(FixtureCase.themes[theme])
    #expect(!cases.isEmpty, "\(theme).json holds no cases")
    for (number, fixture) in cases.enumerated() where OpSelection.chosen.contains(fixture.op) {
      guard let fault = fixture.fault() else { continue }
      // The line of the file, behind its bracket.
      Issue.record("\(theme).json:\(number + 2): \(fixture.op) \(fixture.attributes): \(fault)")
    }
  }

  @Test func everyOpHasCases() {
    let counts = Dictionary(grouping: FixtureCase.themes.values.joined(), by: \.op).mapValues(\.count)
    let known = Registry.types.filter { $0.contractExclusion == nil }.map { $0.name }
    for name in known where counts[name, default: 0] < 5 {
      Issue.record("'\(name)' has \(counts[name, default: 0]) cases in Fixtures/ops; every op needs five")
    }
    for name in counts.keys where !known.contains(name) { Issue.record("there is no op '\(name)' to have cases") }
    let sum = counts.values.reduce(0, +)
    #expect(sum >= 2000)
    for name in counts.keys.sorted() { print(name, counts[name, default: 0]) }
    print("\(sum) cases of \(counts.count) ops")
  }
}
