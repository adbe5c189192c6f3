import TensorIR
import TensorOps

extension OpSamples {
  private static let shapes: [[Int]] = [[], [0], [1], [7], [2, 0, 3], [3, 17]]
  private static let pairs: [([Int], [Int])] = [([5], [5]), ([], [7]), ([2, 1, 5], [3, 1]), ([0], [1]), ([3, 17], [17])]

  private static func unary(
    _ op: any TensorOp, _ low: Double = -3, _ high: Double = 3, types: [ElementType] = [.f32, .f64],
    hasGradient: Bool = true
  ) -> [OpSample] {
    types.flatMap { type in
      shapes.map { OpSample(op, SampleOperand(type, $0, .uniform(low, high)), hasGradient: hasGradient) }
    }
  }

  private static let integers: [ElementType] = [.i8, .i32, .i64]

  static let unary: [OpSample] =
    unary(Negate()) + unary(Negate(), types: integers) + unary(Absolute()) + unary(Absolute(), types: integers)
    + unary(Sign()) + unary(Sign(), types: integers) + unary(Sign(), 0, 3, types: [.u8])
    + unary(Reciprocal(), 0.3, 3) + unary(Sqrt(), 0.1, 4) + unary(Exp()) + unary(Expm1()) + unary(Log(), 0.1, 4)
    + unary(Log1p(), -0.8, 4) + unary(Sin()) + unary(Cos()) + unary(Tanh()) + unary(Erf()) + unary(Sigmoid())
    + unary(Floor()) + unary(Ceil()) + unary(Round()) + unary(Relu()) + unary(Relu(), types: integers)
    + unary(LeakyRelu(alpha: 0.1)) + unary(Elu(alpha: 1.5)) + unary(HardSigmoid(alpha: 0.3, beta: 0.4))
    + unary(Softplus()) + unary(Gelu()) + unary(Gelu(approximate: true)) + unary(Silu()) + unary(HardSwish(), -5, 5)
    + unary(Clip(minimum: -1, maximum: 1.5)) + unary(Clip(minimum: -1.5), types: integers) + unary(Clip(maximum: 0.5))
    + unary(LogicalNot(), 0, 1, types: [.bool]) + unary(IsNaN()) + unary(IsInfinite())
    + [ElementType.f64, .f16, .bf16, .i32, .u8, .bool].flatMap {
      // Rounding to 16 bits is a staircase; its gradient is the ramp's.
      unary(Cast(to: $0), 0, 9, types: [.f32], hasGradient: $0.bitWidth != 16)
    }
    + [
      OpSample(IsNaN(), SampleOperand(.f32, [3], .list([.nan, .infinity, 1]))),
      OpSample(IsInfinite(), SampleOperand(.f32, [3], .list([.nan, -.infinity, 1]))),
    ]

  private static func binary(
    _ op: any TensorOp, _ low: Double = -3, _ high: Double = 3, types: [ElementType] = [.f32, .f64, .i32, .i64]
  ) -> [OpSample] {
    types.flatMap { type in
      pairs.map {
        OpSample(op, SampleOperand(type, $0.0, .uniform(low, high)), SampleOperand(type, $0.1, .uniform(low, high)))
      }
    }
  }

  static let binary: [OpSample] =
    binary(Add()) + binary(Subtract()) + binary(Multiply()) + binary(Divide(), 0.5, 3, types: [.f32])
    + binary(Divide(), types: integers) + binary(Remainder(), 0.5, 7, types: [.f32]) + binary(Remainder(), types: integers)
    + binary(Power(), 0.3, 2, types: [.f32, .f64]) + binary(Maximum()) + binary(Minimum()) + binary(Maximum(), types: [.i8])
    + binary(Equal()) + binary(NotEqual()) + binary(Less()) + binary(LessEqual()) + binary(Greater())
    + binary(GreaterEqual()) + binary(LogicalAnd(), 0, 1, types: [.bool]) + binary(LogicalOr(), 0, 1, types: [.bool])
    + binary(LogicalXor(), 0, 1, types: [.bool])

  static let chosen: [OpSample] = [
    OpSample(Select(), SampleOperand(.bool, [4, 1], .uniform(0, 1)), SampleOperand(.f32, [1, 5]), SampleOperand(.f32, [])),
    OpSample(Select(), SampleOperand(.bool, [17], .uniform(0, 1)), SampleOperand(.i32, [17]), SampleOperand(.i32, [17])),
  ]
}
