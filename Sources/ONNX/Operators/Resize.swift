import TensorIR
import TensorOps

/// What ONNX's `Resize` and `Upsample` say, in all their versions.
struct ResizeConversion {
  private let node: NodeConversion
  private let x: Tensor
  private var op: Interpolate

  /// Scales and sizes: inputs 2 and 3, but before opset 11 scales were input 1.
  init(_ node: NodeConversion) throws {
    self.node = node
    x = try node.tensor(0)
    let isOld = node.opset < 11
    let scales = isOld ? 1 : 2
    var axes = Array(0..<x.rank)
    if let given = try node.integers("axes") { axes = try node.axes(given, rank: x.rank) }
    let shape = x.shape
    op = Interpolate(axes: axes, sizes: axes.map { shape[$0] })
    try readExtents(scales: scales, sizes: isOld ? nil : 3)
    try readModes(isOld: isOld)
    try readRegion(isOld: isOld)
  }

  /// `Upsample` has scales as an attribute before opset 9, as input 1 from there on.
  init(upsample node: NodeConversion) throws {
    self.node = node
    x = try node.tensor(0)
    op = Interpolate(axes: Array(0..<x.rank), sizes: x.shape)
    if let given = try node.floats("scales") { try setScales(given) } else { try readExtents(scales: 1, sizes: nil) }
    try readModes(isOld: true)
  }

  func resized() throws -> Tensor { try node.add(op, x) }

  private mutating func readExtents(scales: Int, sizes: Int?) throws {
    if let sizes, node.hasInput(sizes), try !node.extents(sizes).isEmpty {
      return try setSizes(node.extents(sizes))
    }
    guard let literal = try node.literal(scales), literal.elementCount > 0 else {
      throw OnnxError("onnx-missing-input", "it is given neither scales nor sizes")
    }
    try setScales((0..<literal.elementCount).compactMap { literal.number($0) })
  }

  private mutating func setSizes(_ sizes: [Dimension]) throws {
    guard sizes.count == op.axes.count else {
      throw OnnxError("onnx-rank", "it is given \(sizes.count) sizes for \(op.axes.count) axes")
    }
    op.sizes = sizes
    let policy = try node.string("keep_aspect_ratio_policy") ?? "stretch"
    if policy == "stretch" { return }
    let extents = op.axes.compactMap { x.shape[$0].constant }
    let wanted = sizes.compactMap(\.constant)
    guard extents.count == op.axes.count, wanted.count == sizes.count, extents.allSatisfy({ $0 > 0 }) else {
      throw OnnxError("onnx-symbolic-structure", "its aspect ratio follows from symbolic extents; fix them with --dim")
    }
    let ratios = zip(wanted, extents).map { Double($0) / Double($1) }
    let scale = (policy == "not_larger" ? ratios.min() : ratios.max()) ?? 1
    op.sizes = extents.map { Dimension(Int((scale * Double($0)).rounded(.toNearestOrAwayFromZero))) }
    op.scales = extents.map { _ in scale }
  }

  /// The extents are the products rounded down.
  private mutating func setScales(_ scales: [Double]) throws {
    guard scales.count == op.axes.count, scales.allSatisfy({ $0 > 0 && $0.isFinite }) else {
      throw OnnxError(
        "onnx-resize", "its scales \(scales) are not positive numbers, one for each of \(op.axes.count) axes")
    }
    op.sizes = try zip(op.axes, scales).map { axis, scale in
      let extent = x.shape[axis]
      if scale == scale.rounded() { return extent * Dimension(Int(scale)) }
      if let number = extent.constant { return Dimension(Int((Double(number) * scale).rounded(.down))) }
      // A fraction with a small denominator is exact on symbols, too.
      for denominator in 2...64 where (scale * Double(denominator)) == (scale * Double(denominator)).rounded() {
        return (extent * Dimension(Int(scale * Double(denominator)))).floorDivided(by: Dimension(denominator))
      }
      throw OnnxError("onnx-symbolic-structure", "it scales the extent \(extent) by \(scale); fix it with --dim")
    }
    op.scales = scales
  }

  private mutating func readModes(isOld: Bool) throws {
    let modes: [String: InterpolationMode] = [
      "nearest": .nearest, "linear": .linear, "bilinear": .linear, "cubic": .cubic,
    ]
    let transformations: [String: SampleCoordinates] = [
      "half_pixel": .halfPixel, "pytorch_half_pixel": .pytorchHalfPixel, "align_corners": .alignCorners,
      "asymmetric": .asymmetric, "tf_crop_and_resize": .cropAndResize, "tf_half_pixel_for_nn": .shiftedHalfPixel,
      "half_pixel_symmetric": .symmetricHalfPixel,
    ]
    let roundings: [String: NearestRounding] = [
      "round_prefer_floor": .preferFloor, "round_prefer_ceil": .preferCeil, "floor": .floor, "ceil": .ceil,
    ]
    let names = (
      try node.string("mode") ?? "nearest",
      try node.string("coordinate_transformation_mode") ?? (isOld ? "asymmetric" : "half_pixel"),
      try node.string("nearest_mode") ?? (isOld ? "floor" : "round_prefer_floor")
    )
    guard let mode = modes[names.0], let coordinates = transformations[names.1], let rounding = roundings[names.2]
    else {
      throw OnnxError("onnx-unsupported-attribute", "its mode is one of \(names), which is unknown")
    }
    (op.mode, op.coordinates, op.rounding) = (mode, coordinates, rounding)
    op.cubicCoefficient = try node.float("cubic_coeff_a") ?? -0.75
    op.excludeOutside = try node.flag("exclude_outside")
    op.extrapolation = try node.float("extrapolation_value") ?? 0
    if try node.flag("antialias") {
      throw OnnxError("onnx-unsupported-attribute", "it asks for antialiasing, which is not supported")
    }
  }

  private mutating func readRegion(isOld: Bool) throws {
    guard op.coordinates == .cropAndResize, !isOld, let literal = try node.literal(1) else { return }
    op.region = (0..<literal.elementCount).compactMap { literal.number($0) }
  }
}
