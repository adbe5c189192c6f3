import TensorIR
import TensorOps
import TestSamples
import Testing

/// Every op of the registry with operands that its signature does not have.
@Suite struct SignatureTests {
  @Test func everyOpRefusesOperandsThatAreNotThere() {
    var seen: Set<String> = []
    for sample in OpSamples.all {
      let kind = type(of: sample.op)
      let name = kind.name
      let signature = kind.signature
      seen.insert(name)
      let types = sample.operands.enumerated().map { $1.isAbsent ? nil : sample.types[$0] }
      for count in 0...(types.count + 2) {
        let given = Array((types + types + [nil, nil]).prefix(count))
        let id = refusal(sample, given)
        let isAllowed = signature.operands.contains(count)
        #expect(isAllowed || id == "arity", "\(name) with \(count) operands")
      }
      for place in types.indices where types[place] != nil {
        var given = types
        given[place] = nil
        let id = refusal(sample, given)
        let isOptional = signature.optional.contains(place)
        #expect(isOptional || id == "arity", "\(name) without operand \(place)")
      }
    }
    let others = Registry.types.map { $0.name }.filter { !seen.contains($0) }
    let collectives = ["all_reduce", "all_gather", "reduce_scatter", "broadcast", "reduce_to_root"]
    #expect(others == ["fused", "if", "loop", "size", "value_and_gradient"] + collectives, "\(others)")
  }

  /// Callers take results apart without asking whether there are any.
  @Test func whatCannotBeRecordedHasAsManyResults() {
    for sample in OpSamples.all {
      guard let expected = type(of: sample.op).signature.results, expected.upperBound < .max else { continue }
      let trace = TraceRecorder(name: "f")
      let failed = trace.record(sample.op, [], at: .unknown)
      if !trace.diagnostics.isEmpty { #expect(failed.count == expected.upperBound, "\(sample.op.name)") }
    }
  }

  /// The id of the message with which an op refuses operands; nil if it takes them.
  private func refusal(_ sample: OpSample, _ types: [TensorType?]) -> String? {
    var context = InferenceContext(symbols: SymbolTable())
    let op = sample.op
    do {
      let found = try op.resultTypes(types, &context)
      return found.isEmpty ? "no results" : nil
    } catch { return (error as? Diagnostic)?.id ?? "\(error)" }
  }
}
