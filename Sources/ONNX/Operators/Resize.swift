import TensorIR
import TensorOps

/// What ONNX's `Resize` and `Upsample` say, in all their versions.
struct ResizeConversion {
  private let node: NodeConversion
  private let x: Tensor
  private var op: Interpolate
  private var isAntialiased = false
  /// What must hold of extents that are not known.
  private var conditions: [(left: Dimension, right: Dimension, message: String)] = []

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
    dropUnchangedAxes()
  }

  /// `Upsample` has scales as an attribute before opset 9, as input 1 from there on.
  init(upsample node: NodeConversion) throws {
    self.node = node
    x = try node.tensor(0)
    op = Interpolate(axes: Array(0..<x.rank), sizes: x.shape)
    if let given = try node.floats("scales") {
      try setScales(given.map { .number($0) })
    } else if node.opset < 7, let height = try node.float("height_scale"), let width = try node.float("width_scale") {
      try setScales([.number(1), .number(1), .number(height), .number(width)])
    } else {
      try readExtents(scales: 1, sizes: nil)
    }
    try readModes(isOld: true)
    dropUnchangedAxes()
  }

  func resized() throws -> Tensor {
    if op.axes.isEmpty { return x }
    if isAntialiased { return try AntialiasedResize(node, op, x).resized() }
    let isMixed = op.mode == .linear && !x.elementType.isFloat
    let result = try isMixed ? IntegerResize(op, x).resized() : node.add(op, x)
    for condition in conditions { try node.require(condition.left, equals: condition.right, condition.message) }
    return result
  }

  /// Leaves axes alone on which nothing happens, whatever the rule for coordinates would make of them.
  private mutating func dropUnchangedAxes() {
    guard op.coordinates != .cropAndResize else { return }
    let kept = op.axes.indices.filter { op.sizes[$0] != x.shape[op.axes[$0]] || op.scales?[$0] ?? 1 != 1 }
    op.scales = op.scales.map { scales in kept.map { scales[$0] } }
    (op.axes, op.sizes) = (kept.map { op.axes[$0] }, kept.map { op.sizes[$0] })
  }

  private mutating func readExtents(scales: Int, sizes: Int?) throws {
    // Of scales it says nothing.
    node.ignore("keep_aspect_ratio_policy")
    if let sizes, node.hasInput(sizes), try !node.extents(sizes).isEmpty {
      return try setSizes(node.extents(sizes))
    }
    guard node.hasInput(scales), let found = try ScaleFactor.read(node, scales), !found.isEmpty else {
      throw OnnxError("onnx-missing-input", "it is given neither scales nor sizes")
    }
    try setScales(found)
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
  private mutating func setScales(_ scales: [ScaleFactor]) throws {
    guard scales.count == op.axes.count, scales.allSatisfy(\.isPositive) else {
      throw OnnxError(
        "onnx-resize", "its scales \(scales) are not positive numbers, one for each of \(op.axes.count) axes")
    }
    op.sizes = try zip(op.axes, scales).map { axis, scale in
      switch scale {
      case .number(let number): try scaled(x.shape[axis], by: number)
      case .quotient(let above, let below): try scaled(x.shape[axis], by: above, over: below)
      }
    }
    let numbers = scales.compactMap(\.number)
    if numbers.count == scales.count {
      // Half way between two elements 0.7 has to be 7 / 10, and not the float that is nearest to it.
      op.scales = numbers.map { ScaledExtent.fraction($0) }
    } else if !zip(op.axes.indices, scales).allSatisfy({ index, scale in
      // Scales that follow from extents are the extents' quotients; one that differs from them would be lost.
      guard let number = scale.number else { return true }
      return Int(exactly: number).map { x.shape[op.axes[index]] * Dimension($0) == op.sizes[index] } ?? false
    }) {
      throw OnnxError(
        "onnx-symbolic-structure", "some of its scales \(scales) follow from extents; fix these with --dim")
    }
  }

  private mutating func scaled(_ extent: Dimension, by scale: Double) throws -> Dimension {
    if let number = extent.constant { return Dimension(ScaledExtent.extent(number, scale: scale)) }
    guard let rule = ScaledExtent(scale: scale) else {
      throw OnnxError(
        "onnx-symbolic-structure",
        "it scales the extent \(extent) by \(scale), whose products in 32 bits are no fraction's; fix it with --dim")
    }
    if !rule.isExact, node.symbols.isAtMost(extent, Dimension(rule.limit)) != .yes {
      conditions.append(
        (
          .minimum(extent, Dimension(rule.limit)), extent,
          "it scales an extent by \(scale), which goes up to \(rule.limit)"
        ))
    }
    return rule.extent(of: extent)
  }

  /// A scale that was computed from the extent itself, to arrive at a size.
  private mutating func scaled(_ extent: Dimension, by size: Dimension, over divisor: Dimension) throws -> Dimension {
    if let whole = size.exactQuotient(by: divisor)?.constant { return try scaled(extent, by: Double(whole)) }
    guard extent == divisor else {
      throw OnnxError(
        "onnx-symbolic-structure", "it scales the extent \(extent) by \(size) / \(divisor); fix these with --dim")
    }
    for dimension in [size, extent] where node.symbols.isAtMost(dimension, Dimension(ScaleFromExtents.longest)) != .yes
    {
      let limit = Dimension(ScaleFromExtents.longest)
      conditions.append(
        (.minimum(dimension, limit), dimension, "it computes a scale from an extent, which goes up to \(limit)"))
    }
    conditions.append(
      (
        ScaleFromExtents.shortfall(size, extent), 0,
        "\(extent) times its scale \(size) / \(extent) in 32 bits is less than \(size), so that one element would be missing; "
          + "give Resize sizes, or fix the extent with --dim"
      ))
    return size
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
    // Of the nearest element it says nothing.
    isAntialiased = try node.flag("antialias") && mode != .nearest
  }

  private mutating func readRegion(isOld: Bool) throws {
    guard op.coordinates == .cropAndResize, !isOld, let literal = try node.literal(1) else { return }
    op.region = (0..<literal.elementCount).compactMap { literal.number($0) }
  }
}
