import TensorTraining

struct Wrong: Error, CustomStringConvertible {
  let description: String
  init(_ text: String) { description = text }
}

func require(_ holds: Bool, _ what: @autoclosure () -> String) throws {
  if !holds { throw Wrong(what()) }
}

func require(_ found: [Float], _ wanted: [Float]) throws {
  let agree = found.count == wanted.count && zip(found, wanted).allSatisfy { abs($0 - $1) <= 1e-4 * max(1, abs($1)) }
  try require(agree, "\(found), not \(wanted)")
}

struct Network: Module, Sendable {
  var first = Linear(6, 5)
  var norm = LayerNorm(5)
  var dropout = Dropout(0.3)
  var second = Linear(5, 2)

  func callAsFunction(_ x: Tensor, _ mode: Mode = .inference) -> Tensor {
    second(dropout(norm(first(x)).relu(), mode))
  }
}

/// What the network and its optimiser are while it is trained.
typealias State = Pair<Network, AdamState>

/// What all tasks use, made once.
struct Shared: Sendable {
  let network: Network
  let inputs: [Tensor]
  let wanted: [[Float]]
  let forward: CompiledFunction<Tensor, Tensor, Network>
  let step: CompiledUpdate<State, Tensor, Tensor, Tensor>
  let data: MemoryDataSet

  init() throws {
    let network = withRandomNumbers(seed: 3) { Network() }
    let adam = Adam(rate: 0.01)
    self.network = network
    inputs = (0..<tasks).map { Tensor.full(Double($0) / 8, [3 + 2 * $0, 6]) }
    wanted = try inputs.map { try network($0).floats() }
    forward = try compile(TensorType.f32("n", 6), network) { x, network in network(x) }
    let state = Pair(network, adam.state(for: network))
    step = try compile(updating: state, TensorType.f32("n", 6), TensorType.f32("n", 2)) {
      (state: inout State, x: Tensor, y: Tensor) in
      let (loss, gradient) = try valueAndGradient(at: state.first) { meanSquaredError($0(x), y) }
      adam.update(&state.first, &state.second, along: gradient)
      return loss
    }
    data = try MemoryDataSet(Tensor((0..<240).map { Float($0 % 9) }, shape: [40, 6]), Tensor.ones([40, 2]))
  }

  /// A state of one's own.
  func state() -> State { Pair(network, Adam(rate: 0.01).state(for: network)) }
}

/// What the tasks of one round share: tensors that nobody has computed yet.
struct Moment: Sendable {
  let round: Int
  /// 0, 1, 2, … times 2 plus the round.
  let small: Tensor
  /// So large that it is compiled at once: the evaluator would take longer.
  let large: Tensor
  let rows: Int

  init(_ round: Int) {
    self.round = round
    rows = 4000 + 7 * round
    small = Tensor((0..<24).map { Float($0) }, shape: [4, 6]) * 2 + Double(round)
    large = (Tensor.ones([rows, 1000]) * Double(round)).tanh() + 1
  }
}
