import TensorIR
import TensorOps

extension OnnxOperators {
  /// Operators that change shapes and move elements about.
  static let shapes: [String: Converter] = [
    // Always evaluated, by `SymbolicOperators`; here so that they count as supported.
    "Shape": { _ in throw OnnxError("internal", "a shape was not evaluated") },
    "Size": { _ in throw OnnxError("internal", "a size was not evaluated") },
    "Identity": { node in [try node.input(0)] },
    "Reshape": one { node in try node.reshape(node.tensor(0), ShapeRules.reshaped(node)) },
    "Squeeze": one(squeeze),
    "Unsqueeze": one { node in try node.reshape(node.tensor(0), ShapeRules.unsqueezed(node)) },
    "Flatten": one { node in try node.reshape(node.tensor(0), ShapeRules.flattened(node)) },
    "Transpose": one { node in try node.transpose(node.tensor(0), ShapeRules.permutation(node)) },
    "Expand": one { node in try node.broadcast(node.tensor(0), with: node.extents(1)) },
    "Tile": one(tile),
    "Concat": one(concat),
    "Split": split,
    "Slice": one(slice),
    "Pad": one(pad),
    "DepthToSpace": one(depthToSpace),
    "SpaceToDepth": one(spaceToDepth),
  ]

  private static func concat(_ node: NodeConversion) throws -> Tensor {
    let operands = try node.tensors()
    let normal = try ShapeRules.concatAxis(node, rank: operands[0].rank)
    return operands.count == 1 ? operands[0] : try node.add(Concat(axis: normal), list: operands)[0]
  }

  private static func slice(_ node: NodeConversion) throws -> Tensor {
    let x = try node.tensor(0)
    guard let ranges = try ShapeRules.knownSliceRanges(node) else { return try ComputedSlice(node).sliced() }
    if zip(ranges, x.shape).allSatisfy({ $0.step == 1 && $0.start == 0 && $0.size == $1 }) { return x }
    return try node.add(
      Slice(starts: ranges.map(\.start), sizes: ranges.map(\.size), steps: ranges.map(\.step)), x)
  }

  private static func split(_ node: NodeConversion) throws -> [ImportedValue] {
    let x = try node.tensor(0)
    let (axis, sizes) = try ShapeRules.splitSizes(node)
    var starts = x.shape.map { _ in Dimension(0) }
    return try sizes.map { size in
      var extents = x.shape
      extents[axis] = size
      let part = try node.add(Slice(starts: starts, sizes: extents, steps: x.shape.map { _ in 1 }), x)
      starts[axis] = starts[axis] + size
      return ImportedValue(.tensor(part))
    }
  }

  /// Each axis gets one before it, which is broadcast to the number of repeats and merged into it.
  private static func tile(_ node: NodeConversion) throws -> Tensor {
    let x = try node.tensor(0)
    let repeats = try repeats(node, rank: x.rank)
    guard repeats.count == x.rank else {
      throw OnnxError("onnx-tile", "\(repeats.count) repeats do not fit a tensor of rank \(x.rank)")
    }
    let apart = try node.reshape(x, x.shape.indices.flatMap { repeats[$0] == 1 ? [x.shape[$0]] : [1, x.shape[$0]] })
    let wide = x.shape.indices.flatMap { repeats[$0] == 1 ? [x.shape[$0]] : [repeats[$0], x.shape[$0]] }
    let repeated = apart.shape == wide ? apart : try node.add(BroadcastTo(wide), apart)
    return try node.reshape(repeated, zip(x.shape, repeats).map { $0 * $1 })
  }

  /// Before opset 6 one number and the axis it is for.
  private static func repeats(_ node: NodeConversion, rank: Int) throws -> [Dimension] {
    guard node.opset < 6, node.hasInput(2) else { return try node.extents(1) }
    guard let count = try node.extents(1).first, let axis = try node.integers(2).first else {
      throw OnnxError("onnx-tile", "its number of repeats or its axis is empty")
    }
    let normal = try node.axis(axis, rank: rank)
    return (0..<rank).map { $0 == normal ? count : 1 }
  }

  private static func pad(_ node: NodeConversion) throws -> Tensor {
    let x = try node.tensor(0)
    let name = try node.string("mode") ?? "constant"
    guard let mode = PadMode(rawValue: name) else { throw OnnxError("onnx-pad", "mode '\(name)' is not supported") }
    var (before, after) = (x.shape.map { _ in Dimension(0) }, x.shape.map { _ in Dimension(0) })
    if node.opset >= 11, node.symbolic(1) == nil { return try ComputedPad(node).padded(mode) }
    // The attribute's first name was another.
    let attribute = node.opset < 2 ? "paddings" : "pads"
    let margins = try node.opset < 11 ? (node.integers(attribute) ?? []).map { Dimension($0) } : node.dimensions(1)
    let axes = try node.axes(node.hasInput(3) ? node.integers(3) : Array(x.shape.indices), rank: x.rank)
    guard margins.count == 2 * axes.count else {
      throw OnnxError("onnx-pad", "\(margins.count) margins do not fit \(axes.count) axes")
    }
    for (index, axis) in axes.enumerated() {
      (before[axis], after[axis]) = (margins[index], margins[axes.count + index])
    }
    node.ignore("value")
    if (before + after).allSatisfy({ $0 == 0 }) { return x }
    guard let value = try padValue(node) else { return try padded(node, x, before, after) }
    return try node.add(Pad(before: before, after: after, mode: mode, value: value), x)
  }

  /// Margins with a value that is computed: it is picked where a mask has margins too.
  private static func padded(
    _ node: NodeConversion, _ x: Tensor, _ before: [Dimension], _ after: [Dimension]
  ) throws -> Tensor {
    let wide = try node.add(Pad(before: before, after: after, mode: .constant, value: 0), x)
    let isInside = try node.add(
      Pad(before: before, after: after, mode: .constant, value: 0), node.add(Full(1, .bool, x.shape)))
    let value = try node.tensor(2)
    guard value.elementType == x.elementType else {
      throw OnnxError("element-type", "it pads elements of \(x.elementType) with one of \(value.elementType)")
    }
    return Tensor.select(isInside, wide, try node.reshape(value, []))
  }

  /// Nil where it is computed and matters.
  private static func padValue(_ node: NodeConversion) throws -> Double? {
    if node.opset < 11 { return try node.float("value") ?? 0 }
    let isConstant = try (node.string("mode") ?? "constant") == "constant"
    return isConstant && node.hasInput(2) ? node.number(2) : 0
  }

  /// [n, b·b·c, h, w] to [n, c, h·b, w·b]
  private static func depthToSpace(_ node: NodeConversion) throws -> Tensor {
    let x = try node.tensor(0)
    let block = try blockSize(node, x)
    let depthFirst = try (node.string("mode") ?? "DCR") == "DCR"
    let (n, h, w) = (x.shape[0], x.shape[2], x.shape[3])
    let channels = node.symbols.quotient(x.shape[1], block * block)
    let apart = try node.reshape(
      x, depthFirst ? [n, block, block, channels, h, w] : [n, channels, block, block, h, w])
    let moved = try node.transpose(apart, depthFirst ? [0, 3, 4, 1, 5, 2] : [0, 1, 4, 2, 5, 3])
    return try node.reshape(moved, [n, channels, h * block, w * block])
  }

  private static func spaceToDepth(_ node: NodeConversion) throws -> Tensor {
    let x = try node.tensor(0)
    let block = try blockSize(node, x)
    let (n, c) = (x.shape[0], x.shape[1])
    let (h, w) = (node.symbols.quotient(x.shape[2], block), node.symbols.quotient(x.shape[3], block))
    // Since opset 28 the blocks may stand after the channels.
    let depthFirst = try (node.string("mode") ?? "DCR") == "DCR"
    let moved = try node.transpose(
      node.reshape(x, [n, c, h, block, w, block]), depthFirst ? [0, 3, 5, 1, 2, 4] : [0, 1, 3, 5, 2, 4])
    return try node.reshape(moved, [n, c * block * block, h, w])
  }

  private static func blockSize(_ node: NodeConversion, _ x: Tensor) throws -> Dimension {
    guard x.rank == 4, let block = try node.integer("blocksize"), block > 0 else {
      throw OnnxError("onnx-block", "it takes rank 4 and a positive block size")
    }
    return Dimension(block)
  }
}

extension OnnxOperators {
  /// The rank of the result follows from which extents are 1. An extent that is not known is taken not to be, which is
  /// checked when the function runs.
  private static func squeeze(_ node: NodeConversion) throws -> Tensor {
    let x = try node.tensor(0)
    let shape = try ShapeRules.squeezed(node)
    guard try ShapeRules.axes(node) == nil else { return try node.reshape(x, shape) }
    let unknown = shape.filter { node.symbols.isEqual($0, 1) == .unknown }
    if unknown.isEmpty { return try node.reshape(x, shape) }
    let extent = unknown[0]
    let others = shape.filter { $0 != extent }
    let isOne = try node.add(Equal(), node.scalar(extent), node.scalar(1, .i64))
    let gone = { [ImportedValue(try squeezed(node, x, others, unknown.filter { $0 != extent }))] }
    let kept = { [ImportedValue(try squeezed(node, x, shape, unknown))] }
    throw RankFork(
      condition: isOne, sides: [gone, kept],
      assume: { isOne in
        guard isOne else { return try kept() }
        let result = try gone()
        try node.require(extent, equals: 1, "without axes it takes out every axis of extent 1, and \(extent) is not 1")
        return result
      }, usual: kept)
  }

  /// The shape without the axes that are known to go; those of which it is not known are taken to stay.
  private static func squeezed(
    _ node: NodeConversion, _ x: Tensor, _ shape: [Dimension], _ unknown: [Dimension]
  ) throws -> Tensor {
    let result = try node.add(Reshape(shape), x)
    for extent in unknown {
      try node.require(
        .minimum(1, (extent - 1) * (extent - 1)), equals: 1,
        "without axes it takes out every axis of extent 1, and \(extent), taken not to be 1, is; fix it with --dim")
    }
    return result
  }
}
