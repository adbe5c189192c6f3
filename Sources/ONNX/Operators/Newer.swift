import TensorIR
import TensorOps

extension OnnxOperators {
  /// Operators that came to the default domain late, in opsets 18 to 28.
  static let newer: [String: Converter] = [
    "SwiGLU": one { node in
      let (gate, value) = (try node.tensor(0), try node.tensor(1))
      let alpha = try node.float("alpha") ?? 1
      let swish = alpha == 1 ? gate.silu() : gate * (gate * gate.like(alpha)).sigmoid()
      return swish * value
    },
    "BitCast": { node in [try bitCast(node)] },
    "CumProd": one { node in
      let x = try node.tensor(0)
      guard let axis = try node.integers(1).first else { throw OnnxError("onnx-axis", "its axis is empty") }
      let op = CumulativeProduct(
        axis: try node.axis(axis, rank: x.rank), exclusive: try node.flag("exclusive"),
        reverse: try node.flag("reverse"))
      return try node.add(op, x)
    },
    "CenterCropPad": one(centred),
    "CausalConvWithState": causalConvolution,
    "LinearAttention": { node in try LinearAttention(node).results() },
  ]

  /// Operators of `ai.onnx.preview`.
  static let preview: [String: Converter] = ["FlexAttention": one(flexAttention)]

  /// The middle of each axis, or zeros around it.
  private static func centred(_ node: NodeConversion) throws -> Tensor {
    let x = try node.tensor(0)
    let targets = try node.extents(1)
    let axes = try node.axes(node.integers("axes") ?? Array(0..<x.rank), rank: x.rank)
    guard targets.count == axes.count else {
      throw OnnxError("onnx-rank", "its shape has \(targets.count) extents for \(axes.count) axes")
    }
    var (before, after) = (x.shape.map { _ in Dimension(0) }, x.shape.map { _ in Dimension(0) })
    for (axis, target) in zip(axes, targets) {
      let more = target - x.shape[axis]
      // Half of it, rounded towards zero.
      let half =
        node.symbols.maximum(more.floorDivided(by: 2), 0) - node.symbols.maximum((0 - more).floorDivided(by: 2), 0)
      (before[axis], after[axis]) = (half, more - half)
    }
    return x.padded(before: before, after: after)
  }

  private static func bitCast(_ node: NodeConversion) throws -> ImportedValue {
    let value = try node.input(0)
    let x = try node.tensor(0)
    // Bits as integers without a sign, which are read as what is asked for.
    var bits: Tensor
    switch (value.format, x.elementType) {
    case (let format?, _): bits = format.encoded(x)
    case (nil, .bf16):
      bits = Tensor.shiftRight(x.cast(to: .f32).bitCast(to: .u32), x.full(16, []).cast(to: .u32)).cast(to: .u16)
    case (nil, .f16): throw OnnxError("onnx-bit-cast", "the bits of f16 cannot be read as another type; cast it to f32")
    case (nil, .bool): bits = x.cast(to: .u8)
    default: bits = x
    }
    if let format = try format(node, "to") {
      guard let type = ElementType(rawValue: format.stored.rawValue), type.bitWidth == bits.elementType.bitWidth else {
        throw OnnxError("onnx-bit-cast", "\(x.elementType) is not as wide as what its bits are to be read as")
      }
      return ImportedValue(.tensor(try format.decoded(bits.cast(to: type), in: node.graph.recorder)), format: format)
    }
    let target = try castType(node)
    guard bits.elementType.bitWidth == target.bitWidth, target != .f16 || x.elementType == .f16 else {
      throw OnnxError("onnx-bit-cast", "the bits of \(x.elementType) cannot be read as \(target)")
    }
    if target == .bf16 {
      let wide = bits.cast(to: .u32)
      return ImportedValue(Tensor.shiftLeft(wide, wide.like(16)).bitCast(to: .f32).cast(to: .bf16))
    }
    if bits.elementType.bitWidth < 32 { return ImportedValue(bits.cast(to: target)) }
    return ImportedValue(bits.bitCast(to: target))
  }

  /// A depthwise convolution of [batch, channels, steps] that sees no later step, with the steps before it as a state.
  private static func causalConvolution(_ node: NodeConversion) throws -> [ImportedValue] {
    let (x, filters) = (try node.tensor(0), try node.tensor(1))
    guard x.rank == 3, filters.rank == 3, let channels = filters.shape[0].constant,
      let size = filters.shape[2].constant, size > 0
    else { throw OnnxError("onnx-rank", "it takes [batch, channels, steps] and filters of known extents") }
    let before = Dimension(size - 1)
    let past = node.hasInput(3) ? try node.tensor(3) : x.full(0, [x.shape[0], x.shape[1], before])
    let whole = size == 1 ? x : Tensor.concat([past, x], axis: 2)
    let op = Convolution(strides: [1], before: [0], after: [0], dilations: [1], groups: channels)
    let sums = node.hasInput(2) ? try node.add(op, whole, filters, node.tensor(2)) : try node.add(op, whole, filters)
    let result: Tensor
    switch try node.string("activation") ?? "none" {
    case "none": result = sums
    case "silu", "swish": result = sums.silu()
    case let other: throw OnnxError("onnx-activation", "its activation '\(other)' is unknown")
    }
    return [result, whole.sliced(axis: 2, start: x.shape[2], size: before)].map { ImportedValue($0) }
  }

  /// Attention with graphs that change the scores and the weights.
  private static func flexAttention(_ node: NodeConversion) throws -> Tensor {
    let operands = try node.tensors()
    guard operands.count == 3 else { throw OnnxError("onnx-missing-input", "it takes queries, keys and values") }
    let type = operands[0].elementType
    // What stands in the graphs is not part of this node, so all is computed in a type that rounds nothing between.
    let wide = operands.map { type == .f64 ? $0 : $0.cast(to: .f32) }
    var attention = try HeadAttention(node, query: wide[0], key: wide[1], value: wide[2])
    attention.scale = try node.float("scale")
    if try node.integer("softmax_precision") == 11 { attention.precision = .f64 }
    attention.mayBeEmpty = true
    func changed(_ x: Tensor, by name: String) throws -> Tensor {
      guard node.hasAttribute(name) else { return x }
      let results = try node.graph.inline(node.subgraph(name), [ImportedValue(x)])
      guard let result = results.first else { throw OnnxError("onnx-graph", "its graph '\(name)' gives nothing") }
      return try result.tensor(in: node.graph.recorder)
    }
    return try attention.results(
      scores: { try changed($0, by: "score_mod") }, probabilities: { try changed($0, by: "prob_mod") }
    ).output.cast(to: type)
  }
}
