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
    if ranks.isFirst, let checkpoints, checkpoints.resumes, FileManager.default.fileExists(atPath: checkpoints.path) {
      position = try Checkpoint.load(&state, from: checkpoints.path)
    }
    guard ranks.count > 1 else { return }
    position = try Checkpoint.position(from: try ranks.broadcast(Checkpoint.bytes(of: position)))
    try state.evaluateAll()
    state = state.replacing(
      try state.tensors.map { tensor in
        let array = try tensor.hostArray()
        let bytes = try ranks.broadcast(try array.withUnsafeBytes { [UInt8]($0) })
        return Tensor(try bytes.withUnsafeBytes { try HostArray(bytes: $0, shape: array.shape, array.elementType) })
      })
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
