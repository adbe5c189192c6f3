import CompiledModels
import TensorIR
import TensorOps

/// Several programs compiled as one function, each with symbols and parameters of its own, and compared with the evaluator.
public struct ProgramBatch {
  public let programs: [RandomProgram]
  /// Whether the programs' symbols are theirs alone.
  private let hasOwnSymbols: Bool

  /// - Parameter hasOwnSymbols: whether the programs' symbols are theirs alone, as those of programs with regions are.
  public init(_ programs: [RandomProgram], hasOwnSymbols: Bool = false) {
    (self.programs, self.hasOwnSymbols) = (programs, hasOwnSymbols)
  }

  /// A program that does not do what the evaluator says.
  public struct Fault: Sendable, CustomStringConvertible {
    public let program: RandomProgram
    /// The result that differs; nil where it could not be compiled or run.
    public let result: Int?
    public let text: String
    public var description: String { "seed \(program.seed): \(text)" }
  }

  public func faults() -> [Fault] {
    do {
      return faults(try run())
    } catch {
      // One that cannot be compiled must not hide the others.
      guard programs.count > 1 else { return [Fault(program: programs[0], result: nil, text: "\(error)")] }
      let half = programs.count / 2
      return ProgramBatch(Array(programs[..<half]), hasOwnSymbols: hasOwnSymbols).faults()
        + ProgramBatch(Array(programs[half...]), hasOwnSymbols: hasOwnSymbols).faults()
    }
  }

  /// What is wrong with results of ``merged()``.
  public func faults(_ results: [ReferenceTensor]) -> [Fault] {
    var rest = results[...]
    return programs.compactMap { program in
      let found = Array(rest.prefix(program.function.body.results.count))
      rest = rest.dropFirst(found.count)
      do {
        let expected = try PerturbedEvaluation(program.function, program.inputs)
        return expected.fault(found).map { Fault(program: program, result: $0.result, text: $0.text) }
      } catch let error as Diagnostic where error.id == "unstable-shape" { return nil } catch {
        return Fault(program: program, result: nil, text: "the evaluator says: \(error)")
      }
    }
  }

  private static func isSame(_ a: ReferenceTensor, _ b: ReferenceTensor) -> Bool {
    a.shape == b.shape && a.integers == b.integers
      && zip(a.floats, b.floats).allSatisfy { $0.bitPattern == $1.bitPattern || $0.isNaN && $1.isNaN }
  }

  /// All programs as one function of all their parameters, whose results are theirs one after the other.
  public func merged() throws -> Function {
    let trace = TraceRecorder(name: "programs")
    var results: [Tensor] = []
    for (number, program) in programs.enumerated() {
      let rename: (String) -> Dimension? = { hasOwnSymbols ? nil : Dimension(symbol: "q\(number)_\($0)") }
      let inputs = program.function.parameterTypes.map { trace.parameter($0.substituting(rename)) }
      results += try Copying.copy(program.function, into: trace, inputs, rename)
    }
    return try trace.finish(results)
  }

  /// The results of compiled code with two threads.
  private func run() throws -> [ReferenceTensor] {
    let function = try merged()
    // Programs are too small for several threads, which is what they are to be tried with.
    let model = try hasOwnSymbols ? Compiled.modelForFour(function) : Compiled.model(function, work: 1_000_000)
    let inputs = programs.flatMap(\.inputs)
    let results = try Compiled.run(model, function, inputs, threads: 2)
    for threads in hasOwnSymbols ? [1, 4] : [] {
      let others = try Compiled.run(model, function, inputs, threads: threads)
      for (place, (a, b)) in zip(results, others).enumerated() where !Self.isSame(a, b) {
        throw Diagnostic("threads", "result \(place) has other bits with \(threads) threads than with 2")
      }
    }
    return results
  }
}
