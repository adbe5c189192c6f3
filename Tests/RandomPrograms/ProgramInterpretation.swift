import CompiledModels
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
      let alone = try Compiled.interpret(lowered, program.inputs, team: 1).outputs
      for team in 2...3 where try Compiled.interpret(lowered, program.inputs, team: team).outputs != alone {
        throw Diagnostic("threads", "a team of \(team) gives other bits than one thread")
      }
      let wanted = try Evaluator.run(program.function, program.inputs)
      let found = try zip(alone, wanted).map(Compiled.tensor)
      return expected.fault(found).map { .init(program: program, result: $0.result, text: $0.text) }
    } catch let error as Diagnostic where error.id == "unstable-shape" { return nil } catch {
      return .init(program: program, result: nil, text: "interpreted: \(error)")
    }
  }
}
