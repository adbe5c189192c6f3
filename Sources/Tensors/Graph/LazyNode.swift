import Dispatch
import TensorIR
import TensorOps
import TensorRuntime

/// A value of the lazy graph.
struct LazyNode {
  /// Where the value comes from.
  enum Source {
    /// Its elements are at hand.
    case value(HostArray)
    /// It lies in a compiled step's memory, where the next call updates it in place.
    case resident(ResidentMemory, output: Int)
    /// It is a result of an operation that has not run.
    case operation(Int, result: Int)
    /// What it would come from failed.
    case failed([Diagnostic])
    /// The slot is free.
    case free
  }

  var type: TensorType
  var source: Source
  /// How many handles there are: 0 or 1, for copies of a tensor share theirs.
  var handles = 0
  /// How many times operations that have not run read it; a slice that is running keeps its results so too.
  var readers = 0
  /// Grows with every node, while slots are used again.
  var serial = 0
}

/// A node as it was at some time: its slot may be another's since.
struct LazyPlace: Hashable {
  var slot: Int
  var serial: Int
}

/// An operation of the lazy graph that has not run.
struct LazyOperation {
  var op: any TensorOp
  /// The slots of the operands; nil for one that is left out.
  var operands: [Int?]
  /// The slots of the results; nil for one that is not wanted any more.
  var results: [Int?]
  var resultTypes: [TensorType]
  var location: Location
  var serial: Int
  /// Set while a thread computes it.
  var claim: LazyClaim?
}

/// A slice that a thread is computing. Others that need its results wait for it, and for nothing else.
final class LazyClaim: Sendable {
  private let group = DispatchGroup()
  init() { group.enter() }
  func finish() { group.leave() }
  func wait() { group.wait() }
}

/// The last copy of a lazy tensor's handle tells the graph when it goes.
final class LazyKeeper: TensorKeeper, @unchecked Sendable {
  private let graph: LazyGraph
  private let slot: Int

  init(_ graph: LazyGraph, _ slot: Int) {
    self.graph = graph
    self.slot = slot
  }

  deinit { graph.dropHandle(slot) }
}

/// Memory of a compiled step that holds values between calls.
protocol ResidentMemory: AnyObject, Sendable {
  /// An output of the last call, sharing the memory: the next call then writes elsewhere. Never called under the
  /// graph's lock, for it waits while the step runs.
  func output(_ position: Int) throws -> HostArray
}
