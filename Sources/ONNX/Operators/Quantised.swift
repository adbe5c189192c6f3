import TensorIR
import TensorOps

extension OnnxOperators {
  /// Operators on quantised tensors, `x = (q - zero) scale`, as compositions.
  static let quantised: [String: Converter] = [
    "QuantizeLinear": { node in [try quantised(node)] },
    "DequantizeLinear": { node in [try dequantised(node)] },
    "DynamicQuantizeLinear": dynamicQuantize,
    "MatMulInteger": one { node in
      let a = try QuantisedTensor(node, 0, zero: 2, isLeft: true)
      return try integerProduct(node, a, QuantisedTensor(node, 1, zero: 3, isLeft: false))
    },
    "QLinearMatMul": one(quantisedProduct),
    "ConvInteger": one { node in
      let codes = try QuantisedTensor(node, 0, zero: 2, isLeft: false)
      let bytes = try QuantisedTensor(node, 1, zero: 3, isLeft: false)
      if let sums = try ByteConvolution(node: node).sums(codes, bytes) { return sums }
      let x = difference(try node.tensor(0), try zero(node, 2, rows: false))
      let filters = difference(try node.tensor(1), try channelFactor(node, 3, rank: node.rank(1)))
      return try integerConvolution(node, x, filters)
    },
    "QLinearConv": one { node in try quantisedConvolution(node, node.tensor(0)) },
  ]

  /// The product of operands less their zero points, in i32.
  static func integerProduct(_ node: NodeConversion, _ a: QuantisedTensor, _ b: QuantisedTensor) throws -> Tensor {
    if let sums = try ByteProducts(node: node).sums(a, b) { return sums }
    return try product(node, difference(a.codes, a.zero), difference(b.codes, b.zero))
  }

  /// The numbers, with the codes that products of bytes take instead.
  private static func dequantised(_ node: NodeConversion) throws -> ImportedValue {
    let x = try node.tensor(0)
    let (scale, zero) = try factors(node, x, scale: 1, zero: 2, type: nil)
    node.ignore("output_dtype")
    // Floats of few bits have no zero point but 0.
    if x.elementType.isFloat { return ImportedValue(dequantised(x, zero: node.hasInput(2) ? zero : nil, scale)) }
    return ImportedValue(
      .tensor(dequantised(x, zero: node.hasInput(2) ? zero : nil, scale: scale)),
      quantised: try codes(node, x, scale, zero: node.hasInput(2) ? zero : nil))
  }

  /// What products take in place of the dequantised numbers.
  private static func codes(
    _ node: NodeConversion, _ x: Tensor, _ scale: Tensor, zero: Tensor?
  ) throws -> QuantisedTensor {
    var codes = QuantisedTensor(codes: x, zero: zero)
    codes.literal = try? node.literal(0)
    codes.zeroLiteral = try? node.literal(2)
    codes.scale = scale
    if scale.rank > 0 { codes.axis = try node.axis(node.integer("axis") ?? 1, rank: x.rank) }
    if let block = try node.integer("block_size"), block > 0, scale.rank > 0 {
      codes.block = block
      (codes.scale, codes.zero) = (try node.tensor(1), node.hasInput(2) ? try node.tensor(2) : nil)
    }
    return codes
  }

  /// `(q - zero) scale`.
  static func dequantised(_ x: Tensor, zero: Tensor?, scale: Tensor) -> Tensor {
    let middle = zero ?? x.like(0)
    guard x.elementType.codes != nil || x.elementType == .i32, middle.elementType == x.elementType else {
      return difference(x, zero).cast(to: scale.elementType) * scale
    }
    return x.dequantize(scale: scale, zeroPoint: middle)
  }

  private static func dequantised(_ x: Tensor, zero: Tensor?, _ scale: Tensor) -> Tensor {
    let wide = x.cast(to: .f32)
    let result = (zero.map { wide - $0.cast(to: .f32) } ?? wide) * scale.cast(to: .f32)
    return result.cast(to: scale.elementType)
  }

  /// Quantised to integers, or to floats of few bits.
  private static func quantised(_ node: NodeConversion) throws -> ImportedValue {
    let x = try node.tensor(0)
    let given = node.hasInput(2) ? try node.input(2).format : try format(node, "output_dtype")
    let code = given == nil ? try node.integer("output_dtype") : nil
    node.ignore("output_dtype")
    let (scale, zero) = try factors(node, x, scale: 1, zero: 2, type: code)
    guard let given else { return ImportedValue(try quantised(node, x, scale: scale, zero: zero)) }
    let saturates = try node.flag("saturate", default: true)
    let steps = x.cast(to: scale.elementType) / scale
    guard given.isFloat else {
      let sums = node.hasInput(2) ? steps.round().cast(to: .f32) + zero.cast(to: .f32) : steps.round().cast(to: .f32)
      let kept = sums.clip(minimum: given == .u2 ? 0 : -2, maximum: given.greatest)
      return ImportedValue(.tensor(kept.cast(to: given.carrierType)), format: given)
    }
    let sums = node.hasInput(2) ? steps.cast(to: .f32) + zero.cast(to: .f32) : steps
    return ImportedValue(.tensor(try given.rounded(sums, saturates: saturates)), format: given)
  }

  /// `q - zero` as i32, where it cannot overflow.
  static func difference(_ x: Tensor, _ zero: Tensor?) -> Tensor {
    let wide = x.cast(to: .i32)
    return zero.map { wide - $0.cast(to: .i32) } ?? wide
  }

  /// `saturate(round(x / scale) + zero)`, halves to even, in the type of the zero point.
  static func quantised(_ node: NodeConversion, _ x: Tensor, scale: Tensor, zero: Tensor) throws -> Tensor {
    let type = zero.elementType
    guard let range = type.codes else {
      throw OnnxError("onnx-element-type", "it quantises to integers of 4 to 16 bits, not to \(type)")
    }
    if scale.elementType != .f64 { return x.cast(to: scale.elementType).quantize(scale: scale, zeroPoint: zero) }
    let steps = (x.cast(to: scale.elementType) / scale).round().cast(to: .f32) + zero.cast(to: .f32)
    return steps.clip(minimum: Double(range.lowerBound), maximum: Double(range.upperBound)).cast(to: type)
  }

  /// The scale and the zero point, one for the tensor, for each element of an axis, or for each block on it.
  static func factors(
    _ node: NodeConversion, _ x: Tensor, scale: Int, zero: Int, type code: Int?
  ) throws -> (scale: Tensor, zero: Tensor) {
    node.ignore("saturate", "precision")
    let type = try code.flatMap { $0 == 0 ? nil : try elementType($0) } ?? .u8
    let scale = try node.tensor(scale)
    let zero = node.hasInput(zero) ? try node.tensor(zero) : try node.add(Full(0, type, scale.shape))
    let given = try node.integer("axis") ?? 1
    let block = try node.integer("block_size") ?? 0
    if scale.shape.reduce(1, *) == 1, scale.rank <= 1 {
      return (try node.reshape(scale, []), try node.reshape(zero, []))
    }
    let axis = try node.axis(given, rank: x.rank)
    if block == 0 {
      let shape = [scale.shape[0]] + Array(repeating: 1, count: x.rank - axis - 1)
      guard scale.rank == 1 else { throw OnnxError("onnx-rank", "its scale of rank \(scale.rank) needs a block_size") }
      return (try node.reshape(scale, shape), try node.reshape(zero, shape))
    }
    guard block > 0, scale.rank == x.rank else { throw OnnxError("onnx-block", "its blocks do not fit its scale") }
    return (
      try repeated(node, scale, axis, block, to: x.shape[axis]),
      try repeated(node, zero, axis, block, to: x.shape[axis])
    )
  }

  /// Each element of an axis as often as a block is long, up to an extent.
  static func repeated(
    _ node: NodeConversion, _ x: Tensor, _ axis: Int, _ block: Int, to extent: Dimension
  ) throws -> Tensor {
    var shape = x.shape
    shape.insert(1, at: axis + 1)
    let apart = try node.reshape(x, shape)
    shape[axis + 1] = Dimension(block)
    let merged = Array(x.shape.prefix(axis)) + [x.shape[axis] * Dimension(block)] + x.shape.suffix(from: axis + 1)
    return try node.reshape(apart.broadcast(to: shape), merged).sliced(axis: axis, start: 0, size: extent)
  }

  /// Scale and zero point such that the least and the greatest element, and 0, are in the range of u8.
  private static func dynamicQuantize(_ node: NodeConversion) throws -> [ImportedValue] {
    let (codes, scale, zero) = try dynamicallyQuantised(node, node.tensor(0))
    return [codes, scale, zero].map { ImportedValue($0) }
  }

  /// A tensor as codes of u8, with their scale and zero point.
  static func dynamicallyQuantised(
    _ node: NodeConversion, _ x: Tensor
  ) throws -> (codes: Tensor, scale: Tensor, zero: Tensor) {
    let (all, nought) = (Array(0..<x.rank), x.like(0))
    let least = Tensor.minimum(x.min(axes: all), nought)
    let greatest = Tensor.maximum(x.max(axes: all), nought)
    let scale = (greatest - least) / x.like(255)
    // Of zeros alone, or of nothing, the scale is 0 and nothing is to be divided by it.
    let divisor = Tensor.select(scale .== nought, x.like(1), scale)
    let zero = (-least / divisor).round().clip(minimum: 0, maximum: 255).cast(to: .u8)
    return (try quantised(node, x, scale: divisor, zero: zero), scale, zero)
  }

  /// A zero point of a product's operand: one number, or one for each row or column.
  static func zero(_ node: NodeConversion, _ index: Int, rows: Bool) throws -> Tensor? {
    guard node.hasInput(index) else { return nil }
    let zero = try node.tensor(index)
    return rows && zero.rank == 1 && zero.shape[0] != 1 ? try node.reshape(zero, [zero.shape[0], 1]) : zero
  }

  /// A number for each output channel, to stand beside filters.
  static func channelFactor(_ node: NodeConversion, _ index: Int, rank: Int) throws -> Tensor? {
    guard node.hasInput(index) else { return nil }
    let factor = try node.tensor(index)
    if factor.shape.reduce(1, *) == 1 { return try node.reshape(factor, []) }
    return try node.reshape(factor, [factor.shape[0]] + Array(repeating: 1, count: rank - 1))
  }

  private static func quantisedProduct(_ node: NodeConversion) throws -> Tensor {
    func factor(_ index: Int, rows: Bool) throws -> Tensor {
      let factor = try node.tensor(index).cast(to: .f32)
      return rows && factor.rank == 1 && factor.shape[0] != 1 ? try node.reshape(factor, [factor.shape[0], 1]) : factor
    }
    let a = try QuantisedTensor(node, 0, zero: 2, isLeft: true)
    let sums = try integerProduct(node, a, QuantisedTensor(node, 3, zero: 5, isLeft: false)).cast(to: .f32)
    let real = try sums * (factor(1, rows: true) * factor(4, rows: false))
    return try quantised(node, real, scale: factor(6, rows: true), zero: node.tensor(7))
  }

  /// Sums of products of integers: in f32 where they are exact, else in f64.
  static func integerConvolution(_ node: NodeConversion, _ x: Tensor, _ filters: Tensor) throws -> Tensor {
    let taps = filters.shape.dropFirst().reduce(1, *).constant ?? .max
    let type: ElementType = taps < (1 << 24) / (255 * 255) ? .f32 : .f64
    return try convolution(node, x.cast(to: type), filters.cast(to: type), bias: nil).cast(to: .i32)
  }

  private static func convolutionSums(_ node: NodeConversion, _ codes: Tensor, _ filters: Tensor) throws -> Tensor {
    var x = QuantisedTensor(codes: codes, zero: try node.reshape(node.tensor(2), []))
    x.zeroLiteral = try? node.literal(2)
    let w = try QuantisedTensor(node, 3, zero: 5, isLeft: false)
    if let sums = try ByteConvolution(node: node).sums(x, w) { return sums }
    let shifted = difference(filters, try channelFactor(node, 5, rank: filters.rank))
    return try integerConvolution(node, difference(codes, x.zero), shifted)
  }

  static func quantisedConvolution(_ node: NodeConversion, _ codes: Tensor) throws -> Tensor {
    let filters = try node.tensor(3)
    var sums = try convolutionSums(node, codes, filters)
    let channels = [filters.shape[0]] + Array(repeating: Dimension(1), count: filters.rank - 2)
    if node.hasInput(8) { sums = sums + (try node.reshape(node.tensor(8), channels)) }
    let scales = try channelFactor(node, 4, rank: filters.rank - 1) ?? node.tensor(4)
    let real = try sums.cast(to: .f32) * (node.reshape(node.tensor(1), []) * scales)
    return try quantised(node, real, scale: node.reshape(node.tensor(6), []), zero: node.reshape(node.tensor(7), []))
  }
}
