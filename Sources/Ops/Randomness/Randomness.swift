extension Registry {
  /// Ops that make random numbers.
  static let randomness: [any TensorOp.Type] = [
    RandomBits.self
  ]
}
