import CompiledModels
import TensorIR
import TensorOps
import Testing

@testable import TensorPasses

/// Results that are stored past the caches. With a threshold of one byte small tensors take that way, where addresses
/// allow it.
@Suite struct StreamTests {
  private static let n = Dimension(symbol: "n")
  private static let m = Dimension(symbol: "m")

  private static func function(_ type: ElementType, _ body: (Tensor) -> Tensor) throws -> Function {
    let trace = TraceRecorder(name: "f")
    return try trace.finish([body(trace.parameter(TensorType(type, [n, m]), name: "x"))])
  }

  @Test(arguments: [ElementType.f32, .f64, .i32, .f16])
  func resultsPastTheCachesAreTheSame(_ type: ElementType) throws {
    var functions = [
      try Self.function(type) { $0 * $0 + $0 },
      try Self.function(type) { $0.transposed([1, 0]) },
      try Self.function(type) { $0.gather($0.iota(.i64, [Self.n], axis: 0), axis: 0) },
    ]
    if type.isFloat { functions.append(try Self.function(type) { $0.softmax() }) }
    for function in functions {
      let model = try Compiled.modelForFour(function, defining: ["TC_STREAM_BYTES=1"])
      for shape in [[64, 64], [33, 129], [1, 5000], [0, 3], [7, 16]] {
        let input = Compiled.sample(shape, type)
        let results = try [1, 2, 4].map { try Compiled.run(model, function, [input], threads: $0) }
        let wanted = try Evaluator.run(function, [input])
        #expect(Compiled.difference(results[0], wanted) < (type == .f16 ? 2e-2 : 1e-5), "\(shape)")
        for other in results[1...] {
          #expect(other.map(\.floats) == results[0].map(\.floats), "\(shape)")
          #expect(other.map(\.integers) == results[0].map(\.integers), "\(shape)")
        }
      }
    }
  }

  /// Vectors that lie 16, 32 and 48 bytes behind a line are stored in pieces; rows of 1 + 4k elements of four bytes are met at all
  /// such places.
  @Test(arguments: [nil, Target.generic, .x86v3] as [Target?])
  func resultsBesideLinesAreTheSame(_ target: Target?) throws {
    let function = try Self.function(.f32) { $0.gather($0.iota(.i64, [Self.n], axis: 0), axis: 0) }
    let model = try Compiled.model(function, target: target, defining: ["TC_STREAM_BYTES=1"])
    let input = Compiled.sample([40, 133], .f32)
    let wanted = try Evaluator.run(function, [input])
    #expect(try Compiled.run(model, function, [input], threads: 1).map(\.floats) == wanted.map(\.floats))
  }

  /// A size that is known to be small needs no such stores; one that is known to be large, or unknown, has them.
  @Test func onlyLargeResultsGoPastTheCaches() throws {
    func streams(_ shape: [Dimension]) throws -> Bool {
      let trace = TraceRecorder(name: "f")
      let x = trace.parameter(TensorType(.f32, shape), name: "x")
      let program = try Pipeline.compile(try trace.finish([x + x]), PipelineOptions(target: .x86v4))
      return program.kernels.contains { kernel in
        kernel.body.contains { if case .stream = $0 { true } else { false } }
      }
    }
    #expect(try !streams([1000, 1000]))
    #expect(try streams([4096, 4096]))
    #expect(try streams([Self.n, 8]))
  }
}
