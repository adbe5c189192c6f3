import TensorIR
import TensorOps

/// `Resize` between the elements of integers: in f32, every step rounded and the result cut off, as onnxruntime has it, for
/// it is compared to the last digit.
struct IntegerResize {
  /// Which element of an axis stands below and above each place, and how far away: vectors along the axis.
  private struct Neighbours {
    let places: [Tensor]
    let weights: [Tensor]
  }

  private let op: Interpolate
  private let x: Tensor
  private let axes: [Int]

  init(_ op: Interpolate, _ x: Tensor) throws {
    guard op.coordinates != .cropAndResize, !op.excludeOutside else {
      throw OnnxError(
        "element-type",
        "it does not mix elements of \(x.elementType) with a region or exclude_outside; cast them to a float")
    }
    (self.op, self.x) = (op, x)
    // Two axes are resized together, or three, though nothing may happen on one of them.
    let images = [2: 2, 3: 3, 4: 2, 5: 3][x.rank] ?? 0
    let last = Array(x.rank - images..<x.rank)
    axes = op.axes.allSatisfy(last.contains) ? last : op.axes.sorted()
  }

  func resized() throws -> Tensor {
    let along = axes.map { neighbours($0) }
    var total: Tensor?
    for corner in 0..<1 << axes.count {
      // The last axis changes fastest, and its weight comes first.
      var weight: Tensor?
      var elements = x
      for number in axes.indices.reversed() {
        let side = corner >> (axes.count - 1 - number) & 1
        weight = weight.map { $0 * along[number].weights[side] } ?? along[number].weights[side]
        elements = elements.gather(along[number].places[side], axis: axes[number])
      }
      guard let weight else { continue }
      let term = weight * elements.cast(to: .f32)
      total = total.map { $0 + term } ?? term
    }
    return (total ?? x).cast(to: x.elementType)
  }

  private func neighbours(_ axis: Int) -> Neighbours {
    let number = op.axes.firstIndex(of: axis)
    let size = number.map { op.sizes[$0] } ?? x.shape[axis]
    let last = float(x.shape[axis] - 1)
    let raw = number.map { coordinate($0, size) } ?? x.iota(.f32, [size], axis: 0)
    let place = Tensor.maximum(Tensor.minimum(raw, last), raw.like(0))
    let low = place.floor()
    let high = Tensor.minimum(low + low.like(1), last)
    // On the last element there is nothing above: it counts twice, half each.
    let isLast = low .== high
    let half = place.like(0.5)
    let above = Tensor.select(isLast, half, (place - low).absolute())
    let below = Tensor.select(isLast, half, (place - high).absolute())
    let shape = x.shape.indices.map { $0 == axis ? size : 1 }
    return Neighbours(
      places: [low.cast(to: .i64), high.cast(to: .i64)], weights: [below, above].map { $0.reshaped(to: shape) })
  }

  private func float(_ dimension: Dimension) -> Tensor { x.dimensionValue(dimension).cast(to: .f32) }

  /// Where each element comes from: f32 [size].
  private func coordinate(_ number: Int, _ size: Dimension) -> Tensor {
    let extent = float(x.shape[op.axes[number]])
    let i = x.iota(.f32, [size], axis: 0)
    let (half, one) = (i.like(0.5), i.like(1))
    let scale = op.scales.map { i.like($0[number]) } ?? float(size) / extent
    let centred = (i + half) / scale - half
    switch op.coordinates {
    case .halfPixel, .cropAndResize: return centred
    case .pytorchHalfPixel: return Tensor.select(float(size) .> one, centred, i.like(0))
    case .symmetricHalfPixel:
      return extent / extent.like(2) * (one - float(size) / (extent * scale)) + (i + half) / scale - half
    case .alignCorners:
      let steps = Tensor.maximum(float(size) - one, one)
      return Tensor.select(float(size) .> one, i * (extent - one) / steps, i.like(0))
    case .asymmetric: return i / scale
    case .shiftedHalfPixel: return (i + half) / scale
    }
  }
}
