extension Registry {
  /// Ops that hold regions and decide which are run.
  static let control: [any TensorOp.Type] = [
    If.self,
    Loop.self,
    Size.self,
    ValueAndGradient.self,
  ]
}
