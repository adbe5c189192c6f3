import TensorIR
import TensorOps

extension ExportTable {
  /// Functions of several elements.
  static let arithmetic: [ExportRule] = singleArithmetic.map { .node($0.op, $0.kind) } + divisions + shifts + others

  /// Those that are one node without attributes.
  private static let singleArithmetic: [(op: any TensorOp.Type, kind: String)] = [
    (Add.self, "Add"), (Subtract.self, "Sub"), (Multiply.self, "Mul"), (Power.self, "Pow"), (Maximum.self, "Max"),
    (Minimum.self, "Min"), (Equal.self, "Equal"), (Greater.self, "Greater"), (GreaterEqual.self, "GreaterOrEqual"),
    (Less.self, "Less"), (LessEqual.self, "LessOrEqual"), (LogicalAnd.self, "And"), (LogicalOr.self, "Or"),
    (LogicalXor.self, "Xor"), (BitwiseAnd.self, "BitwiseAnd"), (BitwiseOr.self, "BitwiseOr"),
    (BitwiseXor.self, "BitwiseXor"),
  ]

  private static let others: [ExportRule] = [
    ExportRule.node(Negate.self, "Neg").when { $0[0]?.elementType.isSigned ?? true }
      .otherwise(Negate.self) { _, x in x[0].like(0) - x[0] },
    .other(NotEqual.self) { _, x in .!(x[0] .== x[1]) },
    // onnxruntime picks from no truth values.
    ExportRule.node(Select.self, "Where").when { $0[1]?.elementType != .bool }
      .otherwise(Select.self) { _, x in (x[0] .& x[1]) .| (.!x[0] .& x[2]) },
    .other(Hypot.self) { _, x in
      let (a, b) = (x[0].absolute(), x[1].absolute())
      let (most, least) = (Tensor.maximum(a, b), Tensor.minimum(a, b))
      let isInfinite = a.isInfinite() .| b.isInfinite()
      let isPlain = (most .== most.like(0)) .| isInfinite
      let ratio = least / Tensor.select(isPlain, most.like(1), most)
      let root = most * (ratio * ratio + most.like(1)).sqrt()
      return .select(isInfinite, most.like(.infinity), .select(isPlain, most, root))
    },
    .other(Atan2.self) { _, x in angle(x[0], x[1]) },
  ]

  /// The angle of a point by that of one in the first eighth of the circle.
  private static func angle(_ y: Tensor, _ x: Tensor) -> Tensor {
    let (a, b) = (x.absolute(), y.absolute())
    let (most, least) = (Tensor.maximum(a, b), Tensor.minimum(a, b))
    let isNothing = most .== most.like(0)
    let quotient = least / Tensor.select(isNothing, most.like(1), most)
    let small = Tensor.select(least.isInfinite(), least.like(1), quotient).atan()
    let upper = Tensor.select(b .> a, small.like(Double.pi / 2) - small, small)
    let turned = Tensor.select(isNegative(x), upper.like(Double.pi) - upper, upper)
    let isNone = x.isNaN() .| y.isNaN()
    return .select(isNone, x + y, .select(isNegative(y), -turned, turned))
  }

  /// Whether there is a minus before a number, 0 among them.
  private static func isNegative(_ x: Tensor) -> Tensor {
    (x .< x.like(0)) .| ((x .== x.like(0)) .& (x.reciprocal() .< x.like(0)))
  }

  // MARK: Division

  /// ONNX does not say what an integer divided by zero is, and processors stop at it.
  private static let divisions: [ExportRule] = [
    ExportRule.node(Divide.self, "Div").whenSafe
      .otherwise(Divide.self) { _, x in
        safely(x) {
          $0 / $1
        } otherwise: {
          .select($1, -$0, $0.like(0))
        }
      },
    .nodes(Remainder.self, when: { $1[0]?.elementType.isFloat == false }) { _, node in
      try node.result("Mod", node.inputs, ["fmod": .int(0)])
    }.whenSafe.otherwise(Remainder.self) { _, x in
      if x[0].elementType.isFloat { return floatRemainder(x[0], x[1]) }
      return safely(x) {
        $0 % $1
      } otherwise: { a, _ in
        a.like(0)
      }
    },
    .nodes(TruncatedRemainder.self) { _, node in try node.result("Mod", node.inputs, ["fmod": .int(1)]) }
      .whenSafe.otherwise(TruncatedRemainder.self) { _, x in
        safely(x) {
          .truncatedRemainder($0, $1)
        } otherwise: { a, _ in
          a.like(0)
        }
      },
    .other(FloorDivide.self) { _, x in (x[0] - x[0] % x[1]) / x[1] },
  ]

  /// A division of integers with 1 in the place of 0 and -1, by which nothing goes wrong.
  private static func safely(
    _ x: [Tensor], _ divide: (Tensor, Tensor) -> Tensor, otherwise: (_ a: Tensor, _ isMinusOne: Tensor) -> Tensor
  ) -> Tensor {
    let (a, b) = (x[0], x[1])
    let isZero = b .== b.like(0)
    let isMinusOne = b.elementType.isSigned ? b .== b.like(-1) : isZero .& .!isZero
    let isUnsafe = isZero .| isMinusOne
    let quotient = divide(a, .select(isUnsafe, b.like(1), b))
    return .select(isUnsafe, otherwise(a, isMinusOne), quotient)
  }

  private static func floatRemainder(_ a: Tensor, _ b: Tensor) -> Tensor {
    let rest = Tensor.truncatedRemainder(a, b)
    let zero = rest.like(0)
    let isOther = (rest .!= zero) .& ((rest .< zero) .^ (b .< zero))
    return .select(isOther, rest + b, rest)
  }

  // MARK: Shifts

  /// ONNX shifts bits of unsigned integers, by less than their width.
  private static let shifts: [ExportRule] = [
    .other(ShiftLeft.self) { _, x in shifted(x, isLeft: true) },
    .other(ShiftRight.self) { _, x in shifted(x, isLeft: false) },
  ]

  private static func shifted(_ x: [Tensor], isLeft: Bool) -> Tensor {
    let (a, count) = (x[0], x[1])
    let width = Double(a.elementType.bitWidth)
    let inside = (count .>= count.like(0)) .& (count .< count.like(width))
    let safe = Tensor.select(inside, count, count.like(0))
    // By multiplication and division, which all integers have.
    let power = powerOfTwo(safe)
    if isLeft { return .select(inside, a * power, a.like(0)) }
    let outside = a.elementType.isSigned ? Tensor.select(a .< a.like(0), a.like(-1), a.like(0)) : a.like(0)
    // 2 to the width less one is negative: what is left then is the sign.
    let isTop = safe .== safe.like(width - 1)
    let divisor = a.elementType.isSigned ? Tensor.select(isTop, power.like(1), power) : power
    let quotient = Tensor.floorDivide(a, divisor)
    let found = a.elementType.isSigned ? Tensor.select(isTop, outside, quotient) : quotient
    return .select(inside, found, outside)
  }

  /// 2 to the power of a count below the width, from a table.
  private static func powerOfTwo(_ count: Tensor) -> Tensor {
    let type = count.elementType
    let powers = (0..<type.bitWidth).map { Rounding.wrap(1 << $0, to: type) }
    let table = ReferenceTensor(type, [powers.count], integers: powers).literal
    guard let recorder = count.recorder else { return count }
    let made = recorder.record(Constant(table), [], at: .unknown)[0]
    return made.gather(count.cast(to: .i64))
  }
}

extension ExportRule {
  /// The rule for divisors that are known to be neither 0 nor -1, and for floats.
  fileprivate var whenSafe: ExportRule {
    when { operands in
      guard operands[0]?.elementType.isFloat == false, let maker = operands.maker(1) else {
        return operands[0]?.elementType.isFloat ?? true
      }
      if let known = maker.op as? any KnownOp, let number = known.splat { return number != 0 && number != -1 }
      // What the rule itself puts there.
      guard maker.op is Select, let chosen = maker.operands[1] else { return maker.op is DimensionValues }
      let one = operands.trace.maker(of: Tensor(operands.trace, chosen.index))
      return (one?.op as? any KnownOp)?.splat == 1
    }
  }
}
