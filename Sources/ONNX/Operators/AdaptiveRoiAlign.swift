import TensorIR
import TensorOps

/// `RoiAlign` whose bins take as many samples as their size has elements, rounded up, on each axis: a loop over the samples of
/// the largest region, in which the others rest when they have had theirs.
struct AdaptiveRoiAlign {
  private let node: NodeConversion
  private let op: RoiAlign
  private let x: Tensor
  private let regions: Tensor
  private let images: Tensor

  /// Beyond it nothing is sampled that could matter: the extents of images are smaller.
  private static let most = 16384.0

  init(_ node: NodeConversion, _ op: RoiAlign) throws {
    (self.node, self.op) = (node, op)
    let x = try node.tensor(0)
    // What stands in the loop is not part of the node's composition.
    let wide = { (tensor: Tensor) in tensor.elementType == .f64 ? tensor : tensor.cast(to: .f32) }
    (self.x, regions, images) = (wide(x), wide(try node.tensor(1)), try node.tensor(2))
    guard x.rank == 4, regions.rank == 2, images.rank == 1 else {
      throw OnnxError("onnx-rank", "it takes [n, c, h, w], regions [r, 4] and an image for each")
    }
  }

  /// Along one axis: where the regions' bins begin and how large they are, [r, 1], and how many samples each takes.
  private struct Side {
    let start: Tensor
    let size: Tensor
    let samples: Tensor
    let bins: Int
    let extent: Dimension
  }

  private func side(_ number: Int, _ bins: Int, _ extent: Dimension) -> Side {
    func edge(_ column: Int) -> Tensor {
      let own = regions.sliced(axis: 1, start: Dimension(column), size: 1) * regions.like(op.scale)
      return op.halfPixel ? own - own.like(0.5) : own
    }
    let start = edge(number)
    var length = edge(number + 2) - start
    if !op.halfPixel { length = Tensor.maximum(length, length.like(1)) }
    let size = length / length.like(Double(bins))
    let samples = size.ceil().clip(minimum: 0, maximum: AdaptiveRoiAlign.most).cast(to: .i64)
    return Side(start: start, size: size, samples: samples, bins: bins, extent: extent)
  }

  /// The two neighbours of a sample of every bin, [r, bins], with weights.
  private func taps(_ side: Side, _ sample: Tensor) -> [(index: Tensor, weight: Tensor)] {
    let type = regions.elementType
    let bin = regions.iota(type, [1, Dimension(side.bins)], axis: 1)
    let step = side.size / Tensor.maximum(side.samples, side.samples.like(1)).cast(to: type)
    let raw = side.start + bin * side.size + (sample.cast(to: type) + bin.like(0.5)) * step
    let (zero, one, n) = (raw.like(0), raw.like(1), regions.dimensionValue(side.extent).cast(to: type))
    let inside = (raw .>= raw.like(-1)) .& (raw .<= n)
    let place = Tensor.maximum(Tensor.minimum(Tensor.select(inside, raw, zero), n - one), zero)
    let low = place.floor()
    let next = Tensor.minimum(low + one, n - one)
    return [
      (low.cast(to: .i64), Tensor.select(inside, one - (place - low), zero)),
      (next.cast(to: .i64), Tensor.select(inside, place - low, zero)),
    ]
  }

  func result() throws -> Tensor {
    let rows = side(1, op.height, x.shape[2])
    let columns = side(0, op.width, x.shape[3])
    let count = regions.shape[0]
    let planes = try node.reshape(
      x.gather(images, axis: 0), [count, x.shape[1], x.shape[2] * x.shape[3]])
    let bins = Dimension(op.height * op.width)
    let widest = Tensor.maximum(columns.samples.max(axes: [0, 1]), columns.samples.like(1))
    let deepest = Tensor.maximum(rows.samples.max(axes: [0, 1]), rows.samples.like(0))
    let first = x.full(op.takesGreatest ? -.infinity : 0, [count, x.shape[1], bins])
    let trips = LoopPlan.Trips.tensor(widest * deepest)
    let total = try LoopPlan(node.graph).results(of: trips, carrying: [first]) { trip, state in
      let (row, column) = (Tensor.floorDivide(trip, widest), trip % widest)
      let isOwn = try node.reshape((row .< rows.samples) .& (column .< columns.samples), [count, 1, 1])
      var sum: Tensor?
      for down in taps(rows, row) {
        for right in taps(columns, column) {
          let place =
            down.index.unsqueezed(axes: [2]) * x.dimensionValue(x.shape[3]) + right.index.unsqueezed(axes: [1])
          let weight = down.weight.unsqueezed(axes: [2]) * right.weight.unsqueezed(axes: [1])
          let term =
            try planes.gatherPlanes(node.reshape(place, [count, bins])) * node.reshape(weight, [count, 1, bins])
          sum = sum.map { op.takesGreatest ? Tensor.maximum($0, term) : $0 + term } ?? term
        }
      }
      let new = sum.map { op.takesGreatest ? Tensor.maximum(state[0], $0) : state[0] + $0 } ?? state[0]
      return [Tensor.select(isOwn, new, state[0])]
    }[0]
    let number = try node.reshape(rows.samples * columns.samples, [count, 1, 1])
    let divisor = Tensor.maximum(number, number.like(1)).cast(to: total.elementType)
    // A region of no size has no sample.
    let value = op.takesGreatest ? Tensor.select(number .> number.like(0), total, total.like(0)) : total / divisor
    let shaped = try node.reshape(value, [count, x.shape[1], Dimension(op.height), Dimension(op.width)])
    return try shaped.cast(to: node.type(0).elementType)
  }
}
