import TensorIR
import TensorOps
import TestSamples
import Testing

/// What every op promises, checked on its samples.
@Suite struct ContractTests {
  @Test func everyOpHasASample() {
    let sampled = Set(OpSamples.all.map(\.op.name))
    let expected = Registry.types.filter { $0.contractExclusion == nil }
    #expect(expected.map { $0.name }.filter { !sampled.contains($0) } == [])
  }

  @Test func namesAreUnique() {
    let names = Registry.types.map { $0.name }
    #expect(Set(names).count == names.count)
    for type in Registry.types { #expect(type.summary.hasSuffix("."), "\(type.name)") }
  }

  @Test(arguments: OpSamples.selected) func attributesRoundTrip(_ sample: OpSample) throws {
    let fields = try AttributeEncoder().fields(of: sample.op)
    let back = try OpDirectory(Registry.types).make(sample.op.name, fields)
    #expect(back.isEqual(to: sample.op))
  }

  /// Through the text of a function as a user would read it, with symbols where they may stand.
  @Test(arguments: OpSamples.selected) func textRoundTrips(_ sample: OpSample) throws {
    let trace = TraceRecorder(name: "f")
    let operands = sample.parameters(of: trace, sample.types { "s\($0)" })
    let results = try trace.add(sample.op, operands)
    let function = try trace.finish(results)
    let parsed = TextParser.parse(function.text(), ops: OpDirectory(Registry.types))
    #expect(parsed.diagnostics.isEmpty, "\(parsed.diagnostics)")
    let back = try #require(parsed.functions.first)
    #expect(back.text() == function.text())
    #expect(back.body.operations.first?.op.isEqual(to: sample.op) == true)
  }

  @Test(arguments: OpSamples.selected) func inferenceAgreesWithEvaluation(_ sample: OpSample) throws {
    var context = InferenceContext(symbols: SymbolTable())
    let types = try sample.op.inferTypes(sample.types, &context)
    #expect(context.guards.isEmpty)
    let results = try sample.op.evaluate(sample.values, types)
    #expect(results.count == types.count)
    for (result, type) in zip(results, types) {
      #expect(result.elementType == type.elementType)
      #expect(result.shape.map { Dimension($0) } == type.shape)
      #expect((type.elementType.isFloat ? result.floats.count : result.integers.count) == result.count)
    }
  }

  /// With a symbol for each extent above 1, the same types come out once the symbols are known, and all guards hold.
  @Test(arguments: OpSamples.selected) func symbolicInferenceAgrees(_ sample: OpSample) throws {
    var context = InferenceContext(symbols: SymbolTable())
    let expected = try sample.op.inferTypes(sample.types, &context)
    let extents = Set(sample.operands.flatMap(\.shape)).filter { $0 > 1 }.sorted()
    var symbolic = InferenceContext(symbols: SymbolTable(extents.map { Symbol("s\($0)") }))
    let found = try sample.op.inferTypes(sample.types { "s\($0)" }, &symbolic)
    let value: (String) -> Int? = { Int($0.dropFirst()) }
    #expect(found.map { $0.substituting { value($0).map { Dimension($0) } } } == expected)
    for item in symbolic.guards { #expect(item.condition.holds(value) == true, "\(item)") }
  }

  @Test(arguments: OpSamples.selected) func decompositionAgrees(_ sample: OpSample) throws {
    let trace = TraceRecorder(name: "decomposed")
    let inputs = sample.parameters(of: trace, sample.types)
    guard !inputs.isEmpty, let results = try sample.op.decompose(inputs) else { return }
    let function = try trace.finish(results)
    let found = try Evaluator.run(function, sample.inputs)
    let expected = try sample.op.evaluate(sample.values, function.resultTypes)
    for (a, b) in zip(found, expected) {
      #expect(a.shape == b.shape && a.elementType == b.elementType)
      for (x, y) in zip(a.floats, b.floats) {
        #expect(isClose(x, y, a.elementType.bitWidth == 16 ? 2e-2 : 2e-6))
      }
    }
  }
}

/// Whether two numbers differ by little against their size; NaN equals NaN.
func isClose(_ a: Double, _ b: Double, _ tolerance: Double) -> Bool {
  a == b || (a.isNaN && b.isNaN) || abs(a - b) <= tolerance * max(1, abs(a), abs(b))
}
