extension Registry {
  /// Ops that combine the elements along axes, and those made of them.
  static let reductions: [any TensorOp.Type] = [
    Sum.self,
    Product.self,
    Mean.self,
    Max.self,
    Min.self,
    AllTrue.self,
    AnyTrue.self,
    ArgMax.self,
    ArgMin.self,
  ]
}
