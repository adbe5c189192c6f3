extension Registry {
  /// Ops that look at a window of each output's neighbourhood.
  static let windows: [any TensorOp.Type] = []
}
