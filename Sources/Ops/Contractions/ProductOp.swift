import TensorIR

/// An op most of whose work is sums of products, of floats, which can be computed in less precision than they have.
public protocol ProductOp: TensorOp {
  /// Whether it multiplies pairs of bf16.
  var isOfPairs: Bool { get }
  /// Its result in f32 from operands that are rounded to bf16; nil where there is no such form.
  var pairs: (([Tensor]) -> Tensor)? { get }
}

extension ProductOp {
  public var isOfPairs: Bool { false }
  public var pairs: (([Tensor]) -> Tensor)? { nil }
}

extension Attention: ProductOp {}

extension MatmulBF16: ProductOp { public var isOfPairs: Bool { true } }
extension ConvolutionBF16: ProductOp { public var isOfPairs: Bool { true } }

extension Matmul: ProductOp {
  public var pairs: (([Tensor]) -> Tensor)? {
    { operands in
      let (a, b) = (operands[0].cast(to: .bf16), operands[1].cast(to: .bf16))
      return (transposeLeft ? a.matrixTransposed : a).matmulBF16(transposeRight ? b.matrixTransposed : b)
    }
  }
}

extension Convolution: ProductOp {
  /// Padding is put around before, and the bias added behind. Groups of few channels have too little to multiply.
  public var pairs: (([Tensor]) -> Tensor)? {
    if groups > 1 { return nil }
    return { operands in
      let (x, w) = (operands[0].cast(to: .bf16), operands[1].cast(to: .bf16))
      let sums = x.padded(
        before: ([0, 0] + before).map { Dimension($0) }, after: ([0, 0] + after).map { Dimension($0) }
      ).convolutionBF16(w, strides: strides, dilations: dilations)
      guard operands.count > 2, !operands[2].isAbsent else { return sums }
      return sums + operands[2].cast(to: .f32).reshaped(to: [1, -1] + strides.map { _ in 1 })
    }
  }
}
