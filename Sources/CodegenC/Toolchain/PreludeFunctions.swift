import Foundation
import TensorIR

/// The prelude's series of f32, compiled for a machine: with them the interpreter of loops gives the bits of compiled code.
public struct PreludeFunctions: SeriesArithmetic {
  private typealias Unary = @convention(c) (Float) -> Float
  private typealias Binary = @convention(c) (Float, Float) -> Float

  private var unary: [Intrinsic: Unary] = [:]
  private var binary: [Intrinsic: Binary] = [:]

  private static let intrinsics = Intrinsic.allCases.filter {
    !$0.declaration.isExact && $0.declaration.domain != .integers
  }

  /// Compiles and loads them; they stay loaded until the process ends.
  ///
  /// - Throws: a ``CompilationFailure``, or a `Diagnostic` where the library cannot be loaded.
  public init(_ compiler: LibraryCompiler, target: Target) throws {
    let scratch = try ScratchDirectory.temporary()
    defer { scratch.remove() }
    let source = scratch.url.appendingPathComponent("series.c")
    try Data(PreludeFunctions.text(for: target).utf8).write(to: source)
    let flags = compiler.compileFlags(target: target, kind: .shared, threads: .none)
    let arguments = flags + ["-shared", source.lastPathComponent, "-o", "series.so", "-lm"]
    try compiler.run(
      [Command(executable: compiler.toolchain.compiler, arguments: arguments, environment: ["LC_ALL": "C"])],
      in: scratch)
    guard let library = dlopen(scratch.url.appendingPathComponent("series.so").path, RTLD_NOW | RTLD_LOCAL) else {
      throw Diagnostic("library-not-loaded", "the prelude's functions: \(String(cString: dlerror()))")
    }
    for intrinsic in PreludeFunctions.intrinsics {
      guard let symbol = dlsym(library, PreludeFunctions.name(intrinsic)) else { continue }
      if intrinsic.declaration.arity == 1 {
        unary[intrinsic] = unsafeBitCast(symbol, to: Unary.self)
      } else {
        binary[intrinsic] = unsafeBitCast(symbol, to: Binary.self)
      }
    }
  }

  public func call(_ intrinsic: Intrinsic, _ operands: [Float]) -> Float? {
    switch operands.count {
    case 1: unary[intrinsic]?(operands[0])
    case 2: binary[intrinsic]?(operands[0], operands[1])
    default: nil
    }
  }

  private static func name(_ intrinsic: Intrinsic) -> String { "series_\(intrinsic.declaration.stem)" }

  /// The scalar function of each; vectors are computed by the same text, lane by lane the same.
  private static func text(for target: Target) -> String {
    let functions = intrinsics.map { "tc_\($0.declaration.stem)_f32" }
    let prelude = Prelude.text(for: functions, target: PreludeTarget(rawValue: target.vectorBytes) ?? .generic)
    let wrappers = zip(intrinsics, functions).map { intrinsic, function in
      let isUnary = intrinsic.declaration.arity == 1
      return """
        __attribute__((visibility("default"))) float \(name(intrinsic))(\(isUnary ? "float x" : "float x, float y")) {
          return \(function)(\(isUnary ? "x" : "x, y"));
        }
        """
    }
    return prelude + wrappers.joined(separator: "\n") + "\n"
  }
}
