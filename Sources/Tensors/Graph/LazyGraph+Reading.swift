import TensorIR
import TensorOps
import TensorRuntime

extension LazyGraph {
  /// The elements of a tensor as a constant of a trace.
  func literal(of id: Int) throws -> TensorLiteral? { try array(of: id).literal }

  /// The elements of a node, computed if need be.
  func array(of slot: Int) throws -> HostArray {
    while true {
      switch lock.withLock({ node(slot).source }) {
      case .value(let array): return array
      case .resident(let memory, let output): try settle(slot, memory, output)
      case .failed(let diagnostics): throw diagnostics.count == 1 ? diagnostics[0] : Diagnostics(diagnostics)
      case .operation:
        try evaluate([slot])
        if case .operation = lock.withLock({ node(slot).source }) {
          throw Diagnostic("internal", "a tensor was not computed")
        }
      case .free: throw Diagnostic("internal", "a tensor was let go while it was read")
      }
    }
  }

  /// Reads a node out of a compiled step's memory. Whatever the memory gives counts only if the node lies there still:
  /// before a step overwrites the elements of a node that somebody needs, it settles the node itself.
  func settle(_ slot: Int, _ memory: any ResidentMemory, _ output: Int) throws {
    let array = Result { try memory.output(output) }
    try lock.withLock {
      guard case .resident(let holder, let position) = node(slot).source, holder === memory, position == output else {
        return
      }
      settle(slot, .value(try array.get()))
    }
  }
}

// What a compiled step asks of the tensors that lie in its memory.
extension LazyGraph {
  /// A node and its serial number.
  func place(of slot: Int) -> LazyPlace { lock.withLock { LazyPlace(slot: slot, serial: node(slot).serial) } }

  /// Whether a node is still the one it was, and lies in a step's memory.
  func isResident(_ place: LazyPlace, _ memory: any ResidentMemory, _ output: Int) -> Bool {
    lock.withLock {
      guard node(place.slot).serial == place.serial,
        case .resident(let holder, let position) = node(place.slot).source
      else { return false }
      return holder === memory && position == output
    }
  }

  /// Whether operations that have not run read a node.
  func isRead(_ slot: Int) -> Bool { lock.withLock { node(slot).readers > 0 } }

  /// Computes a node, or reads it out of the memory of a step, unless it lies in that of this one.
  func settleElsewhere(_ slot: Int, than memory: any ResidentMemory) throws {
    switch lock.withLock({ node(slot).source }) {
    case .resident(let holder, _) where holder === memory: return
    default: _ = try array(of: slot)
    }
  }

  /// Lets go of a node's elements, because its only holder gives them away.
  func forget(_ slot: Int) {
    lock.withLock {
      settle(slot, .failed([Diagnostic("moved", "the tensor was given to a step that failed")]))
    }
  }
}
