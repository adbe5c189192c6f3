extension Registry {
  /// Ops that order the elements of an axis.
  static let sorting: [any TensorOp.Type] = [
    Sort.self,
    ArgSort.self,
    TopK.self,
    ArgTopK.self,
    NonMaxSuppression.self,
  ]
}
