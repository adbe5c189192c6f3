import TensorIR
import TensorOps

extension OnnxOperators {
  /// Grids of places to sample at, and images put together from their windows.
  static let grids: [String: Converter] = [
    "AffineGrid": one(affineGrid),
    "Col2Im": one(imageFromColumns),
  ]

  /// For each element of an image the place, from -1 to 1 on each axis, that an affine map sends it to.
  private static func affineGrid(_ node: NodeConversion) throws -> Tensor {
    let given = try node.tensor(0)
    let sizes = try node.extents(1).dropFirst(2)
    guard given.rank == 3, (2...3).contains(sizes.count) else {
      throw OnnxError("onnx-rank", "it takes maps [n, 2, 3] or [n, 3, 4] and the sizes of as many axes and two more")
    }
    let maps = given.elementType == .f64 ? given : given.cast(to: .f32)
    let shape = Array(sizes)
    let aligned = try node.flag("align_corners")
    // The last axis is the first coordinate; a 1 at the end is for the shift.
    let columns = shape.indices.reversed().map { axis -> Tensor in
      let index = maps.iota(maps.elementType, shape, axis: axis)
      let size = maps.dimensionValue(shape[axis]).cast(to: maps.elementType)
      let one = index.like(1)
      if !aligned { return (index + index + one) / size - one }
      // One element alone stands in the middle.
      return Tensor.select(size .> one, (index + index) / Tensor.maximum(size - one, one) - one, index.like(0))
    }
    let places = (columns + [maps.full(1, shape)]).map { $0.unsqueezed(axes: [shape.count]) }
    let count = shape.reduce(1, *)
    let rows = try node.reshape(
      Tensor.concat(places, axis: shape.count), [1, count, Dimension(shape.count + 1)])
    let moved = try node.add(Matmul(transposeLeft: false, transposeRight: true), rows, maps)
    return try node.cast(
      node.reshape(moved, [maps.shape[0]] + shape + [Dimension(shape.count)]), to: given.elementType)
  }

  /// Columns [n, c · taps, windows] summed back to where their windows lie.
  private static func imageFromColumns(_ node: NodeConversion) throws -> Tensor {
    let x = try node.tensor(0)
    let (sizes, kernel) = (try node.extents(1), try node.integers(2))
    let count = kernel.count
    let ones = kernel.map { _ in 1 }
    let (strides, dilations) = (try node.integers("strides") ?? ones, try node.integers("dilations") ?? ones)
    let pads = try node.integers("pads") ?? kernel.flatMap { _ in [0, 0] }
    let limit = 1...1 << 24
    guard x.rank == 3, count > 0, sizes.count == count, strides.count == count, dilations.count == count,
      pads.count == 2 * count, (kernel + strides + dilations).allSatisfy(limit.contains),
      pads.allSatisfy({ (0...limit.upperBound).contains($0) })
    else {
      throw OnnxError(
        "onnx-window", "its image, block, strides, dilations or pads do not fit columns of rank \(x.rank)")
    }
    let window = Window(
      kernel: kernel, strides: strides, before: Array(pads.prefix(count)), after: Array(pads.suffix(count)),
      dilations: dilations)
    let windows = kernel.indices.map { axis -> Dimension in
      let rest = Dimension(pads[axis] + pads[axis + count] - (kernel[axis] - 1) * dilations[axis] - 1)
      return (sizes[axis] + rest).floorDivided(by: Dimension(strides[axis])) + 1
    }
    let taps = kernel.reduce(Dimension(1)) { $0 * Dimension($1) }
    let lead = [x.shape[0], node.symbols.quotient(x.shape[1], taps)]
    let apart = try node.reshape(x, lead + kernel.map { Dimension($0) } + windows)
    return try node.add(Fold(window, sizes: sizes), apart)
  }
}
