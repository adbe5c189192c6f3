import TensorIR

/// Means of samples in the bins of regions of images (He et al., 2017; ONNX `RoiAlign`).
///
/// Operands: x [n, c, h, w], regions [r, 4] as x₁, y₁, x₂, y₂, and for each region the number of its image [r] (i32 or i64).
/// Result: [r, c, height, width]. Each bin takes `samples` × `samples` bilinear samples at even distances; one more than an
/// element outside the image is zero. Regions have no gradient.
public struct RoiAlign: TensorOp {
  public static let name = "roi_align"
  public static let summary = "The mean or the greatest of bilinear samples in each bin of regions of images."
  public static let signature = Signature.operands(3)
  public var height: Int
  public var width: Int
  /// How many samples a bin takes along each axis.
  public var samples: Int
  /// What coordinates of regions are multiplied by to become places in x.
  @Exact public var scale: Double
  /// Whether elements are areas, half an element is subtracted from places; without it regions are at least 1 wide and high.
  public var halfPixel: Bool
  /// Whether the greatest weighted neighbour of all samples is taken rather than the mean, as ONNX defines its mode `max`.
  public var takesGreatest: Bool

  public init(
    height: Int = 1, width: Int = 1, samples: Int, scale: Double = 1, halfPixel: Bool = true,
    takesGreatest: Bool = false
  ) {
    (self.height, self.width, self.samples) = (height, width, samples)
    (self.scale, self.halfPixel, self.takesGreatest) = (scale, halfPixel, takesGreatest)
  }

  /// Far beyond any model; products with the number of samples are in reach.
  private static let most = 1 << 24

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    let (x, regions, images) = (operands[0], operands[1], operands[2])
    try Gather.requireIndices(images, name)
    guard x.elementType.isFloat, regions.elementType == x.elementType else {
      throw Diagnostic("element-type", "'\(name)' takes x and regions of one float type, not \(x) and \(regions)")
    }
    guard x.rank == 4, regions.rank == 2, images.rank == 1 else {
      throw Diagnostic("rank", "'\(name)' takes [n, c, h, w], [r, 4] and [r], not \(x), \(regions) and \(images)")
    }
    guard (1...RoiAlign.most).contains(height), (1...RoiAlign.most).contains(width), (1...64).contains(samples)
    else {
      throw Diagnostic(
        "bad-attribute", "'\(name)' needs a height and width of 1 to \(RoiAlign.most), and 1 to 64 samples")
    }
    try context.require(regions.shape[1], equals: 4, "the regions of '\(name)' have 4 coordinates, not \(regions)")
    try context.require(regions.shape[0], equals: images.shape[0], "'\(name)' takes an image for each region")
    for extent in x.shape[2...] { try context.require(1, atMost: extent, "'\(name)' has nothing to sample in \(x)") }
    return [x.with(shape: [regions.shape[0], x.shape[1], Dimension(height), Dimension(width)])]
  }

  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    let (x, regions) = (operands[0], operands[1])
    let shape = try Evaluator.numbers(types[0])
    let images = shape.contains(0) ? [] : try Gather.positions(operands[2], extent: x.shape[0], name)
    let found = ReferenceTensor.indices(shape).map { index -> Double in
      let region = Array(regions.floats[index[0] * 4..<index[0] * 4 + 4])
      let rows = taps(region[1], region[3], index[2], height, x.shape[2])
      let columns = taps(region[0], region[2], index[3], width, x.shape[3])
      let plane = (images[index[0]] * x.shape[1] + index[1]) * x.shape[2] * x.shape[3]
      let terms = rows.flatMap { row in
        columns.flatMap { column in
          row.flatMap { a in
            column.map { a.weight * $0.weight * x.floats[plane + a.index * x.shape[3] + $0.index] }
          }
        }
      }
      if takesGreatest { return terms.reduce(-.infinity) { $0.isNaN || $1.isNaN ? .nan : max($0, $1) } }
      return terms.reduce(0, +) / Double(samples * samples)
    }
    return [ReferenceTensor(x.elementType, shape, floats: found)]
  }

  /// For each sample of a bin, the two elements along an axis that it is a mean of.
  private func taps(
    _ first: Double, _ last: Double, _ bin: Int, _ bins: Int, _ extent: Int
  ) -> [[(index: Int, weight: Double)]] {
    let offset = halfPixel ? 0.5 : 0
    let start = first * scale - offset
    var length = last * scale - offset - start
    if !halfPixel { length = max(length, 1) }
    let size = length / Double(bins)
    return (0..<samples).map { sample in
      var place = start + Double(bin) * size + (Double(sample) + 0.5) * size / Double(samples)
      if !(place >= -1 && place <= Double(extent)) { return [(0, 0), (0, 0)] }
      place = min(max(place, 0), Double(extent - 1))
      let low = Int(place)
      return [(low, 1 - (place - Double(low))), (min(low + 1, extent - 1), place - Double(low))]
    }
  }

  /// Every sample's four neighbours gathered from the regions' images, then reduced over the samples of each bin.
  public func decompose(_ operands: [Tensor]) throws -> [Tensor]? {
    let (x, regions) = (operands[0].widened(), operands[1].widened())
    let (count, plane) = (regions.shape[0], x.shape[2] * x.shape[3])
    let planes = x.gather(operands[2], axis: 0).reshaped(to: [count, x.shape[1], plane])
    let rows = places(regions, 1, height, x.shape[2])
    let columns = places(regions, 0, width, x.shape[3])
    let shape = [count, Dimension(height * samples), Dimension(width * samples)]
    var terms: [Tensor] = []
    for row in rows {
      for column in columns {
        let place = row.index.unsqueezed(axes: [2]) * x.dimensionValue(x.shape[3]) + column.index.unsqueezed(axes: [1])
        let weight = row.weight.unsqueezed(axes: [2]) * column.weight.unsqueezed(axes: [1])
        let flat = [count, shape[1] * shape[2]]
        let own = planes.gatherPlanes(place.broadcast(to: shape).reshaped(to: flat))
        terms.append(own * weight.broadcast(to: shape).reshaped(to: [count, 1, flat[1]]))
      }
    }
    let all = terms.dropFirst().reduce(terms[0]) { takesGreatest ? Tensor.maximum($0, $1) : $0 + $1 }
    let (s, h, w) = (Dimension(samples), Dimension(height), Dimension(width))
    let bins = all.reshaped(to: [count, x.shape[1], h, s, w, s])
    let result = takesGreatest ? bins.max(axes: [3, 5]) : bins.mean(axes: [3, 5])
    return [result.cast(to: operands[0].elementType)]
  }

  /// Along one axis, for every sample of every bin: the places [r, bins · samples] of the two neighbours, with weights.
  private func places(
    _ regions: Tensor, _ number: Int, _ bins: Int, _ extent: Dimension
  ) -> [(index: Tensor, weight: Tensor)] {
    let half = regions.like(0.5)
    func edge(_ column: Int) -> Tensor {
      let own = regions.sliced(axis: 1, start: Dimension(column), size: 1) * regions.like(scale)
      return halfPixel ? own - half : own
    }
    let start = edge(number)
    var length = edge(number + 2) - start
    if !halfPixel { length = Tensor.maximum(length, length.like(1)) }
    let size = length / length.like(Double(bins))
    let sample = regions.iota(regions.elementType, [1, Dimension(bins * samples)], axis: 1)
    let raw = start + (sample + half) * size / half.like(Double(samples))
    let (zero, one, n) = (half.like(0), half.like(1), regions.dimensionValue(extent).cast(to: half.elementType))
    let inside = (raw .>= half.like(-1)) .& (raw .<= n)
    let place = Tensor.maximum(Tensor.minimum(Tensor.select(inside, raw, zero), n - one), zero)
    let low = place.floor()
    let rest = place - low
    let next = Tensor.minimum(low + one, n - one)
    return [
      (low.cast(to: .i64), Tensor.select(inside, one - rest, zero)),
      (next.cast(to: .i64), Tensor.select(inside, rest, zero)),
    ]
  }

  /// Through the decomposition, but regions, which only choose, have no gradient.
  public func differentiate(_ operands: [Tensor]) throws -> Differentiated {
    let whole = try differentiateDecomposition(operands)
    return Differentiated(whole.results) { [try whole.pull($0)[0], nil, nil] }
  }
}
