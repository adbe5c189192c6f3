import TensorIR
import TensorLayers
import Testing

/// Low-rank adapters of chosen layers. What they compute is held to NumPy by the rows `Lora` and `QLora` of the coverage.
@Suite struct AdapterTests {
  struct Block: Module {
    var query = Linear(8, 8)
    var value = Linear(8, 8, bias: false)
    func callAsFunction(_ x: Tensor) -> Tensor { x + value(query(x).tanh()) }
  }
  struct Network: Module {
    var blocks = [Block()]
    var old = Frozen(Linear(8, 8))
    var head = Linear(8, 3)
    func callAsFunction(_ x: Tensor) -> Tensor { head(old.value(blocks[0](x))) }
  }
  struct Run: TensorContainer, TensorExample {
    var network: Adapted<Network>
    let optimizer = Adam(rate: 0.05)
    var state: AdamState
    init(_ network: Adapted<Network>) { (self.network, state) = (network, optimizer.state(for: network)) }
    mutating func step(_ x: Tensor, _ labels: Tensor) throws -> Tensor {
      let (loss, gradient) = try valueAndGradient(at: network) { crossEntropy($0.model(x), labels) }
      optimizer.update(&network, &state, along: gradient)
      return loss
    }
  }

  private let x = Tensor((0..<48).map { Double($0 * 7 % 11) / 4 - 1 }, shape: [6, 8])
  private let labels = Tensor(of: [0, 1, 2, 1, 1, 0] as [Int64])

  private func bits(_ tensor: Tensor) throws -> [UInt32] { try tensor.array(of: Float.self).map(\.bitPattern) }

  @Test(arguments: [Adapted<Network>.Weights.unchanged, .int4(block: 8)])
  func `only adapters learn, and become part of the weights`(_ weights: Adapted<Network>.Weights) throws {
    let network = withRandomNumbers(seed: 1) { Network() }
    let adapted = try withRandomNumbers(seed: 2) {
      try Adapted(
        network, "blocks.*.query", "blocks.0.v*", rank: 2, alpha: 4, weights: weights, training: ["head.bias"])
    }
    let learnt = ["blocks.0.query", "blocks.0.value"].flatMap { ["\($0).lora.a", "\($0).lora.b"] }
    #expect(adapted.adapters.keys.sorted() == (learnt + ["head.bias"]).sorted())
    if case .unchanged = weights { #expect(try bits(adapted.model(x)) == bits(network(x))) }
    var run = Run(adapted)
    #expect(run.state.means.count == 5)
    // One of the two is compiled: what C compilers take is the most of this test.
    let steps = if case .unchanged = weights { 15 } else { 30 }
    let step =
      steps == 15
      ? nil
      : try compile(updating: run, TensorType.f32("n", 8), TensorType.i64("n")) {
        (run: inout Run, x: Tensor, labels: Tensor) in try run.step(x, labels)
      }
    let losses = try (0..<steps).map { _ in try (step.map { try $0(&run, x, labels) } ?? run.step(x, labels)).item() }
    #expect(losses[steps - 1] < 0.6 * losses[0], "\(losses)")
    for (before, after) in zip(adapted.namedTensors, run.network.namedTensors) {
      let isSame = try before.tensor.elementType == .u8 || bits(before.tensor) == bits(after.tensor)
      #expect(isSame == (adapted.adapters[before.name] == nil), "\(before.name)")
    }
    let merged = run.network.merged()
    #expect(merged.namedTensors.map(\.name) == network.namedTensors.map(\.name))
    #expect(try merged(x).allClose(run.network.model(x), relative: 1e-4, absolute: 1e-5).item() == 1)
    #expect(try merged(x).allClose(network(x), relative: 1e-2, absolute: 1e-2).item() == 0)
    // What was learnt, put beside the same weights, is the same network.
    var other = adapted
    try other.load(adapters: run.network.adapters)
    #expect(try bits(other.model(x)) == bits(run.network.model(x)))
  }

  /// The gradient of what weights of few bits are multiplied with is that of the floats that they stand for.
  @Test func `weights of few bits have the gradient of their floats`() throws {
    for bits in [4, 8] {
      var linear = withRandomNumbers(seed: 3) { Linear(16, 5) }
      try linear.quantizeWeight(bits: bits, block: 8)
      let floats = Linear(weight: linear.weight, bias: linear.bias)
      let x = withRandomNumbers(seed: 4) { Tensor.normal([3, 16]) }
      let (own, wanted) = (
        try valueAndGradient(at: x) { linear($0).tanh().sum() }, try valueAndGradient(at: x) { floats($0).tanh().sum() }
      )
      #expect(try own.value.allClose(wanted.value, relative: 1e-5).item() == 1)
      #expect(try own.gradient.allClose(wanted.gradient, relative: 1e-5, absolute: 1e-6).item() == 1)
      #expect(try own.gradient.absolute().max().item() > 0.01)
      // No scale, and no float, is further off than half a step of its block.
      let original = withRandomNumbers(seed: 3) { Linear(16, 5) }.weight
      let steps =
        original.reshaped(to: [2, 8, 5]).absolute().max(axes: [1], keepAxes: true) / Double(1 << (bits - 1) - 1)
      let error = (original - linear.weight).reshaped(to: [2, 8, 5]).absolute()
      #expect(try (error .<= steps * 0.501).all().item() == 1)
    }
  }

  private func mistake(_ body: () throws -> some Any) -> String {
    do {
      _ = try body()
      return ""
    } catch { return "\(error)" }
  }

  @Test func `mistakes are told`() throws {
    let network = Network()
    var told = mistake { try Adapted(network, "blocks.*.query", "tail.*") }
    #expect(told.contains("'tail.*' chooses no weight") && told.contains("'blocks.0.query.weight'"), "\(told)")
    told = mistake { try Adapted(network, "old*") }
    #expect(told.contains("'old*'") && !told.contains("'old.weight'"), "\(told)")
    #expect(mistake { try Adapted(network, [String]()) }.contains("no pattern"))
    #expect(mistake { try Adapted(network, "*", rank: 0) }.contains("rank from 1"))
    told = mistake { try Adapted(network, "head", weights: .int4(block: 32)) }
    #expect(told.contains("'head.weight'") && told.contains("blocks that divide"), "\(told)")
    #expect(mistake { try Adapted(network, "head", training: ["haed.*"]) }.contains("'haed.*'"))
    var adapted = try Adapted(network, "head")
    told = mistake { try Adapted(adapted.model, "head") }
    #expect(told.contains("has an adapter already"), "\(told)")
    var adapters = adapted.adapters
    adapters["head.lora.a"] = .zeros([8, 4])
    #expect(mistake { try adapted.load(adapters: adapters) }.contains("'head.lora.a' is f32[8, 4]"))
    adapters["head.lora.a"] = nil
    #expect(mistake { try adapted.load(adapters: adapters) }.contains("'head.lora.a' is not among"))
  }
}
