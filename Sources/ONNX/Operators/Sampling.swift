import TensorIR
import TensorOps

extension OnnxOperators {
  /// Operators that sample tensors between their elements, and those that undo pools and convolutions.
  static let sampling: [String: Converter] = [
    "Resize": one { node in try ResizeConversion(node).resized() },
    "Upsample": one { node in try ResizeConversion(upsample: node).resized() },
    "GridSample": one(gridSample),
    "RoiAlign": one(roiAlign),
    "ConvTranspose": one(transposedConvolution),
    "MaxUnpool": one(maxUnpool),
    "LRN": one(localNormalisation),
    "LpPool": one(powerPool),
    "GlobalLpPool": one { node in
      let x = try node.tensor(0)
      let order = try order(node)
      return try power(node, x, order) { try node.add(Sum(axes: Array(2..<max(x.rank, 2)), keepAxes: true), $0) }
    },
    "DeformConv": one { node in
      let (x, filters) = (try node.tensor(0), try node.tensor(1))
      guard x.rank == 4, filters.rank == 4,
        let kernel = filters.type.with(shape: Array(filters.shape.dropFirst(2))).constantShape
      else { throw OnnxError("onnx-rank", "it takes images [n, c, h, w] and filters of known extents") }
      node.ignore("kernel_shape")
      let placement = try WindowPlacement(node, kernel: kernel, shape: x.shape)
      let op = DeformableConvolution(
        strides: placement.strides, before: placement.before, after: placement.after, dilations: placement.dilations,
        groups: try node.integer("group") ?? 1, offsetGroups: try node.integer("offset_group") ?? 1)
      let (bias, mask) = (try node.optionalTensor(3), try node.optionalTensor(4))
      return try node.add(op, x, filters, node.tensor(2), mask, bias)
    },
  ]

  private static func gridSample(_ node: NodeConversion) throws -> Tensor {
    let modes: [String: InterpolationMode] = [
      "nearest": .nearest, "bilinear": .linear, "linear": .linear, "bicubic": .cubic, "cubic": .cubic,
    ]
    let name = try node.string("mode") ?? "linear"
    let paddingName = try node.string("padding_mode") ?? "zeros"
    guard let mode = modes[name], let padding = GridPadding(rawValue: paddingName) else {
      throw OnnxError("onnx-unsupported-attribute", "its mode '\(name)' or padding '\(paddingName)' is unknown")
    }
    let op = GridSample(mode: mode, padding: padding, alignCorners: try node.flag("align_corners"))
    let (x, grid) = (try node.tensor(0), try node.tensor(1))
    return x.rank == 5 ? try VolumeSample(node, op, x, grid).sampled() : try node.add(op, x, grid)
  }

  private static func roiAlign(_ node: NodeConversion) throws -> Tensor {
    let mode = try node.string("mode") ?? "avg"
    let standard = node.opset >= 16 ? "half_pixel" : "output_half_pixel"
    let coordinates = try node.string("coordinate_transformation_mode") ?? standard
    let samples = try node.integer("sampling_ratio") ?? 0
    guard ["avg", "max"].contains(mode), ["half_pixel", "output_half_pixel"].contains(coordinates) else {
      throw OnnxError("onnx-unsupported-attribute", "its mode '\(mode)' or '\(coordinates)' is unknown")
    }
    let op = RoiAlign(
      height: try node.integer("output_height") ?? 1, width: try node.integer("output_width") ?? 1,
      samples: max(samples, 1),
      scale: try node.float("spatial_scale") ?? 1, halfPixel: coordinates == "half_pixel", takesGreatest: mode == "max")
    // Without a number of samples it follows from each region's size.
    if samples <= 0 { return try AdaptiveRoiAlign(node, op).result() }
    return try node.add(op, node.tensor(0), node.tensor(1), node.tensor(2))
  }

  /// Output padding, or an output shape from which the padding follows.
  private static func transposedConvolution(_ node: NodeConversion) throws -> Tensor {
    let (x, filters) = (try node.tensor(0), try node.tensor(1))
    guard x.rank >= 3, filters.rank == x.rank,
      let kernel = filters.type.with(shape: Array(filters.shape.dropFirst(2))).constantShape
    else {
      throw OnnxError("onnx-rank", "it takes x of rank 3 or more and filters of the same rank and known extents")
    }
    node.ignore("kernel_shape")
    let mode = try node.string("auto_pad") ?? "NOTSET"
    let count = kernel.count
    let strides = try node.integers("strides") ?? Array(repeating: 1, count: count)
    let dilations = try node.integers("dilations") ?? Array(repeating: 1, count: count)
    var output = try node.integers("output_padding") ?? Array(repeating: 0, count: count)
    let pads = try node.integers("pads") ?? Array(repeating: 0, count: 2 * count)
    let shape = try node.integers("output_shape")
    guard strides.count == count, dilations.count == count, output.count == count, pads.count == 2 * count,
      (strides + dilations).allSatisfy({ 1...WindowPlacement.limit ~= $0 }), shape?.count ?? count >= count,
      (output + pads + (shape ?? [])).allSatisfy({ $0.magnitude <= 1 << 40 }), kernel.allSatisfy({ $0 <= 1 << 32 })
    else { throw OnnxError("onnx-window", "its strides, dilations or pads do not fit a tensor of rank \(x.rank)") }
    var (before, after) = (Array(pads.prefix(count)), Array(pads.suffix(count)))
    let isSame = mode == "SAME_UPPER" || mode == "SAME_LOWER"
    if isSame, shape == nil {
      for axis in 0..<count {
        // As much as makes the result as many strides long as x has elements; how many these are does not matter.
        let total = (kernel[axis] - 1) * dilations[axis] + 1 + output[axis] - strides[axis]
        if total < 0 { output[axis] -= total }
        let (less, more) = (max(total, 0) / 2, max(total, 0) - max(total, 0) / 2)
        (before[axis], after[axis]) = mode == "SAME_UPPER" ? (less, more) : (more, less)
      }
    }
    if let shape {
      for axis in 0..<count {
        guard let extent = x.shape[axis + 2].constant, extent <= 1 << 32 else {
          throw OnnxError(
            "onnx-symbolic-structure", "its padding must be a number\(node.hint([x.shape[axis + 2]]))")
        }
        let full = (extent - 1) * strides[axis] + (kernel[axis] - 1) * dilations[axis] + 1 + output[axis]
        let total = full - shape[shape.count - count + axis]
        if total < 0 { output[axis] -= total }
        let (less, more) = (max(total, 0) / 2, max(total, 0) - max(total, 0) / 2)
        (before[axis], after[axis]) = mode == "SAME_UPPER" ? (less, more) : (more, less)
      }
    }
    let op = TransposedConvolution(
      strides: strides, before: before, after: after, dilations: dilations, outputPadding: output,
      groups: try node.integer("group") ?? 1)
    return node.hasInput(2) ? try node.add(op, x, filters, node.tensor(2)) : try node.add(op, x, filters)
  }

  /// Elements put where the indices, which count over the whole result, say they came from.
  private static func maxUnpool(_ node: NodeConversion) throws -> Tensor {
    let (x, indices) = (try node.tensor(0), try node.tensor(1))
    guard let kernel = try node.integers("kernel_shape"), x.rank == kernel.count + 2 else {
      throw OnnxError("onnx-missing-attribute", "it needs a kernel_shape with an entry for each spatial axis")
    }
    let strides = try node.integers("strides") ?? kernel.map { _ in 1 }
    let pads = try node.integers("pads") ?? Array(repeating: 0, count: 2 * kernel.count)
    guard strides.count == kernel.count, pads.count == 2 * kernel.count else {
      throw OnnxError("onnx-window", "its strides or pads do not fit a tensor of rank \(x.rank)")
    }
    let plain = kernel.indices.map { axis in
      (x.shape[axis + 2] - 1) * Dimension(strides[axis])
        + Dimension(kernel[axis]) - Dimension(pads[axis]) - Dimension(pads[axis + kernel.count])
    }
    var shape = Array(x.shape.prefix(2)) + plain
    if node.hasInput(2) { shape = try node.extents(2) }
    guard shape.count == x.rank else { throw OnnxError("onnx-rank", "its output shape does not fit x") }
    // Where an output shape is given the indices still count over the shape that follows from the kernel.
    let small = Array(x.shape.prefix(2)) + plain
    let zeros = try node.add(Full(0, x.elementType, [small.reduce(1, *)]))
    let put = try node.add(
      ScatterElements(axis: 0), zeros, node.reshape(indices, [indices.shape.reduce(1, *)]),
      node.reshape(x, [x.shape.reduce(1, *)]))
    let unpooled = try node.reshape(put, small)
    if shape == small { return unpooled }
    return try node.add(
      Pad(before: small.map { _ in 0 }, after: zip(shape, small).map { $0 - $1 }), unpooled)
  }

  /// x / (bias + α/size Σ x²)^β, the sum over neighbouring channels (Krizhevsky et al., 2012).
  private static func localNormalisation(_ node: NodeConversion) throws -> Tensor {
    let x = try node.tensor(0)
    guard x.rank >= 3, let size = try node.integer("size"), size > 0 else {
      throw OnnxError("onnx-missing-attribute", "it takes rank 3 or more and a positive size")
    }
    let plane = [x.shape[0], 1, x.shape[1], x.shape.dropFirst(2).reduce(1, *)]
    let squares = try node.reshape(node.add(Multiply(), x, x), plane)
    let window = Window(
      kernel: [size, 1], strides: [1, 1], before: [(size - 1) / 2, 0], after: [size / 2, 0])
    let mean = try node.reshape(node.add(AveragePool(window, countIncludePad: true), squares), x.shape)
    let scaled = try node.add(Multiply(), mean, node.scalar(node.float("alpha") ?? 1e-4, x.elementType))
    let base = try node.add(Add(), scaled, node.scalar(node.float("bias") ?? 1, x.elementType))
    return try node.add(Divide(), x, node.add(Power(), base, node.scalar(node.float("beta") ?? 0.75, x.elementType)))
  }

  private static func powerPool(_ node: NodeConversion) throws -> Tensor {
    let x = try node.tensor(0)
    guard let kernel = try node.integers("kernel_shape") else {
      throw OnnxError("onnx-missing-attribute", "its kernel_shape is missing")
    }
    let placement = try WindowPlacement(node, kernel: kernel, shape: x.shape)
    let window = placement.window(ceilMode: try node.flag("ceil_mode"))
    return try power(node, placement.padded(x, node, value: 0), order(node)) { powers in
      let mean = try node.add(AveragePool(window, countIncludePad: true), powers)
      return try node.add(Multiply(), mean, node.scalar(Double(kernel.reduce(1, *)), x.elementType))
    }
  }

  /// The order of a norm, which was a float at first.
  private static func order(_ node: NodeConversion) throws -> Int {
    guard node.opset < 2 else { return try node.integer("p") ?? 2 }
    let given = try node.float("p") ?? 2
    guard let whole = Int(exactly: given), whole > 0 else {
      throw OnnxError("onnx-lp", "p is \(given), not a whole number")
    }
    return whole
  }

  /// The p-th root of a sum of p-th powers.
  private static func power(
    _ node: NodeConversion, _ x: Tensor, _ order: Int, _ sum: (Tensor) throws -> Tensor
  ) throws -> Tensor {
    let exponent = try node.scalar(Double(order), x.elementType)
    let powers = try node.add(Power(), node.add(Absolute(), x), exponent)
    return try node.add(Power(), sum(powers), node.scalar(1 / Double(order), x.elementType))
  }
}
