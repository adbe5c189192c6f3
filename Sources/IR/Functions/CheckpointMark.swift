/// Where an operation stands to a region whose inside is computed again in the backward pass. Marks count until kernels
/// are made, and no text has them.
public enum CheckpointMark: Hashable, Sendable {
  /// In the region of a number.
  case inside(Int)
  /// In what a gradient adds for it: there values of the region are taken from where they are computed again.
  case backward(Int)

  public var isInside: Bool { if case .inside = self { true } else { false } }

  public var region: Int {
    switch self {
    case .inside(let region), .backward(let region): region
    }
  }
}
