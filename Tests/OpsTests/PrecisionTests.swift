import TensorIR
import TensorOps
import TensorSchedules
import TestSamples
import Testing

/// Between operands and results everything is computed in f32, though both have 16 bits: decompositions and gradients of every
/// op.
@Suite struct PrecisionTests {
  struct Part: Sendable, CustomStringConvertible {
    var sample: OpSample
    var description: String { "\(sample)" }
  }

  /// Samples of an op that are tried in each type; what differs between them is mostly sizes.
  private static let most = 12

  /// The samples of every op in the types that have 16 bits.
  static let parts: [Part] = Dictionary(grouping: OpSamples.selected, by: \.op.name).sorted { $0.key < $1.key }
    .flatMap { _, samples -> [Part] in
      let types = SampleTypes(samples)
      return Precision.types.filter(types.accepted.contains).flatMap { type in
        (types.samples(of: type) + types.turned(into: type)).filter { !$0.operands.isEmpty }.prefix(most)
          .map { Part(sample: $0) }
      }
    }

  @Test func everyOpOfFloatsIsThere() {
    let there = Set(PrecisionTests.parts.map(\.sample.op.name))
    let missing = Set(OpSamples.selected.filter { $0.operands.contains { $0.elementType == .f32 } }.map(\.op.name))
      .subtracting(there)
    // These take types of 32 and 64 bits alone, or integers first.
    let wide = [
      Resample.name, ResampleGradient.name, NonMaxSuppression.name, BitCast.name, Dequantize.name, MatmulNBits.name,
      WinogradConvolution.name, WinogradFilterGradient.name, FilterGradient.name,
    ]
    #expect(missing.subtracting(wide).isEmpty, "\(missing.sorted())")
  }

  private static func isComposite(_ op: any TensorOp) -> Bool {
    !(op is any ElementOp || op is any ReductionOp || op is any ScheduledOp || op is any RegionOp)
  }

  @Test(arguments: parts.filter { isComposite($0.sample.op) })
  func decompositionsRoundOnlyTheirResults(_ part: Part) throws {
    let sample = part.sample
    let trace = TraceRecorder(name: "decomposition")
    guard let results = try sample.op.decomposed(sample.parameters(of: trace, sample.types)) else { return }
    let function = try trace.finish(results)
    let fault = Precision.roundedMiddle(function)
    #expect(fault == nil)
    for elements in Precision.Elements.allCases {
      var first = true
      let values = sample.values.map { value -> ReferenceTensor in
        // Coordinates, scales and the like stay what they are.
        guard first, value.elementType.isFloat else { return value }
        first = false
        return elements.tensor(value.elementType, value.shape)
      }
      let wide = values.map { $0.elementType.isFloat ? Cast(to: .f64).converted($0) : $0 }
      var context = InferenceContext(symbols: SymbolTable())
      let types = try sample.op.inferTypes(
        wide.map { $0.isAbsent ? FunctionBuilder.absent : TensorType($0.elementType, $0.shape.map { Dimension($0) }) },
        &context)
      let wanted = try sample.op.evaluate(wide, types)
      let found = try Evaluator.run(function, values.filter { !$0.isAbsent })
      for (a, b) in zip(found, wanted) {
        let fault = Precision.fault(a, b)
        #expect(fault == nil, "\(elements)")
      }
    }
  }

  @Test(arguments: parts) func gradientsRoundOnlyTheirResults(_ part: Part) throws {
    let sample = part.sample
    // A function of the op alone, which its own rule differentiates.
    let inner = TraceRecorder(name: "op")
    let results = try Tensor.record(sample.op, sample.parameters(of: inner, sample.types))
    let function = try inner.finish(results)
    let trace = TraceRecorder(name: "gradient")
    let operands = sample.parameters(of: trace, sample.types)
    guard
      let differentiated = try? Gradient.differentiate(function, at: operands.filter { !$0.isAbsent }, of: operands)
    else { return }
    let seeds = differentiated.results.map { $0.elementType.isFloat ? trace.parameter($0.type) : Tensor?.none }
    guard let found = try? differentiated.pull(seeds) else { return }
    let gradient = try trace.finish(found.compactMap { $0 })
    let forward = Set(differentiated.results.map { ValueID($0.id) })
    let fault = Precision.roundedMiddle(gradient, given: forward)
    #expect(fault == nil)
  }

  @Test func keysAreBits() throws {
    // Every attribute that is a float, at 0, -0 and two NaNs.
    let numbers = [0.0, -0.0, .nan, Double(nan: 5, signaling: false)]
    var seen: Set<String> = []
    for sample in OpSamples.all {
      let fields = try AttributeEncoder().fields(of: sample.op)
      for (place, field) in fields.enumerated() {
        func ops(_ make: (Double) -> Attribute) throws -> [AnyHashable] {
          try numbers.map { number in
            var changed = fields
            changed[place].value = make(number)
            let op = try AttributeDecoder().op(type(of: sample.op), from: changed)
            return AnyHashable(op)
          }
        }
        let made: [AnyHashable]
        switch field.value {
        case .number: made = try ops { .number($0) }
        case .list(let list) where list.contains { if case .number = $0 { true } else { false } }:
          made = try ops { number in .list(list.map { _ in .number(number) }) }
        default: continue
        }
        seen.insert("\(sample.op.name).\(field.name)")
        #expect(Set(made).count == 4, "\(sample.op.name).\(field.name)")
        #expect(try zip(made, remake(sample.op, made)).allSatisfy { $0 == $1 })
      }
    }
    #expect(seen.count >= 13, "\(seen.sorted())")
  }

  private func remake(_ op: any TensorOp, _ made: [AnyHashable]) throws -> [AnyHashable] {
    try made.map { one in
      let again = try AttributeDecoder().op(
        type(of: op), from: AttributeEncoder().fields(of: #require(one.base as? any Op)))
      return AnyHashable(again)
    }
  }
}
