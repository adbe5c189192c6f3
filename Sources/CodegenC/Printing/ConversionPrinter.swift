import TensorIR

/// Conversions between element types, in registers.
extension ExpressionPrinter {
  mutating func convert(_ a: Expression, to element: ElementType) -> CExpression {
    let from = a.type.element
    let value = print(a)
    let type = LoopType(element, lanes: a.type.lanes)
    if from == element { return value }
    if element == .bool { return .infix(value, "!=", .literal("0")) }
    if element == .f16 || element == .bf16 { return rounded(value, from, type) }
    if type.lanes == 1 { return narrowedScalar(.cast(CTypes.scalar(element), value), element) }
    functions.use(type)
    let source = from == .bool ? CExpression.prefix("-", value) : value
    let converted =
      types.suffix(a.type) == types.suffix(type)
      ? source : CExpression.call("__builtin_convertvector", [source, CExpression(types.name(type))])
    return narrowed(converted, type)
  }

  /// Rounds to a half type; in registers the value stays an f32.
  private mutating func rounded(_ value: CExpression, _ from: ElementType, _ type: LoopType) -> CExpression {
    let there = "tc_\(type.element)_from_f32"
    let back = "tc_f32_from_\(type.element)"
    _ = functions.use(there)
    _ = functions.use(back)
    if type.lanes == 1 { return .call(back, [.call(there, [single(value, from)])]) }
    if from.computeType == .f32 {
      let (down, up) = ("tc_\(type.element)_from_f32v", "tc_f32v_from_\(type.element)")
      _ = functions.use(down)
      _ = functions.use(up)
      return .call(up, [.call(down, [value])])
    }
    let source = types.name(LoopType(from, lanes: type.lanes))
    let name = "tc_round_\(type.element)_\(types.suffix(LoopType(from, lanes: type.lanes)))"
    let (vector, lane) = (types.name(type), single(CExpression("x[i]"), from).text)
    _ = functions.use(name) { _ in
      """
      TC_INLINE \(vector) \(name)(\(source) x) {
        \(vector) y;
        for (int i = 0; i < \(type.lanes); i++) y[i] = \(back)(\(there)(\(lane)));
        return y;
      }
      """
    }
    return .call(name, [from == .bool ? .prefix("-", value) : value])
  }

  /// What makes an f32 of a number so that rounding that is rounding the number: all of its bits, or the last one odd.
  private mutating func single(_ value: CExpression, _ from: ElementType) -> CExpression {
    if from.computeType == .f32 { return value }
    if from.isInteger && from.bitWidth < 32 || from == .bool { return .cast("float", value) }
    let function = from.bitWidth == 64 && !from.isFloat ? "tc_odd_f32_\(from)" : "tc_odd_f32_f64"
    _ = functions.use(function)
    return .call(function, [value])
  }

  private func narrowedScalar(_ value: CExpression, _ element: ElementType) -> CExpression {
    let eight = CExpression("8")
    return switch element {
    case .u4: .cast("uint8_t", .infix(value, "&", CExpression("15")))
    case .i4:
      // Flipping the sign bit and subtracting it again extends it.
      .cast("int8_t", .infix(.infix(.infix(value, "&", CExpression("15")), "^", eight), "-", eight))
    default: value
    }
  }

  mutating func bitcast(_ a: Expression, to element: ElementType) -> CExpression {
    let value = print(a)
    let type = LoopType(element, lanes: a.type.lanes)
    functions.use(type)
    if a.type.lanes > 1 { return .cast(types.name(type), value) }
    switch (a.type.element.isFloat, element.isFloat) {
    case (true, false):
      let name = "tc_bits_\(a.type.element.computeType)"
      _ = functions.use(name)
      return .cast(CTypes.scalar(element), .call(name, [value]))
    case (false, true):
      let name = "tc_float_\(element.computeType)"
      _ = functions.use(name)
      return .call(name, [value])
    default: return .cast(CTypes.scalar(element), value)
    }
  }
}
