import TensorIR
import TensorOps
import TensorRuntime
import Testing

@testable import Tensors

/// Collectives of ranks that are threads here; scripts/acceptance/mpi.py has processes.
@Suite struct RanksTests {
  /// All of them in one function, of x = [rank + 1, 10 · (rank + 1)].
  @Test func collectivesGiveWhatTheirNamesSay() throws {
    let f = try compile(TensorType.f32(2), TensorType.i64(1)) { x, n in
      [
        x.allReduced(), x.allReduced(.mean), x.allReduced(.maximum), x.allGathered(ranks: 3).reshaped(to: [6]),
        x.allGathered(ranks: 3).reduceScattered(), x.broadcast(fromRank: 1), x.reduced(toRank: 2),
        n.broadcast(fromRank: 2).cast(to: .f32),
      ]
    }
    let found = try ThreadRanks.run(3) { ranks in
      let own = Float(ranks.rank + 1)
      return try f(Tensor([own, 10 * own]), Tensor(of: [Int64(ranks.rank)])).map { try $0.array(of: Float.self) }
    }
    for (rank, results) in found.enumerated() {
      let own = Float(rank + 1)
      #expect(results[0] == [6, 60] && results[1] == [2, 20] && results[2] == [3, 30])
      #expect(results[3] == [1, 10, 2, 20, 3, 30])
      #expect(results[4] == [3 * own, 30 * own])
      #expect(results[5] == [2, 20] && results[6] == (rank == 2 ? [6, 60] : [0, 0]) && results[7] == [2])
    }
  }

  /// Of the loss Σ over ranks r of (r + 1) · f(x), by differences of that sum: hence what each collective hands back.
  @Test func gradientsCrossRanks() throws {
    let f = try compile(TensorType.f32(3), TensorType.f32()) { x, weight in
      let bodies: [(Tensor) -> Tensor] = [
        { $0.allReduced() }, { $0.allReduced(.mean) }, { $0.allReduced(.maximum) }, { $0.allGathered(ranks: 3) * 2 },
        { $0.reduceScattered() }, { $0.broadcast(fromRank: 1) }, { $0.reduced(toRank: 0) },
        { ($0 * $0).reduceScattered(.mean) * 3 },
      ]
      return try bodies.map { body in try gradient(at: x) { (body($0) * weight).sum() } }
    }
    let found = try ThreadRanks.run(3) { ranks in
      let own = Float(ranks.rank)
      return try f(Tensor([own, 3, 0]), Tensor(own + 1)).map { try $0.array(of: Float.self) }
    }
    for (rank, gradients) in found.enumerated() {
      #expect(gradients[0] == [6, 6, 6])
      #expect(gradients[1] == [2, 2, 2])
      // The greatest is the last rank's; of equal ones each gets its share.
      #expect(gradients[2] == [rank == 2 ? 6 : 0, 2, 2])
      #expect(gradients[3] == [12, 12, 12])
      #expect(gradients[4] == [1, 2, 3])
      #expect(gradients[5] == (rank == 1 ? [6, 6, 6] : [0, 0, 0]))
      #expect(gradients[6] == [1, 1, 1])
      #expect(gradients[7] == [2 * Float(rank), 12, 0])
    }
  }

  @Test func withoutOthersNothingChanges() throws {
    let f = try compile(TensorType.f32(2)) { x in
      [x.allReduced(.mean), x.allGathered(), x.broadcast(fromRank: 0), x.reduced(toRank: 0)]
    }
    #expect(try f(Tensor([3, -0.0])).map { try $0.array(of: Float.self) } == Array(repeating: [3, -0.0], count: 4))
    #expect(try Tensor([1, 2]).allReduced().array(of: Float.self) == [1, 2])
  }

  /// Outside of compiled functions, too; the evaluator is not asked.
  @Test func lazyTensorsCrossRanks() throws {
    let found = try ThreadRanks.run(2) { ranks in
      try (Tensor([Float(ranks.rank), 5]).allReduced() + Float(1)).allGathered().array(of: Float.self)
    }
    #expect(found == [[2, 11, 2, 11], [2, 11, 2, 11]])
  }

  @Test func mistakesEndTheRun() throws {
    let f = try compile(TensorType.f32(2)) { x in x.allGathered(ranks: 2) }
    let root = try compile(TensorType.f32(2)) { x in x.broadcast(fromRank: 5) }
    for (function, text) in [(f, "is for 2 ranks, and there are 1"), (root, "there is no rank 5 among 1")] {
      let error = try #require(throws: RuntimeError.self) { _ = try function(Tensor([1, 2])) }
      #expect(error.id == "ranks-failed" && error.text.contains(text) && error.node.contains("RanksTests"))
    }
    let gather = try compile(TensorType.f32("n")) { x in x.allReduced() }
    #expect(throws: RuntimeError.self) {
      try ThreadRanks.run(2) { ranks in
        try gather(.zeros([ranks.rank + 1])).array(of: Float.self)
      }
    }
  }

  @Test func bytesAreBroadcast() throws {
    let found = try ThreadRanks.run(3) { ranks in try ranks.broadcast(ranks.isFirst ? [7, 8, 9] : []) }
    #expect(found == [[7, 8, 9], [7, 8, 9], [7, 8, 9]])
    #expect(try Ranks.alone.broadcast([1]) == [1])
  }
}
