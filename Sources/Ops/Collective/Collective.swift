extension Registry {
  /// Ops by which ranks exchange tensors.
  static let collective: [any TensorOp.Type] = [
    AllReduce.self,
    AllGather.self,
    ReduceScatter.self,
    Broadcast.self,
    ReduceToRoot.self,
  ]
}
