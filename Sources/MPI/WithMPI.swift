import Foundation
import RanksByMPI
import TensorRuntime

/// Runs a program as one of the ranks that `mpirun` started. In the closure ``Ranks/current`` are those of
/// `MPI_COMM_WORLD`, with which compiled functions and `Trainer` exchange tensors:
///
///     try withMPI { ranks in
///       let trainer = …
///       try trainer.fit(data, passes: 3, batchSize: 64, checkpoints: Checkpoints("run.safetensors"))
///       if ranks.isFirst { print("done") }
///     }
///
///     mpirun -n 4 ./train
///
/// Started by itself, the program is the only rank, and MPI is not started. Ranks that share a machine share its processors,
/// unless mpirun has bound each to its own.
///
/// An error that the closure throws is told on the standard error output with the rank, and ends all ranks, so that none waits
/// for one that is gone; it is thrown on where there are no other ranks. A rank that dies ends the run within seconds: each
/// of the others says so.
///
/// - Parameter threads: how many threads a call may use; as many as there are for each rank unless given.
/// - Throws: what the closure throws; `no-mpi` where mpirun started the program and MPI does not start.
public func withMPI<Result>(threads: Int? = nil, _ body: (Ranks) throws -> Result) throws -> Result {
  guard ranks_by_mpi_are_launched() != 0 else { return try body(.alone) }
  var text = [CChar](repeating: 0, count: 512)
  guard ranks_by_mpi_open(&text, text.count) == 0 else {
    let message = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    throw MPIError(id: "no-mpi", text: message)
  }
  let ranks = Ranks(
    table: ranks_by_mpi_table(), threads: threads ?? share(Int(ranks_by_mpi_local_count())))
  guard ranks.count > 1 else {
    defer { ranks_by_mpi_close() }
    return try body(ranks)
  }
  do {
    let result = try Ranks.$current.withValue(ranks) { try body(ranks) }
    ranks_by_mpi_close()
    return result
  } catch {
    FileHandle.standardError.write(Data("rank \(ranks.rank) of \(ranks.count): \(error)\n".utf8))
    ranks_by_mpi_abort(1)
    throw error
  }
}

/// What is wrong with MPI itself.
public struct MPIError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Short and stable.
  public let id: String
  public let text: String

  public var description: String { "error: \(text) [\(id)]" }
}

/// The threads of a call, of ranks that share a machine; nil where this one is bound to processors of its own.
private func share(_ localCount: Int) -> Int? {
  let all = ProcessInfo.processInfo.processorCount
  let own = Processors.available
  return own < all || localCount < 2 ? nil : max(1, own / localCount)
}
