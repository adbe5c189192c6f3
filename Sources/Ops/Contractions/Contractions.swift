extension Registry {
  /// Matrix products and convolutions.
  static let contractions: [any TensorOp.Type] = [
    Matmul.self,
    MatmulInteger.self,
    MatmulNBits.self,
    MatmulBF16.self,
    Attention.self,
    Convolution.self,
    ConvolutionInteger.self,
    ConvolutionBF16.self,
    WinogradConvolution.self,
    WinogradFilterGradient.self,
    FilterGradient.self,
    TransposedConvolution.self,
  ]
}
