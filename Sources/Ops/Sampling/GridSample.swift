import TensorIR

/// What stands for elements outside the tensor where a grid points there.
public enum GridPadding: String, Codable, Hashable, Sendable, CaseIterable {
  /// Zero.
  case zeros
  /// The nearest element.
  case border
  /// The elements mirrored at the edge.
  case reflection
}

/// Samples of images at places that are data (Jaderberg et al., 2015; ONNX `GridSample`, PyTorch `grid_sample`).
///
/// Operands: x [n, c, h, w] and a grid [n, oh, ow, 2] of places (x, then y), from -1 to 1 over the image: with `alignCorners`
/// over the centres of its first and last elements, else over their outer edges. Result: [n, c, oh, ow]. The nearest element is
/// taken with ties to the even place. Cubic weights have a = -0.75. A place that is not finite gives NaN, but with nearest or
/// padding other than zeros it is unspecified. Exact gradients for both.
public struct GridSample: TensorOp {
  public static let name = "grid_sample"
  public static let summary = "Samples of images at places that a grid of coordinates names: nearest, linear or cubic."
  public static let signature = Signature.operands(2)
  public var mode: InterpolationMode
  public var padding: GridPadding
  public var alignCorners: Bool

  public init(mode: InterpolationMode = .linear, padding: GridPadding = .zeros, alignCorners: Bool = false) {
    (self.mode, self.padding, self.alignCorners) = (mode, padding, alignCorners)
  }

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    let (x, grid) = (operands[0], operands[1])
    guard x.elementType.isFloat, grid.elementType == x.elementType else {
      throw Diagnostic("element-type", "'\(name)' takes x and a grid of one float type and was given \(x) and \(grid)")
    }
    guard x.rank == 4, grid.rank == 4 else {
      throw Diagnostic(
        "rank", "'\(name)' takes x [n, c, h, w] and a grid [n, oh, ow, 2] and was given \(x) and \(grid)")
    }
    try context.require(x.shape[0], equals: grid.shape[0], "the grid \(grid) of '\(name)' has another batch than \(x)")
    try context.require(grid.shape[3], equals: 2, "the grid of '\(name)' holds pairs of coordinates, not \(grid)")
    for extent in x.shape[2...] {
      try context.require(1, atMost: extent, "'\(name)' has no element to sample in \(x)")
    }
    return [x.with(shape: [x.shape[0], x.shape[1], grid.shape[1], grid.shape[2]])]
  }

  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    let (x, grid) = (operands[0], operands[1])
    let shape = try Evaluator.numbers(types[0])
    let (height, width) = (x.shape[2], x.shape[3])
    let samples = ReferenceTensor.indices(shape).map { index -> Double in
      let place = ((index[0] * shape[2] + index[2]) * shape[3] + index[3]) * 2
      let rows = taps(grid.floats[place + 1], height)
      let columns = taps(grid.floats[place], width)
      let plane = (index[0] * shape[1] + index[1]) * height * width
      return rows.reduce(0) { sum, row in
        sum
          + columns.reduce(0) { part, column in
            let inside = row.index.map { row in column.index.map { x.floats[plane + row * width + $0] } ?? 0 } ?? 0
            return part + row.weight * column.weight * inside
          }
      }
    }
    return [ReferenceTensor(x.elementType, shape, floats: samples)]
  }

  /// The elements of an axis that a coordinate is a mean of, with weights; nil for one outside.
  private func taps(_ coordinate: Double, _ extent: Int) -> [(index: Int?, weight: Double)] {
    let size = Double(extent)
    let place = alignCorners ? (coordinate + 1) / 2 * (size - 1) : ((coordinate + 1) * size - 1) / 2
    func index(_ value: Double) -> Int? { value >= 0 && value < size ? Int(value) : nil }
    if mode == .nearest { return [(index(padded(place, size).rounded(.toNearestOrEven)), 1)] }
    if !place.isFinite { return [(nil, .nan)] }
    guard mode == .cubic else {
      let inside = padded(place, size)
      let base = inside.rounded(.down)
      return [(index(base), 1 - (inside - base)), (index(base + 1), inside - base)]
    }
    let base = place.rounded(.down)
    return (-1...2).map { tap in
      let d = abs(Double(tap) - (place - base))
      let a = -0.75
      let weight = d <= 1 ? ((a + 2) * d - (a + 3)) * d * d + 1 : ((a * d - 5 * a) * d + 8 * a) * d - 4 * a
      return (index(padded(base + Double(tap), size)), weight)
    }
  }

  /// A place on an axis as the padding has it.
  private func padded(_ place: Double, _ size: Double) -> Double {
    switch padding {
    case .zeros: return place
    case .border: return min(max(place, 0), size - 1)
    case .reflection:
      let low = alignCorners ? 0 : -0.5
      let span = alignCorners ? size - 1 : size
      if span == 0 { return 0 }
      let distance = abs(place - low)
      let folds = (distance / span).rounded(.down)
      let rest = distance - folds * span
      let mirrored = folds.truncatingRemainder(dividingBy: 2) == 0 ? rest + low : span - rest + low
      return min(max(mirrored, 0), size - 1)
    }
  }
}

extension GridSample {
  /// Places from the grid, then gathers and weights; the axes' weights multiply.
  public func decompose(_ operands: [Tensor]) throws -> [Tensor]? {
    let (x, grid) = (operands[0].widened(), operands[1].widened())
    let outputs = grid.shape[1] * grid.shape[2]
    let pairs = grid.reshaped(to: [grid.shape[0], outputs, 2])
    let sampler = PlaneSampler(
      planes: x.reshaped(to: [x.shape[0], x.shape[1], x.shape[2] * x.shape[3]]), height: x.shape[2], width: x.shape[3])
    func places(_ number: Int, _ extent: Dimension) -> Tensor {
      let own = pairs.sliced(axis: 2, start: Dimension(number), size: 1).squeezed(axes: [2])
      let (one, size) = (own.like(1), x.dimensionValue(extent).cast(to: own.elementType))
      return alignCorners
        ? (own + one) * own.like(0.5) * (size - one) : ((own + one) * size - one) * own.like(0.5)
    }
    let (row, column) = (places(1, x.shape[2]), places(0, x.shape[3]))
    let samples: Tensor
    switch mode {
    case .nearest:
      samples = sampler.elements(
        row: padded(row, x.shape[2]).round(), column: padded(column, x.shape[3]).round())
    case .linear: samples = sampler.linear(y: padded(row, x.shape[2]), x: padded(column, x.shape[3]))
    case .cubic: samples = cubic(sampler, row, column)
    }
    let shaped = samples.reshaped(to: [x.shape[0], x.shape[1], grid.shape[1], grid.shape[2]])
    return [shaped.cast(to: operands[0].elementType)]
  }

  private func cubic(_ sampler: PlaneSampler, _ row: Tensor, _ column: Tensor) -> Tensor {
    let (top, left) = (row.floor(), column.floor())
    let (down, right) = (weights(row - top), weights(column - left))
    var total: Tensor?
    for (i, rowWeight) in down.enumerated() {
      for (j, columnWeight) in right.enumerated() {
        let place = padded(top + top.like(Double(i - 1)), sampler.height)
        let element = sampler.elements(row: place, column: padded(left + left.like(Double(j - 1)), sampler.width))
        let term = element * (rowWeight * columnWeight).unsqueezed(axes: [1])
        total = total.map { $0 + term } ?? term
      }
    }
    return total ?? row
  }

  /// The weights of the four neighbours of a place by its distance from the one below.
  private func weights(_ rest: Tensor) -> [Tensor] {
    let a = -0.75
    func near(_ d: Tensor) -> Tensor { (d * d.like(a + 2) - d.like(a + 3)) * d * d + d.like(1) }
    func far(_ d: Tensor) -> Tensor { ((d * d.like(a) - d.like(5 * a)) * d + d.like(8 * a)) * d - d.like(4 * a) }
    let (one, two) = (rest.like(1), rest.like(2))
    return [far(rest + one), near(rest), near(one - rest), far(two - rest)]
  }

  private func padded(_ place: Tensor, _ extent: Dimension) -> Tensor {
    if padding == .zeros { return place }
    let (zero, size) = (place.like(0), place.dimensionValue(extent).cast(to: place.elementType))
    let last = size - place.like(1)
    var result = place
    if padding == .reflection {
      let low = place.like(alignCorners ? 0 : -0.5)
      // One element mirrors into itself whatever the span.
      let span = alignCorners ? Tensor.maximum(last, place.like(1e-30)) : size
      let distance = (place - low).absolute()
      let folds = (distance / span).floor()
      let rest = distance - folds * span
      let isEven = folds - (folds * place.like(0.5)).floor() * place.like(2) .== zero
      result = Tensor.select(isEven, rest + low, span - rest + low)
    }
    return Tensor.maximum(Tensor.minimum(result, last), zero)
  }
}

extension Tensor {
  /// Samples of [n, c, h, w] at the places that a grid [n, oh, ow, 2] of coordinates (x, y) from -1 to 1 names; see
  /// ``GridSample``.
  public func gridSampled(
    _ grid: Tensor, mode: InterpolationMode = .linear, padding: GridPadding = .zeros, alignCorners: Bool = false
  ) -> Tensor {
    .one(GridSample(mode: mode, padding: padding, alignCorners: alignCorners), self, grid)
  }
}
