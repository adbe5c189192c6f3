extension Registry {
  /// Ops that combine the elements along axes.
  static let reductions: [any TensorOp.Type] = [
    Sum.self
  ]
}
