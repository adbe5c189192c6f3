import Foundation
import TensorLayers

// A run of several ranks: all have the same state, the first one's at the beginning, and take the same steps.
extension Trainer {
  /// Loads the checkpoint from which a run goes on; with several ranks the first one loads it for all, and without one its
  /// state is everyone's.
  /// - Parameter settings: what all ranks must have alike, in words.
  /// - Throws: `TrainingError` where this rank has other settings than the first.
  func begin(_ checkpoints: Checkpoints?, _ settings: String, among ranks: Ranks) throws {
    let first = String(decoding: try ranks.broadcast(Array(settings.utf8)), as: UTF8.self)
    guard settings == first else {
      throw TrainingError("rank \(ranks.rank) trains on \(settings), and the first rank on \(first)")
    }
    let isShared = sharesOptimizerState && ranks.count > 1
    if sharesOptimizerState, !(optimizer is any ElementwiseOptimizer) {
      throw TrainingError(
        "\(Method.self) is no ElementwiseOptimizer, so what it remembers cannot be divided: leave sharesOptimizerState false"
      )
    }
    let loads = checkpoints.map { $0.resumes && FileManager.default.fileExists(atPath: $0.path) } ?? false
    if try ranks.broadcast([loads ? 1 : 0]) == [1] {
      // What is loaded is whole.
      if stateRanks > 1 { (state.optimizerState, stateRanks) = (optimizer.state(for: state.model), 1) }
      if ranks.isFirst, let checkpoints { position = try Checkpoint.load(&state, from: checkpoints.path) }
    }
    if stateRanks > 1, !isShared || stateRanks != ranks.count {
      (state, stateRanks) = (try wholeState(among: ranks), 1)
    }
    guard ranks.count > 1 else { return }
    position = try Checkpoint.position(from: try ranks.broadcast(Checkpoint.bytes(of: position)))
    if isShared { try divideOptimizerState(among: ranks) }
    try receiveState(among: ranks, exceptOptimizer: isShared)
  }

  /// Makes the first rank's state everyone's.
  private func receiveState(among ranks: Ranks, exceptOptimizer isShared: Bool) throws {
    if isShared { try state.model.evaluateAll() } else { try state.evaluateAll() }
    let start = state.model.tensors.count
    let own = isShared ? start..<start + state.optimizerState.tensors.count : 0..<0
    state = state.replacing(
      try state.tensors.enumerated().map { index, tensor in
        if own.contains(index) { return tensor }
        let array = try tensor.hostArray()
        let bytes = try ranks.broadcast(try array.withUnsafeBytes { [UInt8]($0) })
        return Tensor(try bytes.withUnsafeBytes { try HostArray(bytes: $0, shape: array.shape, array.elementType) })
      })
  }

  /// Writes a checkpoint on the first rank; all must call it, for it has the whole state.
  func save(_ checkpoints: Checkpoints, among ranks: Ranks) throws {
    let whole = try wholeState(among: ranks)
    if ranks.isFirst { try Checkpoint.save(whole, position, to: checkpoints.path) }
  }

  /// Lets the first rank compile before the others, which find the library in the cache that they share.
  func inTurn<Result>(among ranks: Ranks, _ body: () throws -> Result) throws -> Result {
    if !ranks.isFirst { _ = try ranks.broadcast([]) }
    let result = try body()
    if ranks.isFirst { _ = try ranks.broadcast([]) }
    return result
  }

  /// Whether the first rank goes on, which decides for all.
  func goesOn(_ own: Bool, among ranks: Ranks) throws -> Bool { try ranks.broadcast([own ? 1 : 0]) == [1] }
}
