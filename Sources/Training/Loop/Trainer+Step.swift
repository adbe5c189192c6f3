import TensorLayers

// One step: the loss, its gradient, clipping and the optimiser. With several parts of a batch, of other ranks or one after the
// other, it is the mean of their gradients, always in the order of the parts.
extension Trainer {
  typealias CompiledStep = CompiledUpdate<State, Tensor, [BatchPart], Tensor>

  /// The step for batches like one, of any number of examples.
  func compiled(_ batch: Batch, _ division: BatchDivision) throws -> CompiledStep {
    let types = Trainer.types(batch)
    let parts = BatchPartTypes(
      inputs: types.inputs, targets: types.targets, count: division.microBatches, total: division.count)
    let rate = TensorType(.f32, [])
    let name = "training_step"
    let body = { (state: inout State, parts: [BatchPart], rate: Tensor) throws -> Tensor in
      try self.step(&state, parts, rate, among: division.ranks.count)
    }
    var budget = memoryBudget
    let sizes = budget?.sizes ?? [:]
    for symbol in (0..<division.microBatches).map(parts.symbol) where sizes[symbol] == nil {
      budget?.sizes[symbol] = sizes["n"] ?? batch.count
    }
    return try compile(
      updating: state, parts, rate, precision: precision, memoryBudget: budget, name: name, body)
  }

  /// Records one step; gives the loss.
  private func step(_ state: inout State, _ parts: [BatchPart], _ rate: Tensor, among ranks: Int) throws -> Tensor {
    let scale: LossScale? =
      switch lossScaling {
      case .none: nil
      case .fixed(let scale): LossScale(scale)
      case .dynamic: state.lossScale
      }
    var total: PartResult<Model>?
    for part in parts {
      var (model, random) = (state.model, state.random)
      if let draws = part.draws { random.words = random.words + draws }
      let (_, value, gradient) = try valueAndGradient(training: &model, random: &random) { model, mode in
        let value = try loss(try forward(model, part.inputs, mode), part.targets)
        return (scale.map { $0(value) } ?? value, value)
      }
      var result = PartResult(value: value, gradient: gradient, model: model, since: state.model)
      if let share = part.share { result.scale(by: share) }
      if total == nil { total = result } else { total?.add(result) }
    }
    guard var mean = total else { throw TrainingError("a step has no examples") }
    if parts.count > 1 { mean.divide(by: parts.count) }
    if ranks > 1 { mean.reduceAmongRanks() }
    let before = state
    state.model = mean.updated(state.model)
    state.random.advance()
    let gradient = scale?.unscaled(mean.gradient) ?? mean.gradient
    if ranks > 1, sharesOptimizerState {
      updateShares(&state, along: clipping(gradient), rate: rate, among: ranks)
    } else {
      optimizer.update(&state.model, &state.optimizerState, along: clipping(gradient), rate: rate)
    }
    state.average?.add(state.model)
    if lossScaling == .dynamic {
      let isFinite = gradient.allFinite
      // What is drawn next is new either way.
      let random = state.random
      state = state.selected(isFinite, else: before)
      state.random = random
      state.lossScale?.update(isFinite)
    }
    return mean.value
  }

  static func types(_ batch: Batch) -> (inputs: TensorType, targets: TensorType) {
    func any(_ tensor: Tensor) -> TensorType {
      TensorType(tensor.elementType, ["n"] + tensor.shape.dropFirst())
    }
    return (any(batch.inputs), any(batch.targets))
  }
}

/// What one part of a batch says: its loss, its gradient, and the tensors of the model that the computation itself changed,
/// running statistics.
private struct PartResult<Model: Module> {
  private(set) var value: Tensor
  private(set) var gradient: Model
  /// By their positions among the model's tensors.
  private var statistics: [Int: Tensor]

  init(value: Tensor, gradient: Model, model: Model, since old: Model) {
    self.value = value
    self.gradient = gradient
    statistics = [:]
    for (position, (before, after)) in zip(old.tensors, model.tensors).enumerated() where before.id != after.id {
      statistics[position] = after
    }
  }

  mutating func scale(by share: Tensor) {
    value = value * share.cast(to: value.elementType)
    change { $0 * share.cast(to: $0.elementType) }
  }

  mutating func add(_ other: PartResult) {
    value = value + other.value
    gradient = gradient.replacing(trained: zip(gradient.trainedTensors, other.gradient.trainedTensors).map { $0 + $1 })
    statistics.merge(other.statistics) { $0.elementType.isFloat ? $0 + $1 : $0 }
  }

  mutating func divide(by count: Int) {
    value = value / value.like(Double(count))
    change { $0 / $0.like(Double(count)) }
    statistics = statistics.mapValues { $0.elementType.isFloat ? $0 / $0.like(Double(count)) : $0 }
  }

  mutating func reduceAmongRanks() {
    value = value.allReduced(.mean)
    change { $0.allReduced(.mean) }
    for position in statistics.keys.sorted() {
      guard let own = statistics[position] else { continue }
      statistics[position] = own.elementType.isFloat ? own.allReduced(.mean) : own.broadcast(fromRank: 0)
    }
  }

  func updated(_ model: Model) -> Model {
    var tensors = model.tensors
    for (position, tensor) in statistics { tensors[position] = tensor }
    return model.replacing(tensors)
  }

  private mutating func change(_ change: (Tensor) -> Tensor) {
    gradient = gradient.replacing(trained: gradient.trainedTensors.map(change))
  }
}
