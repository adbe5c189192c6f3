import TensorIR
import TensorOps
import TestSamples
import TestSupport
import Testing

/// No call reads or writes beyond the caller's buffers, whatever its sizes: every op, alone, in a group and with its gradient,
/// is called with sizes that do not fit, under AddressSanitizer. Either an error says what is wrong and names the
/// operation, or the results are the evaluator's.
@Suite struct SizesTests {
  static let cases = makeCases()
  static let batchSize = 40
  static let batches = (cases.count + batchSize - 1) / batchSize

  /// Every sample that differs from an earlier one in more than its values and element type, alone; the first few of each
  /// op in a group and with its gradient.
  private static func makeCases() -> [SizesCase] {
    var seen: Set<String> = []
    var counts: [String: Int] = [:]
    return OpSamples.selected.flatMap { sample -> [SizesCase] in
      let key = "\(sample.op) \(sample.operands.map { "\($0.shape) \($0.isAbsent)" })"
      guard seen.insert(key).inserted else { return [] }
      let forms = SizesCase.Form.allCases.filter { form in
        if form == .gradient && !sample.hasGradient { return false }
        let name = "\(form) \(sample.op.name)"
        if counts[name, default: 0] >= (form == .alone ? 4 : 1) { return false }
        counts[name, default: 0] += 1
        return true
      }
      return forms.compactMap { SizesCase(sample, $0) }
    }
  }

  @Test(arguments: 0..<SizesTests.batches) func nothingIsReadOutside(number: Int) {
    let batch = stride(from: number, to: Self.cases.count, by: Self.batches).map { Self.cases[$0] }
    for fault in SizesBatch(cases: batch).faults() { Issue.record("\(fault)") }
  }

  @Test func everyOpIsTried() {
    let tried = Set(Self.cases.map(\.sample.op.name))
    let expected = Registry.types.filter {
      $0.contractExclusion == nil && OpSelection.chosen.contains($0.name) && !Self.withoutOperands.contains($0.name)
    }
    #expect(expected.map { $0.name }.filter { !tried.contains($0) } == [])
    print("\(Self.cases.count) cases of \(tried.count) ops at \(Self.cases.map(\.calls.count).reduce(0, +)) sizes")
  }

  /// Their sizes are attributes.
  private static let withoutOperands: Set<String> = [
    Constant.name, PackedConstant.name, Full.name, Iota.name, DimensionValues.name,
  ]
}
