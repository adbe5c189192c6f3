import TensorIR
import TensorOps

/// Windows of which a part never meets the image: of small images, and of wide dilations.
enum ConvolutionRules {
  static let rules: [Rule] = [unusedTaps]

  /// Taps at the ends of an axis that see nothing but padding, wherever the window stands, are cut off the filters.
  private static let unusedTaps = Rule("drop-unused-taps", on: Convolution.self, exactness: .rounding) { op, site in
    let (x, w) = (site.operandTypes[0], site.operandTypes[1])
    var (smaller, starts, sizes) = (op, [Dimension](repeating: 0, count: w.rank), w.shape)
    for axis in op.strides.indices {
      guard let extent = x.shape[axis + 2].constant, let taps = w.shape[axis + 2].constant,
        let places = site.resultType.shape[axis + 2].constant, places > 0
      else { continue }
      // Where a tap stands for the first and for the last output.
      let first = (0..<taps).map { $0 * op.dilations[axis] - op.before[axis] }
      let move = (places - 1) * op.strides[axis]
      let unusedBefore = first.prefix { $0 + move < 0 }.count
      let unusedAfter = first.reversed().prefix { $0 >= extent }.count
      let before = min(unusedBefore, op.before[axis] / op.dilations[axis])
      let after = min(unusedAfter, op.after[axis] / op.dilations[axis])
      guard before + after > 0, before + after < taps else { continue }
      smaller.before[axis] -= before * op.dilations[axis]
      smaller.after[axis] -= after * op.dilations[axis]
      starts[axis + 2] = Dimension(before)
      sizes[axis + 2] = Dimension(taps - before - after)
    }
    if sizes == w.shape { return nil }
    let kept = try site.one(
      Slice(starts: starts, sizes: sizes, steps: [Int](repeating: 1, count: w.rank)), site.operand(1))
    var operands = site.operation.operands
    operands[1] = kept
    return try site.add(smaller, operands)
  }
}
