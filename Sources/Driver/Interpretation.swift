import Foundation
import TensorCodegenC
import TensorData
import TensorIR
import TensorPasses
import TensorRuntime

/// A model lowered for a target and run by the interpreter of loops, with every access looked at: no C is involved but that
/// of the prelude's series. It gives the bits of compiled code.
public struct Interpretation {
  private let program: LoweredProgram
  private let series: PreludeFunctions

  /// Lowers a function; the program is taken through its text, which says the same.
  ///
  /// - Throws: a `Diagnostic` about the function, or `ToolchainMissing`.
  public init(_ function: Function, _ compiler: ModelCompiler) throws {
    let target = try compiler.target()
    let lowered = try compiler.lower(function, for: target)
    let text = lowered.text()
    program = try LoweredProgram(parsing: text, blobs: MemoryBlobs(lowered.constants))
    guard program.text() == text else {
      throw Diagnostic("text-changed", "the lowered program reads back as another one, which is a bug of tensorc")
    }
    series = try PreludeFunctions(LibraryCompiler(cache: compiler.cache), target: target)
  }

  public var kernelCount: Int { program.kernels.count }

  /// Runs with a team of threads that take turns.
  ///
  /// - Parameters:
  ///   - inputs: one for each of the function's parameters.
  ///   - shapes: the shapes of the outputs, as compiled code gave them.
  /// - Throws: a `LoopFault` where a kernel does what none may.
  public func run(_ inputs: [HostTensor], team: Int, shapes: [HostTensor]) throws -> [HostTensor] {
    let given = try zip(program.inputs, inputs).map { value, input in
      Array(try input.standing(for: value.type.elementType.description).bytes)
    }
    var interpreter = ProgramInterpreter(program, team: team, series: series)
    interpreter.mostStatements = .max
    let outcome = try interpreter.run(given, shapes: inputs.map(\.shape))
    return try zip(shapes, outcome.outputs).map { like, bytes in
      // An output whose size is an upper bound has room to spare.
      try HostTensor(type: like.type, shape: like.shape, bytes: Data(bytes.prefix(like.bytes.count)))
    }
  }
}
