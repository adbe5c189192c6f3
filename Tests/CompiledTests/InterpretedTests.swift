import Foundation
import TensorCodegenC
import TensorIR
import TensorOps
import TensorPasses
import TestSamples
import Testing

/// Each sample of the contract, lowered and interpreted before any C is made: its text reads back to the same program, no
/// access lies outside its memory, no two threads meet between barriers, and teams of one, two and three give the same bits.
@Suite struct InterpretedTests {
  static let samples = OpSamples.selected.filter { sample in
    var context = InferenceContext(symbols: SymbolTable())
    let types = try? sample.op.inferTypes(sample.types, &context)
    return (sample.types + (types ?? [])).allSatisfy { ($0.count.constant ?? .max) <= mostElements }
  }

  /// What takes the interpreter too long is left to the samples beside it.
  private static let mostElements = 1_200

  private func program(_ sample: OpSample, symbolic: Bool, _ target: Target) throws -> LoweredProgram {
    let trace = TraceRecorder(name: "sample")
    let types = symbolic ? sample.types { "s\($0)" } : sample.types
    let results = try trace.add(sample.op, sample.parameters(of: trace, types)).map { result in
      result.type.layout.isPlain ? result : try trace.add(Reorder(.plain), [result])[0]
    }
    return try Pipeline.compile(try trace.finish(results), PipelineOptions(target: target))
  }

  @Test(arguments: samples, [Target.x86v4, .generic]) func teamsAgree(_ sample: OpSample, _ target: Target) throws {
    let symbolic = target == .x86v4
    guard let program = try? program(sample, symbolic: symbolic, target) else {
      // What cannot be a symbol there is a number here.
      return try look(try self.program(sample, symbolic: false, target), sample)
    }
    try look(program, sample)
  }

  private func look(_ program: LoweredProgram, _ sample: OpSample) throws {
    let text = program.text()
    let back = try LoweredProgram(parsing: text, blobs: MemoryBlobs(program.constants))
    #expect(back.text() == text && zip(back.kernels, program.kernels).allSatisfy { $0.signature == $1.signature })
    var sizes: [String: Int] = [:]
    for (value, input) in zip(program.inputs, sample.inputs) {
      for (dimension, size) in zip(value.type.shape, input.shape) {
        if let name = dimension.symbolName { sizes[name] = size }
      }
    }
    let inputs = sample.inputs.map { Array($0.literal.bytes) }
    let alone = try ProgramInterpreter(back, team: 1).run(inputs, sizes: sizes)
    for team in 2...3 {
      let together = try ProgramInterpreter(back, team: team).run(inputs, sizes: sizes)
      #expect(together.outputs == alone.outputs, "the bits differ between 1 and \(team) threads")
    }
  }
}
