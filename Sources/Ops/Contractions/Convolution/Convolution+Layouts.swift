import TensorIR

extension Convolution {
  /// Whether each channel has a filter of its own.
  package func isDepthwise(_ x: TensorType, _ w: TensorType) -> Bool {
    w.shape[1] == 1 && x.shape[1] == Dimension(groups) && w.shape[0] == x.shape[1] && groups > 1
  }

  /// Whether an image is read as it lies, channel by channel: with few channels that costs less than exchanging them.
  public func readsPlanes(_ x: TensorType, _ w: TensorType) -> Bool {
    groups == 1 && x.layout.isPlain && x.shape[1].constant.map { $0 <= 4 } ?? false
      && !w.shape.dropFirst(2).allSatisfy { $0 == 1 }
  }

  /// Whether groups of several filters are products of their own.
  package func isGrouped(_ x: TensorType, _ w: TensorType) -> Bool { groups > 1 && !isDepthwise(x, w) }

  package func filterLayout(_ x: TensorType, _ w: TensorType, width: Int) -> Layout {
    if w.rank > x.rank {
      return Layout(order: [0, 1] + Array(3..<w.rank) + [2], blocks: [.init(axis: 1, size: width)])
    }
    let spatial = Array(2..<w.rank)
    if groups == 1 {
      let order = readsPlanes(x, w) ? [0, 1] + spatial : [0] + spatial + [1]
      return Layout(order: order, blocks: [.init(axis: 0, size: width)])
    }
    return Layout(order: spatial + [1, 0])
  }

  /// Filters in panels are multiplied as a matrix product, which takes channels innermost, or planes, and no padding.
  public func checkLayouts(_ operands: [TensorType], _ results: [TensorType]) throws {
    let (x, w) = (operands[0], operands[1])
    try requireStrides([x] + operands.dropFirst(2) + results)
    guard let block = w.layout.blocks.first else { return }
    let channelsLast = Layout.channelsLast(rank: x.rank)
    guard groups == 1 || w.rank > x.rank, operands.count == 2, (before + after).allSatisfy({ $0 == 0 }),
      w.layout == filterLayout(x, w, width: block.size), readsPlanes(x, w) || x.layout == channelsLast,
      results[0].layout == channelsLast
    else { throw Diagnostic("layout", "'convolution' of \(x) to \(results[0]) does not read panels like \(w)") }
  }
}
