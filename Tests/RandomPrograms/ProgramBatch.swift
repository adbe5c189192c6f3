import CompiledModels
import TensorIR
import TensorOps

/// Several programs compiled as one function, each with symbols and parameters of its own, and compared with the evaluator.
public struct ProgramBatch {
  public let programs: [RandomProgram]
  /// Further flags for the C compiler, whose optimisation is most of the time that a batch takes.
  private let flags: [String]

  public init(_ programs: [RandomProgram], flags: [String] = []) { (self.programs, self.flags) = (programs, flags) }

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
          if let text = try Self.gradientFault(program, expected) {
            return Fault(program: program, result: nil, text: text)
          }
          return expected.fault(found).map { Fault(program: program, result: $0.result, text: $0.text) }
        } catch let error as Diagnostic where error.id == "unstable-shape" { return nil } catch {
          return Fault(program: program, result: nil, text: "the evaluator says: \(error)")
        }
      }
    } catch {
      // One that cannot be compiled must not hide the others.
      guard programs.count > 1 else { return [Fault(program: programs[0], result: nil, text: "\(error)")] }
      let half = programs.count / 2
      return [programs[..<half], programs[half...]].flatMap {
        ProgramBatch(Array($0), flags: flags).faults()
      }
    }
  }

  /// How the gradient through branches and loops differs from that of the same written out; nil where it does not.
  private static func gradientFault(_ program: RandomProgram, _ expected: PerturbedEvaluation) throws -> String? {
    guard let (function, parameters) = program.differentiated,
      function.body.operations.contains(where: { $0.op is any ControlOp })
    else { return nil }
    let straight = try Gradient.valueAndGradient(
      of: try Straightened.function(function, program.inputs), at: parameters)
    return expected.fault(try Evaluator.run(straight, program.inputs)).map { "written out, " + $0.text }
  }

  /// Each program's results, computed by compiled code; with two threads, and held to the same bits with one and four.
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
    let model = try Compiled.modelForFour(function, flags: flags)
    let inputs = programs.flatMap(\.inputs)
    let found = try Compiled.run(model, function, inputs, threads: 2)
    for threads in [1, 4] {
      let others = try Compiled.run(model, function, inputs, threads: threads)
      for (place, (a, b)) in zip(found, others).enumerated() where !a.isSame(as: b) {
        throw Diagnostic("threads", "result \(place) has other bits with \(threads) threads")
      }
    }
    var rest = found[...]
    return counts.map { count in
      defer { rest = rest.dropFirst(count) }
      return Array(rest.prefix(count))
    }
  }
}

extension ReferenceTensor {
  /// Whether all bits are the same, except those of NaN.
  fileprivate func isSame(as other: ReferenceTensor) -> Bool {
    shape == other.shape && integers == other.integers
      && zip(floats, other.floats).allSatisfy { $0.bitPattern == $1.bitPattern || $0.isNaN && $1.isNaN }
  }
}
