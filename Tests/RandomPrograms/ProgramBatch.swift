import Foundation
import TensorCodegenC
import TensorIR
import TensorOps
import TensorPasses
import TensorRuntime

private typealias Dimension = TensorIR.Dimension

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
    let outputs = try Self.model(function).run(try programs.flatMap(\.inputs).map(Self.array), threads: 2)
    var rest = try zip(outputs, function.resultTypes).map { try Self.tensor($0, $1.elementType) }[...]
    return counts.map { count in
      defer { rest = rest.dropFirst(count) }
      return Array(rest.prefix(count))
    }
  }

  private static func model(_ function: Function) throws -> Model {
    let compiler = try LibraryCompiler()
    let machine = compiler.toolchain.native
    var program = try Pipeline.compile(function, PipelineOptions(target: machine))
    // Programs are too small for several threads, which is what they are to be tried with.
    program.steps = program.steps.map { step in
      guard case .call(var call) = step else { return step }
      call.work = call.work + 1_000_000
      return .call(call)
    }
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("tensorc-\(UUID().uuidString).so")
    try compiler.compile(program, to: url, kind: .shared, target: machine, prefix: "fuzz")
    defer { try? FileManager.default.removeItem(at: url) }
    return try CompiledLibrary(path: url.path).makeModel()
  }

  private static func tensor(_ output: HostArray, _ type: TensorIR.ElementType) throws -> ReferenceTensor {
    let bytes = try output.withUnsafeBytes { Data($0) }
    guard let literal = TensorLiteral(type, shape: output.shape, bytes: bytes) else {
      throw Diagnostic("fuzz", "an output of \(output.shape) does not hold \(bytes.count) bytes")
    }
    return ReferenceTensor(literal)
  }

  private static func array(_ tensor: ReferenceTensor) throws -> HostArray {
    let literal = tensor.literal
    guard let type = HostArray.ElementType.allCases.first(where: { "\($0)" == literal.elementType.rawValue }) else {
      throw Diagnostic("fuzz", "\(tensor.elementType) has no host type")
    }
    return try literal.bytes.withUnsafeBytes { try HostArray(bytes: $0, shape: tensor.shape, type) }
  }
}
