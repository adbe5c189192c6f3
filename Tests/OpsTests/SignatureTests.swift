import TensorIR
import TensorOps
import TestSamples
import Testing

/// Every op of the registry with operands that its signature does not have.
@Suite struct SignatureTests {
  @Test func everyOpRefusesOperandsThatAreNotThere() {
    var seen: Set<String> = []
    for sample in OpSamples.all {
      let signature = sample.op.signature
      seen.insert(sample.op.name)
      let types = sample.operands.enumerated().map { $1.isAbsent ? nil : sample.types[$0] }
      for count in 0...(types.count + 2) {
        let given = Array((types + types + [nil, nil]).prefix(count))
        var context = InferenceContext(symbols: SymbolTable())
        do {
          _ = try sample.op.resultTypes(given, &context)
          #expect(signature.operands.contains(count), "\(sample.op.name) took \(count) operands")
        } catch let diagnostic as Diagnostic {
          if !signature.operands.contains(count) { #expect(diagnostic.id == "arity", "\(diagnostic)") }
        } catch { Issue.record("\(sample.op.name): \(error)") }
      }
      for place in types.indices where types[place] != nil {
        var given = types
        given[place] = nil
        var context = InferenceContext(symbols: SymbolTable())
        let isTaken = (try? sample.op.resultTypes(given, &context)) != nil
        #expect(isTaken == signature.optional.contains(place) || !isTaken, "\(sample.op.name) without operand \(place)")
      }
    }
    let others = Registry.types.filter { !seen.contains($0.name) }.map(\.name)
    #expect(others == ["fused"], "\(others)")
  }
}
