import Foundation
import TensorCodegenC
import TensorIR
import TensorOps
import TensorPasses
import TensorRuntime

private typealias Dimension = TensorIR.Dimension

/// Compiles functions and runs them beside the evaluator.
public enum Compiled {
  /// The results of compiled code for inputs, at a number of threads.
  public static func run(
    _ function: Function, _ inputs: [ReferenceTensor], threads: Int = 2, target: Target? = nil
  ) throws -> [ReferenceTensor] {
    let model = try model(function, target: target)
    return try run(model, function, inputs, threads: threads)
  }

  public static func run(
    _ model: Model, _ function: Function, _ inputs: [ReferenceTensor], threads: Int
  ) throws -> [ReferenceTensor] {
    let outputs = try model.run(try inputs.map(array), threads: threads)
    return try zip(outputs, function.resultTypes).map { try tensor($0, $1.elementType) }
  }

  /// A function compiled for this machine, or for another target, and loaded.
  /// - Parameters:
  ///   - work: what to add to each kernel's estimate: kernels that are too small for several threads get them with some.
  ///   - definitions: macros for the C, such as `TC_STREAM_BYTES=1`.
  ///   - flags: further flags for the C compiler, such as `-O1`.
  public static func model(
    _ function: Function, target: Target? = nil, work: Int = 0, defining definitions: [String] = [],
    flags: [String] = []
  ) throws -> Model {
    let machine = try target ?? LibraryCompiler().toolchain.native
    let program = try Pipeline.compile(function, PipelineOptions(target: machine))
    return try model(program, target: machine, work: work, defining: definitions, flags: flags)
  }

  /// A program compiled likewise.
  public static func model(
    _ lowered: LoweredProgram, target machine: Target, work: Int = 0, defining definitions: [String] = [],
    flags: [String] = []
  ) throws -> Model {
    var compiler = try LibraryCompiler()
    compiler.flags = definitions.map { "-D\($0)" } + flags
    var program = lowered
    program.steps = program.steps.mapCalls { call in
      var call = call
      call.work = call.work + Dimension(work)
      return call
    }
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("tensorc-\(UUID().uuidString).so")
    try compiler.compile(program, to: url, kind: .shared, target: machine, prefix: "test")
    defer { try? FileManager.default.removeItem(at: url) }
    return try CompiledLibrary(path: url.path).makeModel()
  }

  /// The same, where every kernel has up to four threads on any machine.
  public static func modelForFour(
    _ function: Function, defining definitions: [String] = [], flags: [String] = []
  ) throws -> Model {
    try model(function, work: 10_000_000, defining: ["TC_PROCESSORS=4"] + definitions, flags: flags)
  }

  public static func tensor(_ output: HostArray, _ type: TensorIR.ElementType) throws -> ReferenceTensor {
    let bytes = try output.withUnsafeBytes { Data($0) }
    guard let literal = TensorLiteral(type, shape: output.shape, bytes: bytes) else {
      throw Diagnostic("test", "an output of \(output.shape) does not hold \(bytes.count) bytes")
    }
    return ReferenceTensor(literal)
  }

  /// The prelude's series for a machine, compiled once for all tests.
  public static func series(for target: Target) throws -> PreludeFunctions {
    seriesLock.lock()
    defer { seriesLock.unlock() }
    if let known = knownSeries[target] { return known }
    let made = try PreludeFunctions(LibraryCompiler(), target: target)
    knownSeries[target] = made
    return made
  }

  private static let seriesLock = NSLock()
  nonisolated(unsafe) private static var knownSeries: [Target: PreludeFunctions] = [:]

  /// The bytes of a program's outputs, interpreted for a team of threads.
  public static func interpret(
    _ program: LoweredProgram, _ inputs: [ReferenceTensor], team: Int, series: (any SeriesArithmetic)? = nil
  ) throws -> ProgramInterpreter.Outcome {
    try ProgramInterpreter(program, team: team, series: series).run(
      inputs.map { Array($0.literal.bytes) }, shapes: inputs.map(\.shape))
  }

  /// Such bytes as a tensor of an expected type and shape.
  public static func tensor(_ bytes: [UInt8], like wanted: ReferenceTensor) throws -> ReferenceTensor {
    guard let literal = TensorLiteral(wanted.elementType, shape: wanted.shape, bytes: Data(bytes)) else {
      throw Diagnostic("test", "\(bytes.count) bytes do not fill \(wanted.elementType)\(wanted.shape)")
    }
    return ReferenceTensor(literal)
  }

  public static func array(_ tensor: ReferenceTensor) throws -> HostArray {
    let literal = tensor.literal
    guard let type = HostArray.ElementType.allCases.first(where: { "\($0)" == literal.elementType.rawValue }) else {
      throw Diagnostic("test", "\(tensor.elementType) has no host type")
    }
    return try literal.bytes.withUnsafeBytes { try HostArray(bytes: $0, shape: tensor.shape, type) }
  }

  /// Numbers in -2 … 2 from a fixed sequence.
  public static func sample(_ shape: [Int], seed: Int = 1, _ type: TensorIR.ElementType = .f32) -> ReferenceTensor {
    var state = UInt64(seed) &* 0x9e37_79b9_7f4a_7c15
    let values = (0..<shape.reduce(1, *)).map { _ -> Double in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(state >> 40) / Double(1 << 24) * 4 - 2
    }
    return type.isFloat
      ? ReferenceTensor(type, shape, floats: values)
      : ReferenceTensor(type, shape, integers: values.map { Int($0 * 10) })
  }

  /// The greatest difference relative to the size of the values.
  public static func difference(_ a: [ReferenceTensor], _ b: [ReferenceTensor]) -> Double {
    var worst = 0.0
    for (x, y) in zip(a, b) {
      if x.shape != y.shape { return .infinity }
      for index in 0..<x.count {
        let (p, q) = (x.number(index), y.number(index))
        if p.isNaN && q.isNaN || p == q { continue }
        let distance = abs(p - q) / max(1, abs(q))
        worst = distance.isNaN ? .infinity : max(worst, distance)
      }
    }
    return worst
  }
}
