extension Registry {
  /// Ops that make or move elements without arithmetic on them.
  static let movement: [any TensorOp.Type] = [
    Constant.self,
    Full.self,
    BroadcastTo.self,
    Reshape.self,
    Transpose.self,
    Copy.self,
    Reorder.self,
    Fused.self,
  ]
}
