import TensorIR

/// An op most of whose work is sums of products, of floats, which can be computed in less precision than they have.
public protocol ProductOp: TensorOp {
  /// Whether it multiplies pairs of bf16.
  var isOfPairs: Bool { get }
  /// Its result in f32 from operands split into terms of bf16; nil where there is no such form.
  func pairs(_ terms: PairTerms) -> (([Tensor]) -> Tensor)?
}

extension ProductOp {
  public var isOfPairs: Bool { false }
  public func pairs(_ terms: PairTerms) -> (([Tensor]) -> Tensor)? { nil }
}

extension Attention: ProductOp {}

extension MatmulBF16: ProductOp { public var isOfPairs: Bool { true } }
extension ConvolutionBF16: ProductOp { public var isOfPairs: Bool { true } }

extension Matmul: ProductOp {
  public func pairs(_ terms: PairTerms) -> (([Tensor]) -> Tensor)? {
    { operands in
      let a = terms.left(operands[0], axis: operands[0].rank - (transposeLeft ? 2 : 1))
      let b = terms.right(operands[1], axis: operands[1].rank - (transposeRight ? 1 : 2))
      return (transposeLeft ? a.matrixTransposed : a).matmulBF16(transposeRight ? b.matrixTransposed : b)
    }
  }
}

extension Convolution: ProductOp {
  /// Padding is put around before, and the bias added behind. Groups of few channels have too little to multiply.
  public func pairs(_ terms: PairTerms) -> (([Tensor]) -> Tensor)? {
    if groups > 1 { return nil }
    return { operands in
      let (x, w) = (terms.left(operands[0], axis: 1), terms.right(operands[1], axis: 1))
      let sums = x.padded(
        before: ([0, 0] + before).map { Dimension($0) }, after: ([0, 0] + after).map { Dimension($0) }
      ).convolutionBF16(w, strides: strides, dilations: dilations)
      guard operands.count > 2, !operands[2].isAbsent else { return sums }
      return sums + operands[2].cast(to: .f32).reshaped(to: [1, -1] + strides.map { _ in 1 })
    }
  }
}
