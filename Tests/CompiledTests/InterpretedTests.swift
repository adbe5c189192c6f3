import CompiledModels
import Foundation
import TensorIR
import TensorOps
import TensorPasses
import TestSamples
import Testing

/// Each sample of the contract, lowered and interpreted before any C is made: its text reads back to the same program, no
/// access lies outside its memory, no two threads meet between barriers, teams of one, two and three give the same bits,
/// and the numbers are those of the op's own formula.
@Suite struct InterpretedTests {
  static let samples = OpSamples.selected.filter { sample in
    var context = InferenceContext(symbols: SymbolTable())
    let types = try? sample.op.inferTypes(sample.types, &context)
    return (sample.types + (types ?? [])).allSatisfy { ($0.count.constant ?? .max) <= mostElements }
  }

  /// What takes the interpreter too long is left to the samples beside it.
  private static let mostElements = 1_400

  private func program(_ sample: OpSample, symbolic: Bool, _ target: Target) throws -> LoweredProgram {
    let trace = TraceRecorder(name: "sample")
    let types = symbolic ? sample.types { "s\($0)" } : sample.types
    let results = try trace.add(sample.op, sample.parameters(of: trace, types)).map { result in
      result.type.layout.isPlain ? result : try trace.add(Reorder(.plain), [result])[0]
    }
    return try Pipeline.compile(try trace.finish(results), PipelineOptions(target: target))
  }

  /// With sizes as symbols; what cannot be one is a number.
  @Test(arguments: samples) func teamsAgree(_ sample: OpSample) throws {
    let program =
      try (try? program(sample, symbolic: true, .x86v4)) ?? program(sample, symbolic: false, .x86v4)
    try look(program, sample)
  }

  /// Fewer on the target with the narrowest vectors, and with sizes as numbers.
  @Test(arguments: stride(from: 0, to: samples.count, by: 5).map { samples[$0] })
  func teamsAgreeElsewhere(_ sample: OpSample) throws {
    try look(try program(sample, symbolic: false, .generic), sample)
  }

  /// Matrix registers, and four bytes at once.
  @Test(arguments: samples.filter { $0.op is any WordProduct })
  func matrixRegistersAgree(_ sample: OpSample) throws {
    try look(try program(sample, symbolic: true, .x86v4amx), sample)
  }

  /// Kernels of convolutions with their sizes written into them.
  @Test(arguments: samples.filter { $0.op is Convolution }) func knownSizesAgree(_ sample: OpSample) throws {
    try look(try program(sample, symbolic: false, .x86v4), sample)
  }

  /// What only larger sizes make threads do together: they sort one line, and add up chunks of rows.
  @Test func teamsShareWork() throws {
    let trace = TraceRecorder(name: "shared")
    let x = trace.parameter(TensorType(.f32, [4_200]))
    let rows = trace.parameter(TensorType(.f32, [2_100, 9]))
    let function = try trace.finish([x.sorted(), x.argSort(), rows.sum(axes: [0]), rows.max(axes: [0])])
    let program = try Pipeline.compile(function, PipelineOptions(target: .x86v4))
    try look(program, [Compiled.sample([4_200]), Compiled.sample([2_100, 9], seed: 2)])
  }

  private func look(_ program: LoweredProgram, _ sample: OpSample) throws {
    let outputs = try look(program, sample.inputs)
    var context = InferenceContext(symbols: SymbolTable())
    let types = try sample.op.inferTypes(sample.types, &context)
    let wanted = try sample.op.evaluate(sample.values, types)
    let terms = try ContractTolerance.terms(sample.op, sample.values, types)
    for (place, (want, bytes)) in zip(wanted, outputs).enumerated() {
      let found = try Compiled.tensor(bytes, like: want)
      let bound = ContractTolerance.bound(sample.op, want.elementType)
      let fault = ContractTolerance.firstFault(found, want, bound, terms: terms?[place])
      #expect(fault == nil, "result \(place): \(fault ?? "")")
    }
  }

  @discardableResult
  private func look(_ program: LoweredProgram, _ given: [ReferenceTensor]) throws -> [[UInt8]] {
    let text = program.text()
    let back = try LoweredProgram(parsing: text, blobs: MemoryBlobs(program.constants))
    #expect(back.text() == text && zip(back.kernels, program.kernels).allSatisfy { $0.signature == $1.signature })
    let alone = try Compiled.interpret(back, given, team: 1)
    for team in 2...3 {
      let together = try Compiled.interpret(back, given, team: team)
      #expect(together.outputs == alone.outputs, "the bits differ between 1 and \(team) threads")
    }
    return alone.outputs
  }
}
