import TensorIR
import TensorOps

extension Convolution: ScheduledOp {
  public func acceptsTileFusion(_ types: [TensorType]) -> Bool { types.count == 2 }

  /// The layout in which filters are read: panels of output channels for a dense one, channels innermost otherwise.
  public func filterLayout(_ x: TensorType, _ w: TensorType, _ target: Target) -> Layout {
    filterLayout(x, w, width: tile(w, rank: x.rank, target).columns(target, w.elementType))
  }

  /// The tile of sums for filters that are given group by group, or not.
  private func tile(_ w: TensorType, rank: Int, _ target: Target) -> TileShape {
    .filters(target, w.elementType, columns: joined(w, rank: rank).shape[0].floorDivided(by: Dimension(groups)))
  }

  public func lower(_ group: Group, anchor: Operation, into sink: any KernelSink) throws {
    guard let x = anchor.operands[0], let w = anchor.operands[1] else { return }
    let (xType, wType) = (group.type(of: x), group.type(of: w))
    let result = group.type(of: anchor.results[0])
    if let depthwise = DepthwiseSchedule(self, group, anchor, sink) { return try depthwise.lower() }
    let joined = joined(wType, rank: xType.rank)
    guard groups == 1 || isGrouped(xType, joined), before.allSatisfy({ $0 == 0 }), after.allSatisfy({ $0 == 0 }),
      anchor.operands.count == 2,
      !wType.layout.blocks.isEmpty
    else {
      return try DirectConvolution(op: self, group: group, anchor: anchor, sink: sink).lower()
    }
    try requirePanels(wType.layout == filterLayout(xType, wType, sink.target), wType)
    let tile = tile(wType, rank: xType.rank, sink.target)
    let width = tile.columns(sink.target, result.elementType)
    let problem = try problem(xType, joined, result, width: width)
    var schedule = ContractionSchedule(
      group: group, anchor: anchor, sink: sink, left: (try sink.buffer(of: x), xType.elementType),
      right: (try sink.buffer(of: w), result.elementType), problem: problem)
    schedule.shape = tile
    try schedule.lower()
  }

  /// A convolution without padding, channels innermost, as a matrix product: rows are output positions along one axis, steps
  /// the elements of a window, which lie in contiguous runs.
  func problem(
    _ x: TensorType, _ w: TensorType, _ result: TensorType, width: Int
  ) throws -> ContractionProblem {
    guard let strides = x.layout.strides(of: x.shape) else {
      throw Diagnostic("internal", "the input of 'convolution' may not be blocked")
    }
    let kernel = Array(w.shape.dropFirst(2))
    let isPlainProduct = kernel.allSatisfy { $0 == 1 } && self.strides.allSatisfy { $0 == 1 }
    if isPlainProduct {
      return ContractionProblem(
        blocks: 1, rows: result.shape[0] * result.shape.dropFirst(2).reduce(1, *), columns: w.shape[0],
        leftOrigin: { _, _ in 0 }, rightOrigin: { _, _ in 0 }, leftRow: x.shape[1], leftStep: 1,
        runLength: w.shape[1]
      ).divided(into: groups, leftGroup: w.shape[1], width: width)
    }
    // Axes of one output position at the back are no loops: rows go along the last one that has several.
    let axes = Array(kernel.indices)
    let rowAxis = axes.last { result.shape[$0 + 2] != 1 } ?? axes[axes.count - 1]
    let outer = axes.filter { $0 < rowAxis }
    let blockExtents = [result.shape[0]] + outer.map { result.shape[$0 + 2] }
    let blockStrides = [strides[0]] + outer.map { strides[$0 + 2] * Dimension(self.strides[$0]) }
    let (runs, length, step) = runs(x, w.shape[1], kernel, strides)
    return ContractionProblem(
      blocks: blockExtents.reduce(1, *), rows: result.shape[rowAxis + 2], columns: w.shape[0],
      leftOrigin: { builder, block in
        let places = LoopNest.positions(builder, block, blockExtents)
        return zip(places, blockStrides).reduce(Expression.integer(0)) { $0 + $1.0 * builder.extent($1.1) }
      },
      rightOrigin: { _, _ in 0 }, leftRow: strides[rowAxis + 2] * Dimension(self.strides[rowAxis]),
      leftStep: step, leftBlock: blockStrides.last, runs: runs, runLength: length
    ).divided(into: groups, leftGroup: w.shape[1], width: width)
  }

  /// The steps of a sum in the order of the packed filters: of planes one channel after the other, each by rows of taps;
  /// otherwise the channels of one position after the other.
  private func runs(
    _ x: TensorType, _ channels: Dimension, _ kernel: [Dimension], _ strides: [Dimension]
  ) -> (runs: [(count: Dimension, offset: Dimension)], length: Dimension, step: Dimension) {
    let window = kernel.indices.map { (count: kernel[$0], offset: strides[$0 + 2] * Dimension(dilations[$0])) }
    if x.layout.isPlain, let taps = window.last {
      return ([(channels, strides[1])] + window.dropLast(), taps.count, taps.offset)
    }
    var runs = window
    var length = channels
    // A run goes on where the next position of the window lies right behind.
    while let last = runs.last, last.offset == length || last.count == 1 {
      length = length * last.count
      runs.removeLast()
    }
    return (runs, length, 1)
  }
}
