import TensorIR

/// What ``Interpolate`` takes for one axis, as tensors computed from the extents: so that one library serves every size.
struct InterpolationTables {
  let op: Interpolate
  /// Which of the op's axes it is.
  let number: Int
  let x: Tensor

  private var axis: Int { op.axes[number] }
  private var size: Dimension { op.sizes[number] }
  private func value(_ dimension: Dimension) -> Tensor { x.dimensionValue(dimension).cast(to: .f64) }
  private var extent: Tensor { value(x.shape[axis]) }
  /// The last place on the axis.
  private var last: Tensor { value(x.shape[axis] - 1) }

  /// Where each element comes from: f64 [m, 1].
  private var coordinate: Tensor {
    let i = x.iota(.f64, [size, 1], axis: 0)
    let half = i.like(0.5)
    switch op.coordinates {
    case .halfPixel: return shrunk(i + half) - half
    case .pytorchHalfPixel: return ifLong(shrunk(i + half) - half, otherwise: i.like(0))
    case .symmetricHalfPixel:
      let shift = extent * half * (i.like(1) - value(size) / length)
      return shift + shrunk(i + half) - half
    case .alignCorners:
      let isOne = length .== i.like(1)
      let steps = Tensor.select(isOne, i.like(1), length - i.like(1))
      return Tensor.select(isOne, i.like(0), i * last / steps)
    case .asymmetric: return shrunk(i)
    case .shiftedHalfPixel:
      return op.scales?[number] ?? 1 == 1 ? kept(i, otherwise: shrunk(i + half)) : shrunk(i + half)
    case .cropAndResize:
      let (start, end) = (op.region[number], op.region[op.axes.count + number])
      let steps = Tensor.maximum(length - i.like(1), i.like(1e-300))
      let along = last * i.like(start) + i * i.like(end - start) * last / steps
      return ifLong(along, otherwise: last * i.like(0.5 * (start + end)))
    }
  }

  private func shrunk(_ i: Tensor) -> Tensor {
    op.scales.map { i / i.like($0[number]) } ?? i * extent / value(size)
  }

  private var length: Tensor { op.scales.map { extent * extent.like($0[number]) } ?? value(size) }

  /// The places themselves where the extent stays.
  private func kept(_ i: Tensor, otherwise moved: Tensor) -> Tensor { Tensor.select(extent .== value(size), i, moved) }

  private func ifLong(_ long: Tensor, otherwise short: Tensor) -> Tensor {
    Tensor.select(length .> length.like(1), long, short)
  }

  private func clamped(_ index: Tensor) -> Tensor {
    Tensor.maximum(Tensor.minimum(index, last), index.like(0)).cast(to: .i64)
  }

  /// The place of the nearest element: i64 [m].
  var nearest: Tensor {
    // In f32, as other runtimes have it: what lies half way, in f64 within a last bit of it, is half way.
    let place = coordinate.cast(to: .f32).cast(to: .f64)
    let rounded =
      switch op.rounding {
      case .floor: place.floor()
      case .ceil: place.ceil()
      case .preferFloor: (place - place.like(0.5)).ceil()
      case .preferCeil: (place + place.like(0.5)).floor()
      }
    return clamped(rounded).reshaped(to: [size])
  }

  /// The places of the neighbours: f64 [m, taps], which may lie outside.
  private var neighbours: Tensor { coordinate.floor() + steps }
  /// The neighbours' distances from the one below.
  private var steps: Tensor {
    let count = x.iota(.f64, [1, op.mode == .linear ? 2 : 4], axis: 1)
    return op.mode == .linear ? count : count - count.like(1)
  }

  /// i64 [m, taps].
  var indices: Tensor { clamped(neighbours) }

  /// f64 [m, taps].
  var weights: Tensor {
    let place = coordinate
    let distance = (steps - (place - place.floor())).absolute()
    let weights = op.mode == .linear ? distance.like(1) - distance : cubic(distance)
    guard op.excludeOutside else { return weights }
    let inside = (neighbours .>= place.like(0)) .& (neighbours .<= last)
    let kept = Tensor.select(inside, weights, place.like(0))
    return kept / kept.sum(axes: [1], keepAxes: true)
  }

  private func cubic(_ d: Tensor) -> Tensor {
    let a = op.cubicCoefficient
    let near = (d * d.like(a + 2) - d.like(a + 3)) * d * d + d.like(1)
    let far = ((d * d.like(a) - d.like(5 * a)) * d + d.like(8 * a)) * d - d.like(4 * a)
    return Tensor.select(d .<= d.like(1), near, far)
  }

  /// Whether each element lies outside the operand, of a shape that broadcasts to the result's; nil where none does.
  var outside: Tensor? {
    guard op.coordinates == .cropAndResize else { return nil }
    let place = coordinate
    let found = (place .< place.like(0)) .| (place .> last)
    return found.reshaped(to: x.shape.indices.map { $0 == axis ? size : 1 })
  }
}
