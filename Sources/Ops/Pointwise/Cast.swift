import TensorIR

/// A conversion of the element type: floats to integers truncate and saturate (NaN to 0), integers wrap, bool is 0 or 1.
/// To floats it rounds once, to nearest, halves to even; what is beyond the greatest becomes infinite.
public struct Cast: PointwiseOp {
  public static let name = "cast"
  public static let summary =
    "Each element in another type: floats to integers truncate and saturate, integers wrap, anything not 0 is true."
  public static let signature = Signature.operands(1)
  public var to: ElementType
  public init(to: ElementType) { self.to = to }

  public func resultElementType(_ operands: [ElementType]) throws -> ElementType { to }

  public func element(_ operands: [Expression], _ type: LoopType) -> Expression {
    let from = operands[0].type.element
    // What stays in registers as f32 is rounded here, and once: a store would round what was rounded to f32 before.
    if to == .f16 || to == .bf16 { return .convert(.convert(operands[0], to), type.element) }
    if from == type.element { return operands[0] }
    if to == .bool {
      let zero: Expression = from.isFloat ? .number(0, operands[0].type) : .literal(0, operands[0].type)
      return .binary(.notEqual, operands[0], zero)
    }
    if from.isFloat && !to.isFloat { return .intrinsic(.saturate, [operands[0]], type) }
    return .convert(operands[0], type.element)
  }

  /// Integers are rounded from all their bits, which a double would not hold.
  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    [converted(operands[0])]
  }

  public func evaluateWhole(_ operand: ReferenceTensor) -> ReferenceTensor? { converted(operand) }

  /// A tensor in the other type.
  public func converted(_ x: ReferenceTensor) -> ReferenceTensor {
    let from = x.elementType
    switch (from.isFloat, to.isFloat) {
    case (true, true): return ReferenceTensor(to, x.shape, floats: x.floats)
    case (true, false): return ReferenceTensor(to, x.shape, integers: x.floats.map { Evaluator.saturate($0, to) })
    case (false, true):
      return ReferenceTensor(
        to, x.shape,
        floats: x.integers.map { value in
          from == .u64
            ? Rounding.nearest(UInt64(bitPattern: Int64(value)), to)
            : (value < 0 ? -1 : 1) * Rounding.nearest(UInt64(value.magnitude), to)
        })
    case (false, false):
      return ReferenceTensor(to, x.shape, integers: x.integers.map { evaluate(integers: [$0], from) })
    }
  }

  public func evaluate(floats: [Double]) -> Double { floats[0] }
  public func evaluate(integers: [Int], _ type: ElementType) -> Int {
    to == .bool && integers[0] != 0 ? 1 : integers[0]
  }

  public func differentiate(_ operands: [Tensor]) throws -> Differentiated {
    let from = operands[0].elementType
    let result = try Tensor.record(self, operands)[0]
    let passes = from.isFloat && to.isFloat
    return Differentiated([result]) { cotangents in [passes ? cotangents[0].map { $0.cast(to: from) } : nil] }
  }
}
