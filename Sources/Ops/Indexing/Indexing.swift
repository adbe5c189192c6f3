extension Registry {
  /// Ops that pick or put elements by index.
  static let indexing: [any TensorOp.Type] = [
    GatherElements.self,
    GatherND.self,
    Nonzero.self,
    ScatterElements.self,
    ScatterND.self,
    ScatterSlices.self,
    SliceAssign.self,
  ]
}
