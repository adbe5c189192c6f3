import Foundation
import TensorCodegenC
import TensorIR
import TensorPasses
import TensorRuntime

/// A function compiled into this process, with memory for calls.
///
/// The library is taken from the user's cache if the same C was compiled before. Calls wait for each other.
final class CompiledProgram: @unchecked Sendable {
  let model: Model
  private let lock = NSLock()
  private let context: Context

  /// - Throws: a diagnostic about the function; `ToolchainMissing` where there is no C compiler.
  init(_ function: Function) throws {
    let compiler = try CompiledProgram.compiler()
    let target = compiler.toolchain.native
    let program = try Pipeline.compile(function, PipelineOptions(target: target))
    // Once it is loaded the file is not needed; the cache keeps a copy.
    let directory = try ScratchDirectory.temporary()
    defer { directory.remove() }
    let file = directory.url.appendingPathComponent("tensors.so")
    try compiler.compile(program, to: file, kind: .shared, target: target, prefix: "tensors")
    model = try CompiledLibrary(path: file.path).makeModel()
    context = model.makeContext()
  }

  /// Computes the outputs from the inputs.
  func run(_ inputs: [HostArray]) throws -> [HostArray] {
    try lock.withLock { try context.run(inputs) }
  }

  /// The compiler, looked for once.
  private static func compiler() throws -> LibraryCompiler { try found.get() }
  private static let found = Result { try LibraryCompiler() }
}
