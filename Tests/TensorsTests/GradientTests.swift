import Classifier
import TensorIR
import Testing

@testable import Tensors

@Suite struct GradientTests {
  /// Central differences of a scalar function, element by element, in f64.
  private func check<Point: TensorContainer>(
    _ point: Point, sourceLocation: SourceLocation = #_sourceLocation, _ body: (Point) -> Tensor
  ) throws {
    let (value, gradient) = try valueAndGradient(at: point, of: body)
    #expect(try abs(value.item() - body(point).item()) < 1e-12, sourceLocation: sourceLocation)
    let step = 1e-5
    for (position, tensor) in point.tensors.enumerated() {
      let numbers = try tensor.array(of: Double.self)
      let shape = try #require(tensor.type.constantShape)
      let found = try gradient.tensors[position].array(of: Double.self)
      #expect(gradient.tensors[position].shape == tensor.shape, sourceLocation: sourceLocation)
      for index in numbers.indices {
        let values = try [step, -step].map { change -> Double in
          var moved = numbers
          moved[index] += change
          var all = point.tensors
          all[position] = Tensor(moved, shape: shape, .f64)
          return try body(point.replacing(all)).item()
        }
        let expected = (values[0] - values[1]) / (2 * step)
        #expect(abs(found[index] - expected) < 1e-6 * max(1, abs(expected)), sourceLocation: sourceLocation)
      }
    }
  }

  private func doubles<Model: TensorContainer>(_ model: Model) -> Model { model.mapTensors { $0.cast(to: .f64) } }

  @Test(arguments: [Activation.relu, .tanh, .sigmoid, .gelu])
  func ofANetworkAgreesWithFiniteDifferences(_ activation: Activation) throws {
    var random = RandomNumbers(seed: 11)
    var network = Network(inputs: 5, units: 4, classes: 3, random: &random)
    network.activation = activation
    let images = random.normal([6, 5], .f64)
    let labels = Tensor([0, 1, 2, 2, 1, 0], .i64)
    try check(doubles(network)) { crossEntropy($0(images), labels) }
  }

  @Test func ofLossesAndLayers() throws {
    var random = RandomNumbers(seed: 12)
    let x = random.normal([3, 4], .f64)
    let target = random.normal([3, 4], .f64)
    try check(x) { meanSquaredError($0, target) }
    try check(x) { crossEntropy($0, Tensor([3, 0, 1], .i64), smoothing: 0.1) }
    try check(doubles(LayerNorm(4))) { ($0(x) * target).sum(axes: [0, 1]) }
  }

  /// A traced gradient is the lazy one.
  @Test func insideATrace() throws {
    let f = try compile(TensorType.f32(3)) { x in try valueAndGradient(at: x) { ($0 * $0 * $0).sum(axes: [0]) }.gradient
    }
    #expect(try f(Tensor([1, 2, 3])).array(of: Float.self) == [3, 12, 27])
  }

  @Test func crossEntropyIsTheNegativeLogarithm() throws {
    let logits = Tensor([[1, 2, 3], [0, 0, 0]], .f64)
    let expected = [-(3 - log3([1, 2, 3])), -(0 - log3([0, 0, 0]))]
    let loss = try crossEntropy(logits, Tensor([2, 1], .i64), reduction: .sum).item()
    #expect(abs(loss - expected.reduce(0, +)) < 1e-12)
  }

  private func log3(_ numbers: [Double]) -> Double {
    (try? Tensor(numbers, .f64).exp().sum(axes: [0]).log().item()) ?? .nan
  }
}

@Suite struct OptimizerTests {
  /// One number descending x², step by step against the formulas.
  @Test func optimisersFollowTheirFormulas() throws {
    func path<Method: Optimizer>(_ method: Method, steps: Int = 3) throws -> [Double] {
      var x = Tensor([1], .f64)
      var state = method.state(for: x)
      return try (0..<steps).map { _ in
        method.update(&x, &state, along: x * 2)
        return try x.array(of: Double.self)[0]
      }
    }
    func near(_ a: [Double], _ b: [Double]) -> Bool { zip(a, b).allSatisfy { abs($0 - $1) < 1e-6 } }
    #expect(near(try path(SGD(rate: 0.1)), [0.8, 0.64, 0.512]))
    #expect(near(try path(SGD(rate: 0.1, momentum: 0.5)), [0.8, 0.54, 0.302]))
    #expect(near(try path(SGD(rate: 0.1, weightDecay: 1)), [0.7, 0.49, 0.343]))
    var (p, m, v) = (1.0, 0.0, 0.0)
    let expected = (1...3).map { t -> Double in
      m = 0.9 * m + 0.1 * 2 * p
      v = 0.999 * v + 0.001 * 4 * p * p
      let power = { (base: Double) in (0..<t).reduce(1.0) { result, _ in result * base } }
      p -= 0.1 * (m / (1 - power(0.9))) / ((v / (1 - power(0.999))).squareRoot() + 1e-5)
      return p
    }
    #expect(near(try path(Adam(rate: 0.1)), expected))
    #expect(try path(AdamW(rate: 0.1, weightDecay: 0.5), steps: 1)[0] < expected[0])
  }
}
