import TensorIR

extension DeformableConvolution {
  /// The displaced taps, gathered and weighted, as columns; then one product of matrices.
  public func decompose(_ operands: [Tensor]) throws -> [Tensor]? {
    let (x, w, offsets) = (operands[0].widened(), operands[1].widened(), operands[2].widened())
    let output = Array(offsets.shape.suffix(2))
    let taps = w.shape[2] * w.shape[3]
    let (n, outputs, g) = (x.shape[0], output[0] * output[1], Dimension(groups))
    let shared = Dimension(offsetGroups)
    let pairs = offsets.reshaped(to: [n * shared, w.shape[2], w.shape[3], 2] + output)
    let planes = x.reshaped(to: [n * shared, x.shape[1].floorDivided(by: shared), x.shape[2] * x.shape[3]])
    func places(_ axis: Int) -> Tensor {
      let own = pairs.sliced(axis: 3, start: Dimension(axis), size: 1).reshaped(
        to: [n * shared, w.shape[2], w.shape[3]] + output)
      return (own + grid(axis, own)).reshaped(to: [n * shared, taps * outputs])
    }
    let sampler = PlaneSampler(planes: planes, height: x.shape[2], width: x.shape[3])
    var columns = sampler.linear(y: places(0), x: places(1))
    if operands.count > 3, !operands[3].isAbsent {
      columns = columns * operands[3].widened().reshaped(to: [n * shared, 1, taps * outputs])
    }
    let filters = w.reshaped(to: [1, g, w.shape[0].floorDivided(by: g), w.shape[1] * taps])
    let product = Tensor.one(Matmul(), filters, columns.reshaped(to: [n, g, w.shape[1] * taps, outputs]))
    var result = product.reshaped(to: [n, w.shape[0]] + output)
    if operands.count > 4, !operands[4].isAbsent {
      result = result + operands[4].widened().reshaped(to: [w.shape[0], 1, 1])
    }
    return [result.cast(to: operands[0].elementType)]
  }

  /// Where the taps stand without offsets, in a shape [1, kh, kw, oh, ow] that broadcasts to the offsets'.
  private func grid(_ axis: Int, _ like: Tensor) -> Tensor {
    func alone(_ own: Int) -> [Dimension] { like.shape.indices.map { $0 == own ? like.shape[$0] : 1 } }
    let type = like.elementType
    let output = like.iota(type, alone(3 + axis), axis: 3 + axis) * like.like(Double(strides[axis]))
    let tap = like.iota(type, alone(1 + axis), axis: 1 + axis) * like.like(Double(dilations[axis]))
    return output + tap - like.like(Double(before[axis]))
  }
}
