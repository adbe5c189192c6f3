import Foundation
import TensorIR
import TensorOps
import TestSamples
import TestSupport
import Testing

/// Compiled code against each op's own formula, over the samples of all ops, their types and attributes, at many sizes.
/// Many ops share one library; libraries are compiled side by side.
@Suite struct ContractTests {
  static let plan = ContractPlan(OpSamples.selected)
  static let batchSize = 40
  static let batches = (plan.cases.count + batchSize - 1) / batchSize

  /// Every batch takes cases from all over the list, so that they take about equally long.
  private func batch(_ number: Int, of cases: [ContractCase], _ count: Int) -> [ContractCase] {
    stride(from: number, to: cases.count, by: count).map { cases[$0] }
  }

  private func check(_ cases: [ContractCase], _ target: Target? = nil) {
    for fault in ContractBatch(cases: cases, target: target).faults() { Issue.record("\(fault)") }
  }

  @Test(arguments: 0..<ContractTests.batches) func compiledAgreesWithEvaluation(number: Int) {
    check(batch(number, of: Self.plan.cases, Self.batches))
  }

  /// Fewer on other targets: each ninth, which meets every family.
  @Test(arguments: [Target.generic, .x86v3]) func otherTargets(_ target: Target) {
    let some = stride(from: 0, to: Self.plan.cases.count, by: 9).map { Self.plan.cases[$0] }
    for start in stride(from: 0, to: some.count, by: Self.batchSize) {
      check(Array(some[start..<min(start + Self.batchSize, some.count)]), target)
    }
  }

  /// Matrix registers, in plain C where the target has none.
  @Test func matrixRegisters() {
    var target = Target.x86v3
    target.hasTiles = true
    check(Self.plan.cases.filter { $0.op is MatmulBF16 || $0.op is ConvolutionBF16 }, target)
  }

  /// Bytes by four at once, in plain C where the target has no instruction for it.
  @Test func byteProducts() {
    var target = Target.x86v3
    target.hasByteProducts = true
    check(Self.plan.cases.filter { $0.op is MatmulInteger || $0.op is ConvolutionInteger }, target)
  }

  /// Zeros in place of a result are seen, whatever the op and the type: at the least where its greatest element stands.
  @Test func boundsCanFail() throws {
    for sample in Self.plan.cases.flatMap(\.rounds) {
      var context = InferenceContext(symbols: SymbolTable())
      let types = try sample.op.inferTypes(sample.types, &context)
      let terms = try ContractTolerance.terms(sample.op, sample.values, types)
      for (place, wanted) in try sample.op.evaluate(sample.values, types).enumerated()
      where wanted.floats.contains(where: { abs($0) > 0x1p-10 }) {
        let zeros = ReferenceTensor(wanted.elementType, wanted.shape, floats: wanted.floats.map { _ in 0 })
        let bound = ContractTolerance.bound(sample.op, wanted.elementType)
        let fault = ContractTolerance.firstFault(zeros, wanted, bound, terms: terms?[place])
        #expect(fault != nil, "\(sample)")
      }
    }
  }

  @Test func everyOpIsTriedInEveryType() {
    let tried = Set(Self.plan.cases.map(\.op.name))
    for type in Registry.types where OpSelection.chosen.contains(type.name) {
      if let reason = type.contractExclusion {
        #expect(!tried.contains(type.name) && !reason.isEmpty, "\(type.name)")
      } else {
        #expect(tried.contains(type.name), "'\(type.name)' is neither tried nor gives a reason for it")
      }
      for (element, reason) in type.uncompiledElementTypes { #expect(!reason.isEmpty, "\(type.name) \(element)") }
    }
    for fault in Self.plan.faults { Issue.record("\(fault)") }
    print(Self.plan.table)
    for type in Registry.types {
      if let reason = type.contractExclusion { print("without \(type.name): \(reason)") }
      for (element, reason) in type.uncompiledElementTypes.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
        print("\(type.name) not of \(element): \(reason)")
      }
    }
  }

  /// Every attribute has at least two values among an op's samples, so at least one that is not its default.
  @Test func everyAttributeIsOffItsDefault() throws {
    for (name, samples) in Dictionary(grouping: OpSamples.selected, by: \.op.name) {
      for (attribute, values) in try AttributeValues(samples.map(\.op)).values where values.count < 2 {
        Issue.record("'\(name)': '\(attribute)' is \(values.first ?? "absent") in all samples")
      }
    }
  }
}
