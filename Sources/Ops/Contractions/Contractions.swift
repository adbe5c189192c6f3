extension Registry {
  /// Matrix products and convolutions.
  static let contractions: [any TensorOp.Type] = [
    Matmul.self,
    MatmulInteger.self,
    Attention.self,
    Convolution.self,
    TransposedConvolution.self,
  ]
}
