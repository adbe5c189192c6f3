import Foundation
import TensorIR
import TensorOps
import TensorPasses

/// Programs lowered and interpreted, with every access looked at and no C made, compared with the evaluator.
public struct ProgramInterpretation {
  private let program: RandomProgram
  private let target: Target

  public init(_ program: RandomProgram, target: Target) { (self.program, self.target) = (program, target) }

  /// What is wrong with the program's kernels for teams of one, two and three; nil where nothing is.
  public func fault() -> ProgramBatch.Fault? {
    do {
      let expected = try PerturbedEvaluation(program.function, program.inputs)
      let lowered = try Pipeline.compile(program.function, PipelineOptions(target: target))
      let alone = try run(lowered, team: 1)
      for team in 2...3 where try run(lowered, team: team) != alone {
        throw Diagnostic("threads", "a team of \(team) gives other bits than one thread")
      }
      let wanted = try Evaluator.run(program.function, program.inputs)
      let found = try zip(wanted, alone).map { want, bytes in
        guard let literal = TensorLiteral(want.elementType, shape: want.shape, bytes: Data(bytes)) else {
          throw Diagnostic("size", "\(bytes.count) bytes do not fill \(want.elementType)\(want.shape)")
        }
        return ReferenceTensor(literal)
      }
      return expected.fault(found).map { .init(program: program, result: $0.result, text: $0.text) }
    } catch let error as Diagnostic where error.id == "unstable-shape" { return nil } catch {
      return .init(program: program, result: nil, text: "interpreted: \(error)")
    }
  }

  private func run(_ lowered: LoweredProgram, team: Int) throws -> [[UInt8]] {
    var sizes: [String: Int] = [:]
    for (value, input) in zip(lowered.inputs, program.inputs) {
      for (dimension, size) in zip(value.type.shape, input.shape) {
        if let name = dimension.symbolName { sizes[name] = size }
      }
    }
    return try ProgramInterpreter(lowered, team: team).run(
      program.inputs.map { Array($0.literal.bytes) }, sizes: sizes
    ).outputs
  }
}
