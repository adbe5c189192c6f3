import TensorIR

/// The list of all ops: what the parser, the documentation and the contract suite walk through. A new op adds one
/// line to its family's list.
public enum Registry {
  public static let types: [any TensorOp.Type] = families.flatMap { $0 }

  private static let families: [[any TensorOp.Type]] = [
    pointwise,
    movement,
    indexing,
    reductions,
    normalisation,
    windows,
    sampling,
    contractions,
    recurrent,
    sorting,
    scans,
    randomness,
    control,
    collective,
  ]
}
