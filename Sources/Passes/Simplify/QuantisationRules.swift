import TensorIR
import TensorOps

/// What stands around numbers that are quantised: exporters quantise and dequantise between any two operations, and tables and
/// filters where they are read.
enum QuantisationRules {
  static let rules: [Rule] = [roundTrip, unsigned, gathered, filters(Convolution.self), filters(Matmul.self)]

  /// Numbers that are quantised and dequantised are rounded to steps of the scale, which needs no integers. NaN stays NaN and
  /// zeros keep their sign.
  private static let roundTrip = Rule("round-to-steps", on: Dequantize.self, exactness: .rounding) { _, site in
    guard let inner = site.producer(of: site.operand(0), as: Quantize.self)?.operation,
      let range = site.operandTypes[0].elementType.codes, site.resultType.elementType == .f32,
      let x = inner.operands[0], site.type(of: x).elementType == .f32, site.type(of: x).shape == site.resultType.shape,
      let zero = site.splat(inner.operands[2]), zero == site.splat(site.operand(2))
    else { return nil }
    let steps = try site.one(Divide(), x, inner.operands[1])
    let kept = try site.one(
      Clip(minimum: Double(range.lowerBound) - zero, maximum: Double(range.upperBound) - zero), steps)
    return [try site.one(Multiply(), try site.one(Round(), kept), site.operand(1))]
  }

  /// Signed codes that are moved to be unsigned can be so from the beginning: `u8(i32(quantize(x, s, z)) + 128)`.
  private static let unsigned = Rule("quantize-unsigned", on: Cast.self) { op, site in
    guard op.to == .u8, let sum = site.producer(of: site.operand(0), as: Add.self)?.operation,
      site.splat(sum.operands[1]) == 128,
      let wide = site.producer(of: sum.operands[0], as: Cast.self)?.operation,
      site.type(of: wide.results[0]).elementType == .i32,
      let inner = site.producer(of: wide.operands[0], as: Quantize.self)?.operation,
      let codes = wide.operands[0], site.type(of: codes).elementType == .i8,
      let zero = site.splat(inner.operands[2]), let point = inner.operands[2]
    else { return nil }
    let moved = try site.one(Full(zero + 128, .u8, site.type(of: point).shape))
    return [try site.one(Quantize(to: .u8), inner.operands[0], inner.operands[1], moved)]
  }

  /// Only what is picked from a table is dequantised.
  private static let gathered = Rule("dequantize-gathered", on: Gather.self) { op, site in
    guard let inner = site.producer(of: site.operand(0), as: Dequantize.self)?.operation,
      let table = inner.operands[0], let scale = inner.operands[1], let zero = inner.operands[2],
      site.type(of: scale).rank == 0, site.type(of: zero).rank == 0, !site.type(of: table).elementType.isNibble
    else { return nil }
    let codes = try site.one(op, table, site.operand(1))
    return [try site.one(Dequantize(), codes, scale, zero)]
  }

  /// Beyond so many elements weights stay as they are.
  private static let limit = 1 << 26

  /// Weights that a product of floats reads are dequantised once, not in every call.
  private static func filters<T: Op>(_ op: T.Type) -> Rule {
    Rule("dequantize-weights", on: op) { op, site in
      let operation = site.operation
      guard let inner = site.producer(of: operation.operands[1], as: Dequantize.self)?.operation,
        let codes = site.written(inner.operands[0]), let scale = site.written(inner.operands[1]),
        let zero = site.written(inner.operands[2]), codes.count <= limit, let weights = operation.operands[1],
        let literal = try numbers(codes, scale, zero, site.type(of: weights))
      else { return nil }
      var operands = operation.operands
      operands[1] = try site.one(Constant(literal))
      return try site.add(op, operands)
    }
  }

  private static func numbers(
    _ codes: TensorLiteral, _ scale: TensorLiteral, _ zero: TensorLiteral, _ type: TensorType
  ) throws -> TensorLiteral? {
    guard let shape = type.constantShape, shape == codes.shape else { return nil }
    let wide = [scale, zero].compactMap { BulkPointwise.broadcast($0, shape) }.map { ReferenceTensor($0) }
    guard wide.count == 2 else { return nil }
    let whole = ReferenceTensor(codes).integers
    let (scales, zeros) = (wide[0].floats, wide[1].integers)
    let values = whole.indices.map {
      Dequantize().evaluate(floats: [Double(whole[$0]), scales[$0], Double(zeros[$0])])
    }
    return ReferenceTensor(type.elementType, shape, floats: values).literal
  }
}

extension ElementType {
  /// Whether two elements share a byte.
  fileprivate var isNibble: Bool { self == .u4 || self == .i4 }
}
