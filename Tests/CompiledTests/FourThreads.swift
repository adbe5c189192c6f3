import Foundation
import TensorCodegenC
import TensorIR
import TensorOps
import TensorPasses
import TensorRuntime

/// Compiles for four threads on any machine.
enum FourThreads {
  /// - Parameter definitions: more macros, such as `TC_STREAM_BYTES=1`.
  static func model(_ function: Function, defining definitions: [String] = []) throws -> Model {
    let compiler = try LibraryCompiler()
    let machine = compiler.toolchain.native
    var program = try Pipeline.compile(function, PipelineOptions(target: machine))
    program.steps = program.steps.map { step in
      guard case .call(var call) = step else { return step }
      call.work = call.work + 10_000_000
      return .call(call)
    }
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("tensorc-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    try compiler.compile(program, to: folder.appendingPathComponent("f.c"), kind: .source, target: machine, prefix: "f")
    let library = folder.appendingPathComponent("f.so")
    let process = Process()
    process.executableURL = URL(fileURLWithPath: compiler.toolchain.compiler)
    process.arguments =
      CompilerFlags.recommended(for: machine, threads: compiler.toolchain.threads)
      + ["-w", "-fPIC", "-shared", "-DTENSORC_SHARED", "-DTC_PROCESSORS=4"] + definitions.map { "-D\($0)" }
      + [folder.appendingPathComponent("f.c").path, "-o", library.path, "-lm"]
    try process.run()
    process.waitUntilExit()
    return try CompiledLibrary(path: library.path).makeModel()
  }
}
