import Foundation
import TensorIR
import Testing

@testable import Tensors

/// Gradients, and gradients of gradients, against JAX's (Tests/Fixtures/make_gradients.py), in f64.
@Suite struct JaxGradientTests {
  private struct Case: Decodable {
    struct Operand: Decodable {
      var shape: [Int]
      var values: [Double]
      var tensor: Tensor { Tensor(values, shape: shape, .f64) }
    }
    var op: String
    var operands: [Operand]
    var weights: Operand
    var gradients: [[Double]]
    var directions: [[Double]]?
    var second: [[Double]]?
  }

  private typealias Body = @Sendable ([Tensor]) -> Tensor

  private static let unary: [String: @Sendable (Tensor) -> Tensor] = [
    "exp": { $0.exp() }, "log": { $0.log() }, "sqrt": { $0.sqrt() }, "tanh": { $0.tanh() },
    "sigmoid": { $0.sigmoid() }, "sin": { $0.sin() }, "cos": { $0.cos() }, "tan": { $0.tan() },
    "asin": { $0.asin() }, "acos": { $0.acos() }, "atan": { $0.atan() }, "sinh": { $0.sinh() },
    "cosh": { $0.cosh() }, "asinh": { $0.asinh() }, "acosh": { $0.acosh() }, "atanh": { $0.atanh() },
    "erf": { $0.erf() }, "log1p": { $0.log1p() }, "expm1": { $0.expm1() }, "log2": { $0.log2() },
    "log10": { $0.log10() }, "rsqrt": { $0.rsqrt() }, "reciprocal": { $0.reciprocal() }, "square": { $0.square() },
    "gelu": { $0.gelu() }, "gelu_tanh": { $0.gelu(approximate: true) }, "silu": { $0.silu() },
    "softplus": { $0.softplus() }, "mish": { $0.mish() }, "log_sigmoid": { $0.logSigmoid() },
    "softsign": { $0.softsign() }, "relu": { $0.relu() }, "abs": { $0.abs() }, "elu": { $0.elu() },
    "selu": { $0.selu() }, "leaky_relu": { $0.leakyRelu() }, "hard_swish": { $0.hardSwish() },
    "clip": { $0.clip(-1.01, 0.76) }, "floor_stays": { $0.floor() },
  ]

  private static let binary: [String: @Sendable (Tensor, Tensor) -> Tensor] = [
    "add": { $0 + $1 }, "subtract": { $0 - $1 }, "multiply": { $0 * $1 }, "divide": { $0 / $1 },
    "power": { $0.power($1) }, "atan2": { Tensor.atan2($0, $1) }, "hypot": { Tensor.hypot($0, $1) },
    "maximum": { Tensor.maximum($0, $1) }, "minimum": { Tensor.minimum($0, $1) }, "remainder": { $0 % $1 },
  ]

  private static let rows: [String: @Sendable (Tensor, Int) -> Tensor] = [
    "sum": { $0.sum(axis: $1) }, "mean": { $0.mean(axis: $1) }, "product": { $0.product(axis: $1) },
    "max": { $0.max(axis: $1) }, "min": { $0.min(axis: $1) },
    "log_sum_exp": { x, axis in x.exp().sum(axis: axis).log() },
    "variance": { $0.variance(axes: [$1]) }, "softmax": { $0.softmax(axis: $1) },
    "log_softmax": { $0.logSoftmax(axis: $1) }, "cumulative_sum": { $0.cumulativeSum(axis: $1) },
    "cumulative_product": { $0.cumulativeProduct(axis: $1) }, "sort": { $0.sorted(axis: $1) },
    "flip": { $0.reversed(axes: [$1]) }, "norm": { $0.norm(axes: [$1]) },
  ]

  private static let indices = Tensor([2, 0, 2], .i64)
  private static let window = Window(kernel: [2, 2], strides: [2, 2])

  private static let others: [String: Body] = [
    "matmul": { $0[0].matmul($0[1]) }, "matmul_batched": { $0[0].matmul($0[1]) },
    "matmul_broadcast": { $0[0].matmul($0[1]) }, "matmul_transposed": { $0[0].matmul($0[1].transposed()) },
    "outer": { $0[0].outer($0[1]) }, "dot": { $0[0].dot($0[1]) },
    "layer_norm": { $0[0].layerNorm(scale: $0[1], bias: $0[2]) },
    "convolution_1d": { $0[0].convolution($0[1], strides: [2], before: [1], after: [2]) },
    "convolution_2d": { $0[0].convolution($0[1], strides: [1, 1], before: [1, 1], after: [1, 1]) },
    "convolution_dilated": { $0[0].convolution($0[1], strides: [1, 1], dilations: [2, 1]) },
    "convolution_grouped": { $0[0].convolution($0[1], strides: [1, 1], groups: 2) },
    "max_pool": { $0[0].maxPool(window) }, "average_pool": { $0[0].averagePool(window) },
    "gather": { $0[0].gather(indices, axis: 0) }, "index_add": { $0[0].indexAdd(indices, values: $0[1]) },
    "select": {
      .select(Tensor([1, 0, 1, 0, 1, 1], shape: [2, 3], .i64) .> Tensor([0], shape: [1], .i64), $0[0], $0[1])
    },
    "concat": { .concat($0, axis: 1) }, "stack": { .stack($0) }, "transpose": { $0[0].transposed([2, 0, 1]) },
    "reshape": { $0[0].reshaped(3, 4) }, "tile": { $0[0].tiled([2, 2]) }, "roll": { $0[0].rolled(by: 2, axis: 1) },
    "pad": { $0[0].padded(before: [1, 0], after: [2, 1]) }, "tril": { $0[0].tril() },
    "diagonal": { $0[0].diagonal() }, "broadcast": { $0[0].broadcast(to: [2, 3, 4]) },
    "slice": { $0[0].sliced(axis: 0, start: 1, size: 2).sliced(axis: 1, start: 0, size: 2) },
    "cross_entropy": { crossEntropy($0[0], Tensor([2, 0, 1], .i64)) },
    "mean_squared_error": { meanSquaredError($0[0], $0[1]) }, "determinant": { $0[0].determinant() },
    "attention": { operands in
      (operands[0].matmul(operands[1].swappingAxes(-1, -2)) / 2).softmax(axis: -1).matmul(operands[2])
    },
  ]

  private static func body(_ name: String) -> Body? {
    if let one = unary[name] { return { one($0[0]) } }
    if let two = binary[name] { return { two($0[0], $0[1]) } }
    if let other = others[name] { return other }
    let place = name.hasSuffix("_last") ? (name.dropLast(5), 1) : (name.dropLast(6), 0)
    guard let over = rows[String(place.0)] else { return nil }
    return { over($0[0], place.1) }
  }

  private static func cases() throws -> [Case] {
    let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    return try JSONDecoder().decode(
      [Case].self, from: Data(contentsOf: tests.appendingPathComponent("Fixtures/gradients.json")))
  }

  @Test func gradientsAreThoseOfJax() throws {
    let cases = try JaxGradientTests.cases()
    #expect(cases.count >= 300)
    var curved: Set<String> = []
    for item in cases {
      let body = try #require(JaxGradientTests.body(item.op), "\(item.op)")
      let point = item.operands.map(\.tensor)
      let weights = item.weights.tensor
      let first = try gradient(at: point) { (body($0) * weights).sum() }
      try expect(first, are: item.gradients, item.op)
      let directions = item.directions ?? item.gradients.map { $0.indices.map { Double($0 % 5) - 1.5 } }
      let along = zip(directions, item.operands).map { Tensor($0, shape: $1.shape, .f64) }
      let forward = try valueAndDerivative(at: point, along: along) { body($0) }
      #expect(forward.derivative.shape == weights.shape, "\(item.op)")
      var wanted = 0.0
      for (gradient, direction) in zip(item.gradients, directions) {
        for (slope, step) in zip(gradient, direction) { wanted += slope * step }
      }
      let found = try (forward.derivative * weights).sum().item()
      #expect(abs(found - wanted) <= 1e-9 * max(1, abs(wanted)), "\(item.op) forwards: \(found), and \(wanted) by JAX")
      guard let second = item.second else { continue }
      let curvature = try hessianVectorProduct(at: point, along: along) { (body($0) * weights).sum() }
      try expect(curvature, are: second, "\(item.op), second")
      curved.insert(item.op)
    }
    #expect(curved.count >= 40)
  }

  @Test func directionsAreLikeThePoint() throws {
    let x = Tensor([1, 2, 3], .f64)
    #expect(throws: Diagnostic.self) { try valueAndDerivative(at: x, along: Tensor([1, 2], .f64)) { $0 * $0 } }
    #expect(throws: Diagnostic.self) { try hessianVectorProduct(at: [x], along: [x, x]) { $0[0].sum() } }
    // Inside a trace, for any extent; whole numbers do not move.
    let f = try compile(TensorType.f32("n"), TensorType.i64("n")) { (x: Tensor, i: Tensor) in
      try valueAndDerivative(at: [x, i], along: [x, i]) { $0[0] * $0[0] * $0[1].cast(to: .f32) }.derivative
    }
    #expect(try f(Tensor([1, 2, 3], .f32), Tensor([1, 0, 2], .i64)).floats() == [2, 0, 36])
    let still = try valueAndDerivative(at: Tensor([1, 2], .i64), along: Tensor([1, 1], .i64)) { $0.cast(to: .f32) }
    #expect(try still.derivative.floats() == [0, 0])
    #expect(try hessianVectorProduct(at: x, along: x) { $0.sum() }.array(of: Double.self) == [0, 0, 0])
  }

  private func expect(_ found: [Tensor], are expected: [[Double]], _ name: String) throws {
    for (place, (tensor, wanted)) in zip(found, expected).enumerated() {
      let values = try tensor.array(of: Double.self)
      #expect(values.count == wanted.count, "\(name)")
      for (a, b) in zip(values, wanted) {
        #expect(abs(a - b) <= 1e-9 * max(1, abs(b)), "\(name), operand \(place): \(a), and \(b) by JAX")
      }
    }
  }
}
