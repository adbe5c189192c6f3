import TensorIR

/// Numbers as integers of few bits, `saturate(round(x / scale) + zero)`, halves to even (ONNX `QuantizeLinear`). The quotient
/// is one of f32; NaN gives the least integer.
public struct Quantize: PointwiseOp, NotDifferentiable {
  public static let name = "quantize"
  public static let summary =
    "Floats as integers of 4 to 16 bits: divided by a scale, rounded, moved by a zero point, whose type the result has."
  public static let signature = Signature.operands(3)
  /// The integers, which are those of the zero point.
  public var to: ElementType
  public init(to: ElementType) { self.to = to }

  public func resultElementType(_ operands: [ElementType]) throws -> ElementType {
    guard [.f32, .f16, .bf16].contains(operands[0]), operands[1] == operands[0] else {
      throw Diagnostic(
        "element-type",
        "'quantize' takes f32, f16 or bf16 with a scale of that type and was given \(operands[0]) and \(operands[1])")
    }
    guard to.codes != nil, operands[2] == to else {
      throw Diagnostic(
        "element-type",
        "'quantize' makes integers of 4 to 16 bits with a zero point of their type, not \(to) with \(operands[2])")
    }
    return to
  }

  /// Bounds stand before the rounding, less the zero point, which is a whole number: so one conversion does both.
  public func element(_ operands: [Expression], _ type: LoopType) -> Expression {
    let real = operands[0].type
    let range = to.codes ?? 0...0
    let zero = Expression.convert(operands[2], real.element)
    let steps = Expression.binary(.divide, operands[0], operands[1])
    let raised = Expression.intrinsic(.above, [steps, .number(Double(range.lowerBound), real) - zero], real)
    let kept = Expression.intrinsic(.below, [raised, .number(Double(range.upperBound), real) - zero], real)
    let whole = Expression.convert(.intrinsic(.round, [kept], real), .i32)
    return .convert(whole + .convert(operands[2], .i32), type.element)
  }

  public func evaluate(floats: [Double]) -> Double {
    let steps = Double(Float(floats[0]) / Float(floats[1]))
    return steps.isNaN ? -.infinity : steps.rounded(.toNearestOrEven) + floats[2]
  }
}

/// The numbers that integers stand for, `(codes - zero) scale` (ONNX `DequantizeLinear`).
public struct Dequantize: PointwiseOp {
  public static let name = "dequantize"
  public static let summary = "The floats that integers of 4 to 32 bits stand for: less a zero point, times a scale."
  public static let signature = Signature.operands(3)
  public init() {}

  public func resultElementType(_ operands: [ElementType]) throws -> ElementType {
    guard operands[0].codes != nil || operands[0] == .i32, operands[2] == operands[0] else {
      throw Diagnostic(
        "element-type",
        "'dequantize' takes integers of 4 to 16 bits, or i32, with a zero point of that type and was given "
          + "\(operands[0]) and \(operands[2])")
    }
    guard operands[1].isFloat else {
      throw Diagnostic("element-type", "'dequantize' takes a scale of floats, not of \(operands[1])")
    }
    return operands[1]
  }

  public func element(_ operands: [Expression], _ type: LoopType) -> Expression {
    let distance = Expression.convert(operands[0], .i32) - .convert(operands[2], .i32)
    return .convert(distance, operands[1].type.element) * operands[1]
  }

  public func evaluate(floats: [Double]) -> Double {
    let distance = Int32(truncatingIfNeeded: Int(floats[0]) &- Int(floats[2]))
    return Double(distance) * floats[1]
  }

  /// Only the scale has one: `codes - zero`.
  public func differentiate(_ operands: [Tensor]) throws -> Differentiated {
    let result = try Tensor.record(self, operands)[0]
    return Differentiated([result]) { cotangents in
      guard let cotangent = cotangents[0] else { return [nil, nil, nil] }
      let distance = (operands[0].cast(to: .i32) - operands[2].cast(to: .i32)).cast(to: cotangent.elementType)
      return [nil, try (cotangent * distance).summed(to: operands[1].shape), nil]
    }
  }
}

extension ElementType {
  /// The integers of a type to which numbers are quantised; nil for other types.
  public var codes: ClosedRange<Int>? {
    switch self {
    case .u4: 0...15
    case .i4: -8...7
    case .u8: 0...255
    case .i8: -128...127
    case .u16: 0...65535
    case .i16: -32768...32767
    default: nil
    }
  }
}

extension Tensor {
  /// Each element of f32, f16 or bf16 as an integer of 4 to 16 bits, `saturate(round(x / scale) + zeroPoint)`, halves to even.
  ///
  /// - Parameters:
  ///   - scale: of the tensor's element type; it broadcasts.
  ///   - zeroPoint: of the integers' type; it broadcasts.
  public func quantize(
    scale: Tensor, zeroPoint: Tensor, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor { .one(Quantize(to: zeroPoint.elementType), self, scale, zeroPoint, at: .caller(file, line, column)) }

  /// The numbers `(codes - zeroPoint) scale` that integers stand for, in the scale's element type.
  public func dequantize(
    scale: Tensor, zeroPoint: Tensor, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor { .one(Dequantize(), self, scale, zeroPoint, at: .caller(file, line, column)) }
}
