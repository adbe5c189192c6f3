extension Registry {
  /// Matrix products and convolutions.
  static let contractions: [any TensorOp.Type] = [
    Matmul.self,
    MatmulInteger.self,
    MatmulNBits.self,
    Attention.self,
    Convolution.self,
    ConvolutionInteger.self,
    TransposedConvolution.self,
  ]
}
