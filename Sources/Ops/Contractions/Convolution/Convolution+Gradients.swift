import TensorIR

extension Tensor {
  /// The gradients of ``convolution(_:bias:strides:before:after:dilations:groups:)`` for this operand, the filters and a
  /// bias, from the result's cotangent: Burn's `conv…_x_backward`, `…_weight_backward` and `…_bias_backward`.
  /// What is not used is not computed.
  public func convolutionGradients(
    _ filters: Tensor, cotangent: Tensor, strides: [Int]? = nil, before: [Int]? = nil, after: [Int]? = nil,
    dilations: [Int]? = nil, groups: Int = 1
  ) -> (input: Tensor, filters: Tensor, bias: Tensor) {
    let spatial = Swift.max(rank - 2, 0)
    let (ones, zeros) = (Array(repeating: 1, count: spatial), Array(repeating: 0, count: spatial))
    let op = Convolution(
      strides: strides ?? ones, before: before ?? zeros, after: after ?? before ?? zeros, dilations: dilations ?? ones,
      groups: groups)
    let found = gradients(of: op, [filters], cotangent)
    return (found[0], found[1], cotangent.channelSums)
  }

  /// The sums over all axes but the channels', axis 1: the gradient of a bias.
  var channelSums: Tensor { rank < 2 ? self : sum(axes: [0] + Array(2..<Swift.max(rank, 2))) }
}
