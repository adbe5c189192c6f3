import TensorLayers

// What the optimiser remembers, divided among the ranks: each parameter is flat then, in as many parts of one length as there are
// ranks, the last filled up with zeros. A rank updates its parts, and all gather the updated parameters.

/// How tensors are divided into parts, one for each rank.
struct RankShares {
  let count: Int

  /// The elements of a part.
  private func length(_ shape: [Dimension]) -> Dimension {
    shape.reduce(1, *).ceilingDivided(by: Dimension(count))
  }

  /// All parts: [count, length].
  private func parts(_ tensor: Tensor) -> Tensor {
    let length = length(tensor.shape)
    let rest = Dimension(count) * length - tensor.shape.reduce(1, *)
    let flat = tensor.reshaped(to: [tensor.shape.reduce(1, *)])
    return (rest == 0 ? flat : flat.padded(before: [0], after: [rest])).reshaped(to: [Dimension(count), length])
  }

  /// This rank's number, i64 [1], found by meeting the others in the step that is being recorded, so that all ranks compile one
  /// function.
  /// - Parameter tensor: any f32 of that step.
  func rank(recordedBeside tensor: Tensor) -> Tensor {
    let all = tensor.full(0, [Dimension(count)]) + Tensor.arange(Double(count))
    return (all.reduceScattered() / Double(count)).cast(to: .i64).reshaped(to: [1])
  }

  /// The part of one rank, flat.
  func own(_ tensor: Tensor, _ rank: Tensor) -> Tensor {
    parts(tensor).gather(rank).reshaped(to: [length(tensor.shape)])
  }

  /// The tensor whose parts the ranks have, on all of them.
  func gathered(_ part: Tensor, like whole: Tensor) -> Tensor {
    let all = part.allGathered(ranks: Dimension(count)).reshaped(to: [Dimension(count) * length(whole.shape)])
    return all.sliced(axis: 0, start: 0, size: whole.shape.reduce(1, *)).reshaped(to: whole.shape)
  }

  /// Zeros in place of parts of a container's trained tensors.
  func zeros<Container: TensorContainer>(_ container: Container) -> Container {
    container.replacing(
      trained: container.trainedTensors.map { .zeros([length($0.shape).constant ?? 0], $0.elementType) })
  }
}

extension Trainer {
  /// The optimiser's step on this rank's parts, in the step that is being recorded.
  func updateShares(_ state: inout State, along gradient: Model, rate: Tensor, among ranks: Int) {
    let shares = RankShares(count: ranks)
    let rank = shares.rank(recordedBeside: rate)
    let whole = state.model.trainedTensors
    func own(_ model: Model) -> Model { model.replacing(trained: model.trainedTensors.map { shares.own($0, rank) }) }
    var part = own(state.model)
    optimizer.update(&part, &state.optimizerState, along: own(gradient), rate: rate)
    state.model = state.model.replacing(
      trained: zip(part.trainedTensors, whole).map { shares.gathered($0, like: $1) })
  }

  /// Leaves what the optimiser remembers of this rank's parts only, of what the first rank has; without another rank it stays whole.
  /// A tensor at a time is whole on every rank.
  func divideOptimizerState(among ranks: Ranks) throws {
    guard ranks.count > 1, stateRanks == 1 else { return }
    let shares = RankShares(count: ranks.count)
    var whole = Array(state.optimizerState.tensors.reversed())
    state.optimizerState = optimizer.state(for: shares.zeros(state.model))
    stateRanks = ranks.count
    let parts = try state.optimizerState.tensors.map { part in
      guard let tensor = whole.popLast() else { return part }
      let shape = tensor.type.constantShape ?? []
      let bytes = try ranks.broadcast(try ranks.isFirst ? Trainer.bytes(tensor) : [])
      // The same for all elements, or one element.
      if tensor.shape == part.shape { return try Trainer.tensor(bytes, shape, like: part) }
      let size = try Trainer.bytes(part).count
      let start = min(ranks.rank * size, bytes.count)
      let own = bytes[start..<min(start + size, bytes.count)]
      let filled = own + [UInt8](repeating: 0, count: size - own.count)
      return try Trainer.tensor(Array(filled), part.type.constantShape ?? [], like: part)
    }
    state.optimizerState = state.optimizerState.replacing(parts)
  }

  /// The state with all that the optimiser remembers, on every rank; all must call it.
  /// - Throws: `TrainingError` where it is divided among other ranks than there are now.
  func wholeState(among ranks: Ranks) throws -> State {
    if stateRanks == 1 { return state }
    guard stateRanks == ranks.count else {
      throw TrainingError(
        "what the optimiser remembers is divided among \(stateRanks) ranks, and there are \(ranks.count): go on from a checkpoint"
      )
    }
    let whole = try zip(state.optimizerState.tensors, optimizer.state(for: state.model).tensors).map { part, whole in
      if part.shape == whole.shape { return part }
      let own = try Trainer.bytes(part)
      let bytes = try (0..<ranks.count).flatMap { try ranks.broadcast(own, fromRank: $0) }
      let shape = whole.type.constantShape ?? []
      let byteCount = shape.reduce(1, *) * own.count / max(part.count ?? 0, 1)
      return try Trainer.tensor(Array(bytes.prefix(byteCount)), shape, like: part)
    }
    var result = state
    result.optimizerState = state.optimizerState.replacing(whole)
    return result
  }

  static func bytes(_ tensor: Tensor) throws -> [UInt8] { try tensor.hostArray().withUnsafeBytes { [UInt8]($0) } }

  /// - Parameter other: a tensor of the same element type.
  static func tensor(_ bytes: [UInt8], _ shape: [Int], like other: Tensor) throws -> Tensor {
    let type = try other.hostArray().elementType
    return Tensor(try bytes.withUnsafeBytes { try HostArray(bytes: $0, shape: shape, type) })
  }
}
