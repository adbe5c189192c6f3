import Foundation
import TensorCodegenC
import TensorIR
import TensorOps
import TensorPasses
import TensorRuntime

/// Times compiled kernels of rows, reductions and movements: `row-bench [--threads N] [--keep DIR] [CASE…]` prints one line
/// for each case with the least time of many runs in milliseconds.
struct Case {
  var name: String
  var shapes: [[Int]]
  var body: ([Tensor]) -> Tensor
}

let cases: [Case] = [
  Case(name: "softmax 128x1000", shapes: [[128, 1000]]) { $0[0].softmax() },
  Case(name: "softmax 48x128x128", shapes: [[48, 128, 128]]) { $0[0].softmax() },
  Case(name: "layer norm 4096x384", shapes: [[4096, 384], [384], [384]]) { $0[0].layerNorm(scale: $0[1], bias: $0[2]) },
  Case(name: "exporter norm 8x512x256", shapes: [[8, 512, 256]]) { exporterNorm($0[0]) },
  Case(name: "sum 16M", shapes: [[16_777_216]]) { $0[0].sum(axes: [0]) },
  Case(name: "sum 4096x4096 rows", shapes: [[4096, 4096]]) { $0[0].sum(axes: [1]) },
  Case(name: "sum 4096x4096 columns", shapes: [[4096, 4096]]) { $0[0].sum(axes: [0]) },
  Case(name: "sum 50000x32 columns", shapes: [[50_000, 32]]) { $0[0].sum(axes: [0]) },
  Case(name: "max 1000x1000", shapes: [[1000, 1000]]) { $0[0].max(axes: [1]) },
  Case(name: "argmax 1000x1000", shapes: [[1000, 1000]]) { $0[0].argMax(axis: 1) },
  Case(name: "transpose 4096x4096", shapes: [[4096, 4096]]) { $0[0].transposed([1, 0]) },
  Case(name: "transpose 8x56x56x64 to channels first", shapes: [[8, 56, 56, 64]]) { $0[0].transposed([0, 3, 1, 2]) },
  Case(name: "concat 4x(8x32x56x56)", shapes: Array(repeating: [8, 32, 56, 56], count: 4)) {
    Tensor.concat($0, axis: 1)
  },
  Case(name: "pad 64x56x56 by 1", shapes: [[64, 56, 56]]) { $0[0].padded(before: [0, 1, 1], after: [0, 1, 1]) },
  Case(name: "gather 4096 of 30000x384", shapes: [[30_000, 384], [4096]]) { $0[0].gather($0[1]) },
]

func exporterNorm(_ x: Tensor) -> Tensor {
  let scale = x.like(1.0 / 512)
  let mean = x.sum(axes: [1]) * scale
  let squares = (x * x).sum(axes: [1]) * scale
  let factor = (Tensor.maximum(squares - mean * mean, x.like(0)) + x.like(1e-5)).sqrt().reciprocal()
  func wide(_ t: Tensor) -> Tensor { t.reshaped(to: [x.shape[0], 1, x.shape[2]]).broadcast(to: x.shape) }
  return x * wide(factor) - wide(mean * factor)
}

/// Numbers of a fixed sequence; for a gather the second input holds places in the first.
func input(_ shape: [Int], asPlaces extent: Int?) throws -> HostArray {
  var state: UInt64 = 1
  func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state >> 33
  }
  let count = shape.reduce(1, *)
  if let extent { return try HostArray((0..<count).map { _ in Int64(next() % UInt64(extent)) }, shape: shape) }
  return try HostArray((0..<count).map { _ in Float(next() & 0xffff) / 32768 - 1 }, shape: shape)
}

func measure(_ one: Case, threads: Int) throws -> Double {
  let trace = TraceRecorder(name: "f")
  let isGather = one.name.hasPrefix("gather")
  let parameters = one.shapes.enumerated().map { index, shape in
    trace.parameter(TensorType(isGather && index == 1 ? .i64 : .f32, shape.map { Dimension($0) }))
  }
  let function = try trace.finish([one.body(parameters)])
  let compiler = try LibraryCompiler()
  let target = compiler.toolchain.native
  let program = try Pipeline.compile(function, PipelineOptions(target: target))
  let url = FileManager.default.temporaryDirectory.appendingPathComponent("row-bench-\(UUID().uuidString).so")
  defer { try? FileManager.default.removeItem(at: url) }
  try compiler.compile(program, to: url, kind: .shared, target: target, prefix: "bench")
  let context = try CompiledLibrary(path: url.path).makeModel().makeContext(threads: threads)
  let inputs = try one.shapes.enumerated().map { index, shape in
    try input(shape, asPlaces: isGather && index == 1 ? one.shapes[0][0] : nil)
  }
  for (position, array) in inputs.enumerated() { try context.setInput(position, array) }
  var best = Double.infinity
  let clock = ContinuousClock()
  let end = clock.now + .seconds(1.5)
  while clock.now < end {
    let time = try clock.measure { try context.run() }
    best = min(best, time / .milliseconds(1))
  }
  return best
}

var names: [String] = []
var threads = 2
var arguments = CommandLine.arguments.dropFirst()
while let argument = arguments.popFirst() {
  if argument == "--threads" { threads = arguments.popFirst().flatMap { Int($0) } ?? 2 } else { names.append(argument) }
}
for one in cases where names.isEmpty || names.contains(where: { one.name.contains($0) }) {
  print("\(one.name)\t\(String(format: "%.4f", try measure(one, threads: threads)))")
}
