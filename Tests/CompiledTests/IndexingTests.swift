import CompiledModels
import Foundation
import TensorCodegenC
import TensorIR
import TensorOps
import TensorPasses
import TensorRuntime
import Testing

// Foundation has a Dimension too.
private typealias Dimension = TensorIR.Dimension

/// Indices out of range, values that meet, and runs that are copied whole, in compiled code.
@Suite struct IndexingTests {
  private let n = Dimension(symbol: "n")
  private let m = Dimension(symbol: "m")

  private func function(
    _ types: [TensorType], at place: Location = .unknown, _ body: ([Tensor]) throws -> Tensor
  ) throws -> Function {
    let trace = TraceRecorder(name: "f")
    let operands = types.map { trace.parameter($0) }
    trace.location = place
    return try trace.finish([body(operands)])
  }

  // MARK: Out of range

  private static let values = Compiled.sample([3, 4])
  private static let cases: [(String, [ReferenceTensor], @Sendable ([Tensor]) -> Tensor)] = [
    ("gather", [values, index([2], [0, 3])], { $0[0].gather($0[1]) }),
    ("gather", [values, index([2], [-4, 1])], { $0[0].gather($0[1]) }),
    ("gather", [values, index([2], [0, 3])], { $0[0].exp().gather($0[1]).exp() }),
    ("gather", [Compiled.sample([0, 4]), index([1], [0])], { $0[0].gather($0[1]) }),
    ("gather_gradient", [values, index([3], [0, 5, 1])], { .one(of: GatherGradient(axis: 0, extent: 5), $0) }),
    ("gather_elements", [values, index([1, 2], [0, 4])], { $0[0].takeAlong($0[1], axis: 1) }),
    (
      "gather_elements", [Compiled.sample([0, 4]), index([2, 4], Array(repeating: 0, count: 8))],
      {
        $0[0].takeAlong($0[1], axis: 0)
      }
    ),
    ("gather_nd", [values, index([1, 2], [0, 4])], { $0[0].gatherND($0[1]) }),
    (
      "scatter_elements", [values, index([1, 1], [3]), Compiled.sample([1, 1])],
      {
        $0[0].putAlong($0[1], values: $0[2], axis: 0)
      }
    ),
    (
      "scatter_elements", [Compiled.sample([0]), index([1], [0]), Compiled.sample([1])],
      {
        $0[0].putAlong($0[1], values: $0[2], axis: 0)
      }
    ),
    (
      "scatter_nd", [values, index([1, 1], [-5]), Compiled.sample([1, 4])], { $0[0].scatterND($0[1], values: $0[2]) }
    ),
    ("scatter_slices", [values, index([1], [3]), Compiled.sample([1, 4])], { $0[0].indexAdd($0[1], values: $0[2]) }),
  ]

  private static func index(_ shape: [Int], _ list: [Int]) -> ReferenceTensor {
    ReferenceTensor(.i64, shape, integers: list)
  }

  /// The run gives an error that names the node; so does the evaluator.
  @Test(arguments: cases.indices) func indicesOutOfRangeAreTold(_ number: Int) throws {
    let (name, inputs, body) = IndexingTests.cases[number]
    let types = inputs.enumerated().map { place, input in
      TensorType(
        input.elementType, input.shape.indices.map { input.shape[$0] == 2 && place == 1 ? 2 : symbol(place, $0) })
    }
    let plain = inputs.map { TensorType($0.elementType, $0.shape.map { Dimension($0) }) }
    for types in name.hasSuffix("nd") || name == "gather_gradient" ? [plain] : [types, plain] {
      guard let f = try? function(types, at: .node(name: "pick", kind: "Pick"), body) else { continue }
      let told = #expect(throws: Diagnostic.self) { _ = try Evaluator.run(f, inputs) }
      #expect(told?.id == "index-out-of-range")
      let error = #expect(throws: RuntimeError.self) { _ = try Compiled.run(f, inputs) }
      #expect(error?.id == "index-out-of-range" && error?.node == "pick (Pick)", "\(String(describing: error))")
      #expect(error?.text.hasPrefix("'\(name)' was given index ") == true, "\(String(describing: error))")
    }
  }

  private func symbol(_ operand: Int, _ axis: Int) -> Dimension { Dimension(symbol: "s\(operand)\(axis)") }

  // MARK: Values that meet

  /// The last of several values stays, sums go in order; the same bits whatever the number of threads.
  @Test(arguments: ScatterReduction.allCases) func threadsDoNotChangeScatters(_ reduction: ScatterReduction) throws {
    let f = try function([
      TensorType(.f32, [n, 3]), TensorType(.i64, [m]), TensorType(.f32, [m, 3]),
    ]) { $0[0].put($0[1], values: $0[2], reduction: reduction) }
    let x = Compiled.sample([500, 3])
    let indices = ReferenceTensor(.i64, [60_000], integers: (0..<60_000).map { ($0 &* 7919) % 37 })
    let inputs = [x, indices, Compiled.sample([60_000, 3], seed: 5)]
    let model = try Compiled.modelForFour(f)
    let bytes = try [1, 2, 4].map { threads in
      try model.run(try inputs.map(Compiled.array), threads: threads)[0].withUnsafeBytes { Data($0) }
    }
    #expect(bytes[1] == bytes[0] && bytes[2] == bytes[0])
    if reduction == .add || reduction == .multiply { return }
    let found = try Compiled.run(model, f, inputs, threads: 4)[0]
    #expect(found.floats == (try Evaluator.run(f, inputs))[0].floats)
  }

  // MARK: Runs of memory

  @Test(arguments: [ElementType.f32, .f64, .f16, .bf16, .i8, .u16, .i64, .bool])
  func gathersCopyRuns(_ type: ElementType) throws {
    for (axis, shape) in [(0, [7, 65]), (0, [7]), (1, [3, 5]), (1, [3, 5, 17]), (0, [4, 2, 3])] {
      let extents = shape.indices.map { Dimension(symbol: "s\($0)") }
      let f = try function([TensorType(type, extents), TensorType(.i32, [n, 2])]) { $0[0].gather($0[1], axis: axis) }
      let picks = ReferenceTensor(.i32, [3, 2], integers: [0, 3, -1, 2, -4, 1])
      try RowTests.check(f, [[Compiled.sample(shape, type), picks]], kernels: 1)
    }
  }

  /// A signalling NaN stays what it is: elements are moved, not converted.
  @Test func gathersMoveBits() throws {
    let f = try function([TensorType(.f16, [n, 2]), TensorType(.i64, [m])]) { $0[0].gather($0[1]) }
    let patterns: [UInt16] = [0x7C01, 0xFC01, 0x8000, 0x0001]
    let x = try patterns.withUnsafeBytes { try HostArray(bytes: $0, shape: [2, 2], .f16) }
    let picks = try Compiled.array(ReferenceTensor(.i64, [2], integers: [1, 0]))
    let found = try Compiled.model(f).run([x, picks], threads: 1)[0].withUnsafeBytes {
      Array($0.bindMemory(to: UInt16.self))
    }
    #expect(found == [0x8000, 0x0001, 0x7C01, 0xFC01])
  }

  // MARK: Compositions

  @Test func rollsTurnAround() throws {
    for (places, sizes) in [(2, [5, 4]), (-1, [3, 7]), (9, [2, 4]), (3, [2, 0]), (0, [2, 3])] {
      let f = try function([TensorType(.f32, [n, m])]) { $0[0].rolled(by: places, axis: -1) }
      let x = Compiled.sample(sizes)
      let wanted = (0..<x.count).map { place in
        let (row, column) = (place / sizes[1], place % sizes[1])
        return x.floats[row * sizes[1] + ((column - places) % sizes[1] + sizes[1]) % sizes[1]]
      }
      #expect(try Evaluator.run(f, [x])[0].floats == wanted)
      #expect(try Compiled.run(f, [x])[0].floats == wanted)
    }
  }

  @Test func tilesAndRepeats() throws {
    let x = ReferenceTensor(.f32, [2, 2], floats: [1, 2, 3, 4])
    func check(_ wanted: [Double], _ body: ([Tensor]) -> Tensor) throws {
      for type in [TensorType(.f32, [2, 2]), TensorType(.f32, [n, m])] {
        let f = try function([type], body)
        #expect(try Evaluator.run(f, [x])[0].floats == wanted)
        #expect(try Compiled.run(f, [x])[0].floats == wanted)
      }
    }
    try check([1, 2, 1, 2, 3, 4, 3, 4]) { $0[0].tiled(2, axis: 1) }
    try check([1, 2, 3, 4, 1, 2, 3, 4]) { $0[0].tiled([2, 1]) }
    try check([1, 1, 2, 2, 3, 3, 4, 4]) { $0[0].repeated(2, axis: -1) }
    try check([1, 2, 0, 4]) { $0[0].triu() }
    try check([0, 0, 3, 0]) { $0[0].tril(offset: -1) }
    try check([1, 4]) { $0[0].diagonal() }
    try check([3]) { $0[0].diagonal(offset: -1) }
    try check([5]) { $0[0].trace() }
  }
}

extension Tensor {
  /// One operation recorded as it is.
  static func one(of op: any TensorOp, _ operands: [Tensor]) -> Tensor {
    (try? Tensor.record(op, operands).first) ?? .absent
  }
}
