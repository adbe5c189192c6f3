import CompiledModels
import TensorIR
import TensorOps

/// Several programs compiled as one function, each with symbols and parameters of its own, and compared with the evaluator.
public struct ProgramBatch {
  public let programs: [RandomProgram]

  public init(_ programs: [RandomProgram]) { self.programs = programs }

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
      let outputs = try run()
      return zip(programs, outputs).compactMap { program, found in
        do {
          let expected = try PerturbedEvaluation(program.function, program.inputs)
          return expected.fault(found).map { Fault(program: program, result: $0.result, text: $0.text) }
        } catch let error as Diagnostic where error.id == "unstable-shape" { return nil } catch {
          return Fault(program: program, result: nil, text: "the evaluator says: \(error)")
        }
      }
    } catch {
      // One that cannot be compiled must not hide the others.
      guard programs.count > 1 else { return [Fault(program: programs[0], result: nil, text: "\(error)")] }
      let half = programs.count / 2
      return ProgramBatch(Array(programs[..<half])).faults() + ProgramBatch(Array(programs[half...])).faults()
    }
  }

  /// Each program's results, computed by compiled code with two threads.
  private func run() throws -> [[ReferenceTensor]] {
    let trace = TraceRecorder(name: "programs")
    var results: [Tensor] = []
    var counts: [Int] = []
    for (number, program) in programs.enumerated() {
      let rename: (String) -> Dimension? = { Dimension(symbol: "q\(number)_\($0)") }
      let inputs = program.function.parameterTypes.map { trace.parameter($0.substituting(rename)) }
      let own = try Copying.copy(program.function, into: trace, inputs, rename)
      counts.append(own.count)
      results += own
    }
    let function = try trace.finish(results)
    // Programs are too small for several threads, which is what they are to be tried with.
    let model = try Compiled.model(function, work: 1_000_000)
    var rest = try Compiled.run(model, function, programs.flatMap(\.inputs), threads: 2)[...]
    return counts.map { count in
      defer { rest = rest.dropFirst(count) }
      return Array(rest.prefix(count))
    }
  }
}
