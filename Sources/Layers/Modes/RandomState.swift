import Tensors

/// Where a training run is in its random numbers: a counter and a key of ``RandomBits``, u32 [6], that are part of the
/// training state, so that a run which goes on from a checkpoint draws what it would have drawn.
///
/// Word 0 and 1 of the counter number the blocks of a draw, word 2 the draws of a step, word 3 the steps.
public struct RandomState: Module, Sendable {
  public var words: Tensor

  public init(seed: UInt64) {
    words = Tensor(
      of: [0, 0, 0, 0, UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32)] as [UInt32])
  }

  /// The state of one draw of the present step.
  func draw(_ number: Int) -> Tensor {
    words + Tensor(of: [0, 0, UInt32(truncatingIfNeeded: number), 0, 0, 0] as [UInt32])
  }

  /// Goes on to the next step.
  public mutating func advance() { words = words + Tensor(of: [0, 0, 0, 1, 0, 0] as [UInt32]) }
}
