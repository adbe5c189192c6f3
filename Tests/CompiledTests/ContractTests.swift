import Foundation
import TensorIR
import TensorOps
import TestSamples
import TestSupport
import Testing

/// Compiled code against each op's own formula, over the samples of all ops, their types and attributes, at many sizes.
/// Many ops share one library.
@Suite(.serialized) struct ContractTests {
  static let cases = ContractCase.cases(OpSamples.selected)
  static let batchSize = 40
  static let batches = (cases.count + batchSize - 1) / batchSize

  /// Every batch takes cases from all over the list, so that they take about equally long.
  private func batch(_ number: Int, of cases: [ContractCase], _ count: Int) -> [ContractCase] {
    stride(from: number, to: cases.count, by: count).map { cases[$0] }
  }

  private func check(_ cases: [ContractCase], _ target: Target? = nil) {
    for fault in ContractBatch(cases: cases, target: target).faults() { Issue.record("\(fault)") }
  }

  @Test(arguments: 0..<ContractTests.batches) func compiledAgreesWithEvaluation(number: Int) {
    check(batch(number, of: Self.cases, Self.batches))
  }

  /// Fewer on other targets: each ninth, which meets every family.
  @Test(arguments: [Target.generic, .x86v3]) func otherTargets(_ target: Target) {
    let some = stride(from: 0, to: Self.cases.count, by: 9).map { Self.cases[$0] }
    for start in stride(from: 0, to: some.count, by: Self.batchSize) {
      check(Array(some[start..<min(start + Self.batchSize, some.count)]), target)
    }
  }

  @Test func everyOpIsCompiled() {
    let tried = Set(Self.cases.map(\.op.name))
    for type in Registry.types where OpSelection.chosen.contains(type.name) {
      if let reason = type.contractExclusion {
        #expect(!tried.contains(type.name) && !reason.isEmpty, "\(type.name)")
      } else {
        #expect(tried.contains(type.name), "'\(type.name)' is neither tried nor gives a reason for it")
      }
    }
    print(Self.table())
  }

  /// For each op, how many samples there are of each element type of its first operand, or of its result if it has none.
  private static func table() -> String {
    let columns = ElementType.floats + ElementType.integers + [.bool]
    func count(_ name: String, _ type: ElementType) -> Int {
      cases.filter { $0.op.name == name }.flatMap(\.rounds).filter { sample in
        var context = InferenceContext(symbols: SymbolTable())
        let types = sample.types.isEmpty ? (try? sample.op.inferTypes([], &context)) ?? [] : sample.types
        return types.first?.elementType == type
      }.count
    }
    func padded(_ text: String, _ width: Int) -> String {
      String(repeating: " ", count: max(width - text.count, 0)) + text
    }
    var lines = [
      "op".padding(toLength: 24, withPad: " ", startingAt: 0) + columns.map { padded("\($0)", 5) }.joined()
    ]
    var sum = 0
    for name in Set(cases.map(\.op.name)).sorted() {
      let counts = columns.map { count(name, $0) }
      sum += counts.reduce(0, +)
      lines.append(
        name.padding(toLength: 24, withPad: " ", startingAt: 0)
          + counts.map { padded($0 == 0 ? "·" : "\($0)", 5) }.joined())
    }
    lines.append("\(cases.count) kernels in \(batches) libraries, \(sum) samples")
    for type in Registry.types {
      if let reason = type.contractExclusion { lines.append("without \(type.name): \(reason)") }
    }
    return lines.joined(separator: "\n")
  }
}
