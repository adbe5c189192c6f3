import TensorIR
import TensorOps

/// `GridSample` of volumes [n, c, d, h, w] at places [n, …, 3] (x, y, z) from -1 to 1: nearest and linear.
struct VolumeSample {
  private let node: NodeConversion
  private let op: GridSample
  private let x: Tensor
  private let grid: Tensor

  init(_ node: NodeConversion, _ op: GridSample, _ x: Tensor, _ grid: Tensor) throws {
    (self.node, self.op, self.x, self.grid) = (node, op, x, grid)
    guard grid.rank == 5, op.mode != .cubic else {
      throw OnnxError("onnx-unsupported-attribute", "it samples volumes nearest or linear, at a grid [n, d, h, w, 3]")
    }
  }

  func sampled() throws -> Tensor {
    let outputs = grid.shape[1] * grid.shape[2] * grid.shape[3]
    let places = try node.reshape(grid, [grid.shape[0], outputs, 3])
    let extents = [x.shape[4], x.shape[3], x.shape[2]]
    let own = extents.enumerated().map { number, extent in
      place(places.sliced(axis: 2, start: Dimension(number), size: 1).squeezed(axes: [2]), extent)
    }
    let planes = try node.reshape(x, [x.shape[0], x.shape[1], extents.reduce(1, *)])
    let samples: Tensor
    if op.mode == .nearest {
      samples = planes.gatherPlanes(index(own.map { $0.round() }, extents))
    } else {
      samples = linear(planes, own, extents)
    }
    return try node.reshape(samples, [x.shape[0], x.shape[1]] + grid.shape[1...3])
  }

  /// The eight corners around each place.
  private func linear(_ planes: Tensor, _ places: [Tensor], _ extents: [Dimension]) -> Tensor {
    let low = places.map { $0.floor() }
    let rest = zip(places, low).map { $0 - $1 }
    let terms = (0..<8).map { corner -> Tensor in
      let sides = (0..<3).map { corner >> $0 & 1 == 1 }
      let own = zip(low, sides).map { $1 ? $0 + $0.like(1) : $0 }
      let weights = zip(rest, sides).map { $1 ? $0 : $0.like(1) - $0 }
      let weight = weights[0] * weights[1] * weights[2]
      return planes.gatherPlanes(index(own, extents)) * weight.unsqueezed(axes: [1])
    }
    return terms.dropFirst().reduce(terms[0]) { $0 + $1 }
  }

  /// Where an element stands; -1 for one outside.
  private func index(_ places: [Tensor], _ extents: [Dimension]) -> Tensor {
    let isInside = zip(places, extents).map { place, extent in
      (place .>= place.like(0)) .& (place .<= size(extent, place) - place.like(1))
    }
    let all = isInside[0] .& isInside[1] .& isInside[2]
    // What is outside may be too large for an integer.
    let whole = places.map { Tensor.select(all, $0, $0.like(0)).cast(to: .i64) }
    let row = whole[2] * x.dimensionValue(extents[1]) + whole[1]
    let flat = row * x.dimensionValue(extents[0]) + whole[0]
    return Tensor.select(all, flat, flat.like(-1))
  }

  private func size(_ extent: Dimension, _ other: Tensor) -> Tensor {
    x.dimensionValue(extent).cast(to: other.elementType)
  }

  /// The place among the elements of an axis that a coordinate names, as the padding has it.
  private func place(_ coordinate: Tensor, _ extent: Dimension) -> Tensor {
    let (zero, one, n) = (coordinate.like(0), coordinate.like(1), size(extent, coordinate))
    let half = coordinate.like(0.5)
    let raw = op.alignCorners ? (coordinate + one) * half * (n - one) : ((coordinate + one) * n - one) * half
    if op.padding == .zeros { return raw }
    var result = raw
    if op.padding == .reflection {
      let low = raw.like(op.alignCorners ? 0 : -0.5)
      // One element mirrors into itself.
      let span = op.alignCorners ? Tensor.maximum(n - one, raw.like(1e-30)) : n
      let distance = (raw - low).absolute()
      let folds = (distance / span).floor()
      let rest = distance - folds * span
      let isEven = folds - (folds * half).floor() * raw.like(2) .== zero
      result = Tensor.select(isEven, rest + low, span - rest + low)
    }
    return Tensor.maximum(Tensor.minimum(result, n - one), zero)
  }
}
