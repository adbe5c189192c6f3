import TensorIR

extension Convolution {
  /// Both gradients are convolutions again: the input's of the output's cotangent, spread by the strides, with the filters
  /// turned round; the filters' of the input with that cotangent as filters, strides and dilations exchanged.
  public func differentiate(_ operands: [Tensor]) throws -> Differentiated {
    let (x, w) = (operands[0], operands[1])
    let hasBias = operands.count > 2 && !operands[2].isAbsent
    return Differentiated(try Tensor.record(self, operands)) { cotangents in
      guard let dy = cotangents[0] else { return operands.map { _ in nil } }
      let dx = inputGradient(dy, x.shape, w)
      let dw = filterGradient(dy, x, w.shape)
      let axes = [0] + Array(2..<dy.rank)
      return operands.count == 2 ? [dx, dw] : [dx, dw, hasBias ? dy.sum(axes: axes) : nil]
    }
  }

  /// [n, o, …] to [n, c, …].
  func inputGradient(_ dy: Tensor, _ shape: [Dimension], _ w: Tensor) -> Tensor {
    let spatial = Array(strides.indices)
    let kernel = Array(w.shape.dropFirst(2))
    let spreadShape = spatial.map { (dy.shape[$0 + 2] - 1) * Dimension(strides[$0]) + 1 }
    let full = Array(dy.shape.prefix(2)) + spreadShape
    let spread =
      strides.allSatisfy { $0 == 1 }
      ? dy : .one(SliceGradient(starts: full.map { _ in 0 }, steps: [1, 1] + strides, shape: full), dy)
    let windows = spatial.map { (kernel[$0] - 1) * Dimension(dilations[$0]) }
    let low = spatial.map { windows[$0] - Dimension(before[$0]) }
    let high = spatial.map { shape[$0 + 2] - spreadShape[$0] + Dimension(before[$0]) }
    let padded = Tensor.one(Pad(before: [0, 0] + low, after: [0, 0] + high), spread)
    let none = strides.map { _ in 0 }
    let op = Convolution(
      strides: strides.map { _ in 1 }, before: none, after: none, dilations: dilations, groups: groups)
    return .one(op, padded, turned(w))
  }

  /// Filters [g·o, c, k…] as [g·c, o, k…], each turned round.
  private func turned(_ w: Tensor) -> Tensor {
    let kernel = Array(w.shape.dropFirst(2))
    let g = Dimension(groups)
    let perGroup = w.shape[0].floorDivided(by: g)
    let split = w.reshaped(to: [g, perGroup, w.shape[1]] + kernel)
    let swapped = split.transposed([0, 2, 1] + kernel.indices.map { $0 + 3 })
    let joined = swapped.reshaped(to: [g * w.shape[1], perGroup] + kernel)
    return .one(Reverse(axes: kernel.indices.map { $0 + 2 }), joined)
  }

  /// The cotangent of filters of a shape: channels of x are the batch, the batch is summed over.
  func filterGradient(_ dy: Tensor, _ x: Tensor, _ shape: [Dimension]) -> Tensor {
    let spatial = Array(strides.indices)
    let g = Dimension(groups)
    let perGroup = x.shape[1].floorDivided(by: g)
    let extents = Array(x.shape.dropFirst(2))
    let behind = extents.indices.map { $0 + 3 }
    let images =
      groups == 1
      ? x.transposed([1, 0] + spatial.map { $0 + 2 })
      : x.reshaped(to: [x.shape[0], g, perGroup] + extents)
        .transposed([2, 1, 0] + behind).reshaped(to: [perGroup, g * x.shape[0]] + extents)
    let filters = dy.transposed([1, 0] + spatial.map { $0 + 2 })
    let op = Convolution(strides: dilations, before: before, after: after, dilations: strides, groups: groups)
    let products = Tensor.one(op, images, filters)
    // Positions that the stride never reached give products behind the filter's end.
    let wanted = [perGroup, shape[0]] + Array(shape.dropFirst(2))
    let cut =
      products.shape == wanted
      ? products : .one(Slice(starts: wanted.map { _ in 0 }, sizes: wanted, steps: wanted.map { _ in 1 }), products)
    return cut.transposed([1, 0] + spatial.map { $0 + 2 })
  }
}
