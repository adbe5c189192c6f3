import TensorIR

/// Convolution in two dimensions whose taps are displaced by offsets that are data (Dai et al., 2017; with a mask, Zhu et al.,
/// 2019; ONNX `DeformConv`, Burn `deform_conv2d`). Between elements the input is interpolated linearly; outside it is zero.
///
/// Operands: x [n, c, h, w], filters [o, c/groups, kh, kw], offsets [n, 2 · offsetGroups · kh · kw, oh, ow] (for each tap
/// the vertical one, then the horizontal one), optionally a mask [n, offsetGroups · kh · kw, oh, ow] that taps are multiplied
/// by, optionally a bias [o]. Exact gradients for all. An offset that is not finite gives NaN.
public struct DeformableConvolution: TensorOp {
  public static let name = "deformable_convolution"
  public static let summary = "Convolution in two dimensions with taps displaced by offsets and scaled by a mask."
  public static let signature = Signature(operands: 3...5, optional: [3, 4])
  public var strides: [Int]
  public var before: [Int]
  public var after: [Int]
  public var dilations: [Int]
  public var groups: Int
  /// Groups of neighbouring channels that share offsets and mask.
  public var offsetGroups: Int

  public init(
    strides: [Int] = [1, 1], before: [Int] = [0, 0], after: [Int] = [0, 0], dilations: [Int] = [1, 1], groups: Int = 1,
    offsetGroups: Int = 1
  ) {
    (self.strides, self.before, self.after, self.dilations) = (strides, before, after, dilations)
    (self.groups, self.offsetGroups) = (groups, offsetGroups)
  }

  var convolution: Convolution {
    Convolution(strides: strides, before: before, after: after, dilations: dilations, groups: groups)
  }

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    let (x, w, offsets) = (operands[0], operands[1], operands[2])
    let mask = operands.count > 3 ? operands[3] : FunctionBuilder.absent
    let bias = operands.count > 4 ? operands[4] : FunctionBuilder.absent
    guard x.rank == 4 else { throw Diagnostic("rank", "'\(name)' takes x [n, c, h, w] and was given \(x)") }
    guard (before + after).allSatisfy({ $0 >= 0 }) else {
      throw Diagnostic("bad-attribute", "the padding of '\(name)' is 0 or more")
    }
    guard offsetGroups >= 1, context.symbols.isDivisible(x.shape[1], by: offsetGroups) else {
      throw Diagnostic("bad-attribute", "the channels of \(x) do not divide into \(offsetGroups) groups of offsets")
    }
    guard w.shape.suffix(2).allSatisfy({ $0.constant != nil }) else {
      throw Diagnostic("rank", "'\(name)' takes filters whose extents are numbers and was given \(w)")
    }
    let result = try convolution.inferTypes([x, w] + (bias == FunctionBuilder.absent ? [] : [bias]), &context)[0]
    let taps = w.shape[2] * w.shape[3] * Dimension(offsetGroups)
    for (operand, channels, what) in [(offsets, taps * 2, "offsets"), (mask, taps, "mask")]
    where operand != FunctionBuilder.absent {
      guard operand.rank == 4, operand.elementType == x.elementType else {
        throw Diagnostic("element-type", "the \(what) of '\(name)' have x's rank and type, not \(operand)")
      }
      let wanted = [x.shape[0], channels, result.shape[2], result.shape[3]]
      for (own, extent) in zip(operand.shape, wanted) {
        try context.require(own, equals: extent, "the \(what) of '\(name)' have shape \(wanted), not \(operand)")
      }
    }
    return [result]
  }

  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    let shape = try Evaluator.numbers(types[0])
    let (x, w, offsets) = (operands[0], operands[1], operands[2])
    let mask = operands.count > 3 && !operands[3].isAbsent ? operands[3] : nil
    let bias = operands.count > 4 && !operands[4].isAbsent ? operands[4] : nil
    let (height, width) = (x.shape[2], x.shape[3])
    let (kernel, plane) = ((w.shape[2], w.shape[3]), shape[2] * shape[3])
    let (perGroup, perOffset) = (w.shape[1], max(x.shape[1] / offsetGroups, 1))
    let filtersPerGroup = max(w.shape[0] / groups, 1)
    func element(_ batch: Int, _ channel: Int, _ row: Int, _ column: Int) -> Double {
      guard (0..<height).contains(row), (0..<width).contains(column) else { return 0 }
      return x.floats[((batch * x.shape[1] + channel) * height + row) * width + column]
    }
    func sample(_ batch: Int, _ channel: Int, _ y: Double, _ x: Double) -> Double {
      let (top, left) = (y.rounded(.down), x.rounded(.down))
      if !y.isFinite || !x.isFinite { return .nan }
      guard top >= -1, top < Double(height), left >= -1, left < Double(width) else { return 0 }
      let (down, right) = (y - top, x - left)
      let (row, column) = (Int(top), Int(left))
      return (1 - down) * (1 - right) * element(batch, channel, row, column)
        + (1 - down) * right * element(batch, channel, row, column + 1)
        + down * (1 - right) * element(batch, channel, row + 1, column)
        + down * right * element(batch, channel, row + 1, column + 1)
    }
    let sums = ReferenceTensor.indices(shape).map { index -> Double in
      var sum = bias?.floats[index[1]] ?? 0
      let first = index[1] / filtersPerGroup * perGroup
      let place = index[2] * shape[3] + index[3]
      for tap in ReferenceTensor.indices([perGroup, kernel.0, kernel.1]) {
        let channel = first + tap[0]
        let number = channel / perOffset * kernel.0 * kernel.1 + tap[1] * kernel.1 + tap[2]
        let batch = index[0] * offsets.shape[1]
        let y =
          Double(index[2] * strides[0] - before[0] + tap[1] * dilations[0])
          + offsets.floats[(batch + 2 * number) * plane + place]
        let x =
          Double(index[3] * strides[1] - before[1] + tap[2] * dilations[1])
          + offsets.floats[(batch + 2 * number + 1) * plane + place]
        let factor = mask.map { $0.floats[(index[0] * $0.shape[1] + number) * plane + place] } ?? 1
        let weight = w.floats[((index[1] * perGroup + tap[0]) * kernel.0 + tap[1]) * kernel.1 + tap[2]]
        sum += weight * factor * sample(index[0], channel, y, x)
      }
      return sum
    }
    return [ReferenceTensor(x.elementType, shape, floats: sums)]
  }
}

extension Tensor {
  /// Convolution in two dimensions with displaced taps; see ``DeformableConvolution``.
  public func deformableConvolution(
    _ filters: Tensor, offsets: Tensor, mask: Tensor = .absent, bias: Tensor = .absent, strides: [Int] = [1, 1],
    padding: [Int] = [0, 0], dilations: [Int] = [1, 1], groups: Int = 1, offsetGroups: Int = 1
  ) -> Tensor {
    let op = DeformableConvolution(
      strides: strides, before: padding, after: padding, dilations: dilations, groups: groups,
      offsetGroups: offsetGroups)
    return .one(op, self, filters, offsets, mask, bias)
  }

  /// The gradients of ``deformableConvolution(_:offsets:mask:bias:strides:padding:dilations:groups:offsetGroups:)`` from the
  /// result's cotangent: Burn's `deform_conv2d_backward`. Absent for operands that are.
  public func deformableConvolutionGradients(
    _ filters: Tensor, offsets: Tensor, mask: Tensor = .absent, bias: Tensor = .absent, cotangent: Tensor,
    strides: [Int] = [1, 1], padding: [Int] = [0, 0], dilations: [Int] = [1, 1], groups: Int = 1, offsetGroups: Int = 1
  ) -> (input: Tensor, filters: Tensor, offsets: Tensor, mask: Tensor, bias: Tensor) {
    let op = DeformableConvolution(
      strides: strides, before: padding, after: padding, dilations: dilations, groups: groups,
      offsetGroups: offsetGroups)
    let found = gradients(of: op, [filters, offsets, mask, bias], cotangent)
    return (found[0], found[1], found[2], found[3], found[4])
  }
}
