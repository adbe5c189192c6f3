import TensorIR
import TensorLayers
import Testing

/// What training does that inference does not.
@Suite struct ModeTests {
  struct Network: Module {
    var first = Linear(4, 8)
    var norm = BatchNorm(8)
    var dropout = Dropout(0.5)
    var second = Linear(8, 2)
    func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor { second(dropout(norm(first(x), mode).relu(), mode)) }
  }

  struct Run: TensorContainer, TensorExample {
    var network = Network()
    var random = RandomState(seed: 3)
    var optimizer = SGD(rate: 0.1, momentum: 0.5, weightDecay: 0.1)
    var state: [Tensor]
    init() { state = optimizer.state(for: network) }
    mutating func step(_ x: Tensor, _ labels: Tensor) throws -> Tensor {
      let (loss, gradient) = try valueAndGradient(training: &network, random: &random) { network, mode in
        crossEntropy(network(x, mode), labels)
      }
      optimizer.update(&network, &state, along: gradient)
      return loss
    }
  }

  private let x = Tensor((0..<24).map { Double($0 * 7 % 11) / 4 }, shape: [6, 4])
  private let labels = Tensor(of: [0, 1, 0, 1, 1, 0] as [Int64])

  @Test func stepsDrawNewMasksAndMoveStatistics() throws {
    var run = withRandomNumbers(seed: 1) { Run() }
    let start = run
    let step = try compile(updating: run, TensorType.f32("n", 4), TensorType.i64("n")) {
      (run: inout Run, x: Tensor, labels: Tensor) in try run.step(x, labels)
    }
    // An uncompiled run is the same.
    var lazy = run
    for _ in 0..<3 {
      let compiled = try step(&run, x, labels).item()
      let evaluated = try lazy.step(x, labels).item()
      #expect(abs(compiled - evaluated) < 1e-5)
    }
    for (name, value) in run.namedTensors {
      let other = try #require(lazy.namedTensors.first { $0.name == name }?.tensor)
      #expect(try value.isClose(other, relative: 1e-4, absolute: 1e-5).all().item() == 1, "\(name)")
    }
    #expect(try run.random.words.array(of: UInt32.self) == [0, 0, 0, 3, 3, 0])
    // The running mean is one of the batches' means.
    var expected = start.network
    var random = start.random
    _ = try valueAndGradient(training: &expected, random: &random) { network, mode in network(x, mode).sum() }
    let mean = start.network.first(x).mean(axes: [0]) * 0.1
    #expect(try expected.norm.mean.value.allClose(mean).item() == 1)
    #expect(try run.network.norm.variance.value.isClose(start.network.norm.variance.value).any().item() == 0)
  }

  @Test func masksAreDrawnAnew() throws {
    let ones = Tensor.ones([1000])
    var random = RandomState(seed: 1)
    let dropout = Dropout(0.25)
    var masks: [[Float]] = []
    for _ in 0..<2 {
      var network = Pair(Tensor(1), Nothing())
      let (_, drawn, _) = try valueAndGradient(training: &network, random: &random) { network, mode in
        (network.first, [dropout(ones, mode), dropout(ones, mode)])
      }
      for mask in drawn { masks.append(try mask.array(of: Float.self)) }
    }
    #expect(Set(masks).count == 4)
    for mask in masks {
      #expect(Set(mask) == [0, 1 / 0.75])
      #expect(abs(mask.reduce(0, +) / 1000 - 1) < 0.1)
    }
    #expect(try dropout(ones, .inference).allClose(ones).item() == 1)
  }

  @Test func inferenceTakesRunningStatistics() throws {
    var norm = BatchNorm(2)
    norm.mean.value = Tensor([1, 2])
    norm.variance.value = Tensor([4, 9])
    let y = try norm(Tensor([[1, 5], [5, 2]]), .inference).array(of: Float.self)
    #expect(zip(y, [0, 1, 2, 0]).allSatisfy { abs($0 - $1) < 1e-4 })
  }

  /// Neither decay nor momentum touch what is not trained.
  @Test func optimisersLeaveStatisticsAlone() throws {
    func check<Method: Optimizer>(_ method: Method) throws {
      var norm = BatchNorm(2)
      norm.mean.value = Tensor([1, 2])
      var state = method.state(for: norm)
      for _ in 0..<2 { method.update(&norm, &state, along: norm) }
      #expect(try norm.mean.value.array(of: Float.self) == [1, 2], "\(Method.self)")
      #expect(try norm.scale.isClose(.ones([2])).any().item() == 0, "\(Method.self)")
    }
    try check(SGD(rate: 0.1, momentum: 0.9, weightDecay: 0.5))
    try check(AdamW(rate: 0.1, weightDecay: 0.5))
    try check(Adam(rate: 0.1))
    try check(Momentum(rate: 0.1, weightDecay: 0.5))
    try check(Muon(rate: 0.1))
  }

  /// A layer that is used twice moves its statistics twice; two layers made of one tensor keep their own.
  @Test func statisticsAreEachLayersOwn() throws {
    var norms = Array(repeating: BatchNorm(1, momentum: 0.5), count: 2)
    var random = RandomState(seed: 1)
    let (a, b) = (Tensor([[0], [2]]), Tensor([[4], [4]]))
    _ = try valueAndGradient(training: &norms, random: &random) { norms, mode in
      (norms[0](a, mode) + norms[0](b, mode) + norms[1](b, mode)).sum()
    }
    #expect(try norms[0].mean.value.array(of: Float.self) == [2.25])
    #expect(try norms[1].mean.value.array(of: Float.self) == [2])
  }

  @Test func modesDoNotOutliveTheirStep() throws {
    var network = Pair(Tensor(1), Nothing())
    var random = RandomState(seed: 1)
    var escaped: Mode?
    _ = try valueAndGradient(training: &network, random: &random) { network, mode in
      escaped = mode
      return network.first
    }
    let mode = try #require(escaped)
    #expect(throws: Diagnostic.self) { try Dropout(0.5)(Tensor([1]), mode).item() }
  }

  /// A wrong shape inside of a network names the line that calls the layer.
  @Test func mistakesNameTheUsersLine() throws {
    struct Wrong: Module {
      var first = Conv2d(1, 4, kernel: 3)
      var norm = BatchNorm(5)
      static let line = #line + 1
      func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor { norm(first(x), mode) }
    }
    do {
      _ = try trace(Wrong(), TensorType.f32("n", 1, 8, 8)) { network, x in network(x, .inference) }
      Issue.record("nothing is wrong")
    } catch let error as Diagnostic {
      guard case .source(let file, let line, _) = error.location else { throw error }
      #expect(file.hasSuffix("ModeTests.swift") && line == Wrong.line)
    }
  }
}
