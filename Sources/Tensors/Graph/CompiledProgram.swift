import Foundation
import TensorCodegenC
import TensorIR
import TensorPasses
import TensorRuntime

/// A function compiled into this process, with memory for calls.
///
/// The library is taken from the user's cache if the same C was compiled before. Calls from several threads run side by
/// side.
///
/// Sendable because the contexts are taken and given back under the lock, and each is one call's until then.
final class CompiledProgram: @unchecked Sendable {
  let model: Model
  private let plan: MemoryPlan
  private let symbols: SymbolTable
  private let lock = NSLock()
  private var idle: [Context] = []

  /// - Throws: a diagnostic about the function; `ToolchainMissing` where there is no C compiler.
  convenience init(_ function: Function, _ choices: CompilationChoices, at place: Location) throws {
    do { try self.init(function, choices) } catch let error as Diagnostic where error.id.hasPrefix("memory-budget") {
      throw error.located(at: place)
    }
  }

  init(_ function: Function, _ choices: CompilationChoices = CompilationChoices()) throws {
    let compiler = try CompiledProgram.compiler()
    let target = compiler.toolchain.native
    let program = try Pipeline.compile(function, choices.options(for: target))
    (plan, symbols) = (program.plan, program.symbols)
    // Once it is loaded the file is not needed; the cache keeps a copy.
    let directory = try ScratchDirectory.temporary()
    defer { directory.remove() }
    let file = directory.url.appendingPathComponent("tensors.so")
    try compiler.compile(program, to: file, kind: .shared, target: target, prefix: "tensors")
    model = try CompiledLibrary(path: file.path).makeModel()
  }

  /// The bytes of workspace of a call in given sizes; nil where a size is missing.
  func workspaceByteCount(_ sizes: [String: Int]) -> Int? {
    plan.byteCount(symbols, sizes, threads: RunningCalls.processors)
  }

  /// Computes the outputs from the inputs.
  func run(_ inputs: [HostArray]) throws -> [HostArray] {
    try RunningCalls.counted { count in
      let context = lock.withLock { idle.popLast() } ?? model.makeContext(threads: RunningCalls.processors)
      defer {
        lock.withLock { if idle.count < RunningCalls.processors { idle.append(context) } }
      }
      // Threads of several calls would only wait for each other at barriers.
      context.threads = max(1, (Ranks.current.threads ?? RunningCalls.processors) / count)
      return try context.run(inputs)
    }
  }

  /// The compiler, looked for once.
  private static func compiler() throws -> LibraryCompiler { try found.get() }
  private static let found = Result { try LibraryCompiler() }
}

/// How many calls of compiled functions run in this process.
enum RunningCalls {
  static let processors = Processors.available
  private static let lock = NSLock()
  nonisolated(unsafe) private static var count = 0

  /// Runs a call, which is told how many there are, itself among them.
  static func counted<Result>(_ body: (Int) throws -> Result) rethrows -> Result {
    let own = lock.withLock {
      count += 1
      return count
    }
    defer { lock.withLock { count -= 1 } }
    return try body(own)
  }
}

/// A function that is compiled when it is first needed. Of several threads that need it one compiles, and the others
/// wait for it; nobody else waits.
///
/// Sendable because the program is set and read under the lock.
final class CompiledOnce: @unchecked Sendable {
  private let lock = NSLock()
  private let function: Function
  private var compiled: CompiledProgram?

  init(_ function: Function) { self.function = function }

  /// - Parameter note: told of a compilation.
  /// - Throws: as ``CompiledProgram``; the next call tries again.
  func program(_ note: () -> Void) throws -> CompiledProgram {
    try lock.withLock {
      if let compiled { return compiled }
      let program = try CompiledProgram(function)
      note()
      compiled = program
      return program
    }
  }
}
