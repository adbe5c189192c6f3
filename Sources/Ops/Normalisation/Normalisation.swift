extension Registry {
  /// Composite ops that divide by what a reduction found.
  static let normalisation: [any TensorOp.Type] = [
    Softmax.self,
    LogSoftmax.self,
    LayerNorm.self,
    BatchNorm.self,
  ]
}
