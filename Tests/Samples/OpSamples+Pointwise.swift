import TensorIR
import TensorOps

extension OpSamples {
  private static let shapes: [[Int]] = [[], [0], [1], [7], [2, 0, 3], [3, 17]]
  private static let pairs: [([Int], [Int])] = [
    ([5], [5]), ([], [7]), ([2, 1, 5], [3, 1]), ([0], [1]), ([3, 17], [17]),
  ]

  private static func operand(
    _ type: ElementType, _ shape: [Int], _ range: ClosedRange<Double>
  ) -> SampleOperand {
    if type == .bool { return SampleOperand(type, shape, .uniform(0, 1)) }
    if type.isFloat { return SampleOperand(type, shape, .uniform(range.lowerBound, range.upperBound)) }
    return SampleOperand(type, shape, .uniform(type.isSigned ? -9 : 0, 9))
  }

  /// Every shape for the first element type, one for the others.
  private static func unary(
    _ op: any TensorOp, _ range: ClosedRange<Double> = -3...3, _ types: [ElementType] = ElementType.floats,
    hasGradient: Bool = true
  ) -> [OpSample] {
    let first = types.contains(.f32) ? .f32 : types[0]
    return types.flatMap { type in
      (type == first ? shapes : [[3, 17]]).map { shape in
        OpSample(op, operand(type, shape, range), hasGradient: hasGradient && type == first)
      }
    }
  }

  private static func binary(
    _ op: any TensorOp, _ range: ClosedRange<Double>, _ types: [ElementType]
  ) -> [OpSample] {
    let first = types.contains(.f32) ? .f32 : types[0]
    return types.flatMap { type in
      (type == first ? pairs : [([3, 17], [17])]).map { a, b in
        OpSample(op, operand(type, a, range), operand(type, b, range), hasGradient: type == first)
      }
    }
  }

  /// The pointwise ops without attributes: a new one needs no entry here.
  static let plain: [OpSample] = Registry.types.flatMap { type -> [OpSample] in
    guard let made = try? OpDirectory([type]).make(type.name, []), let op = made as? any TensorOp else {
      return []
    }
    switch type {
    case let type as any UnaryOp.Type: return unary(op, type.sampled, type.elementTypes)
    case let type as any BinaryOp.Type: return binary(op, type.sampled, type.elementTypes)
    case is any ComparisonOp.Type: return binary(op, -3...3, ElementType.numbers + [.bool])
    case is any PredicateOp.Type: return unary(op, hasGradient: false)
    default: return []
    }
  }

  static let withAttributes: [OpSample] =
    unary(LeakyRelu(alpha: 0.1)) + unary(Elu(alpha: 1.5)) + unary(HardSigmoid(alpha: 0.3, beta: 0.4))
    + unary(Gelu(approximate: false)) + unary(Gelu(approximate: true))
    + unary(Clip(minimum: -1, maximum: 1.5))
    + unary(Clip(minimum: -1.5), -3...3, [.i8, .i32, .i64, .u8]) + unary(Clip(maximum: 0.5))
    + ([.f64, .f16, .bf16, .i8, .i32, .i64, .u8, .u64, .bool] as [ElementType]).flatMap { type in
      // Rounding to 16 bits is a staircase; its gradient is the ramp's.
      unary(Cast(to: type), 0...9, [.f32], hasGradient: type.bitWidth != 16)
        + ([.f64, .f16, .i8, .i64, .u32, .bool] as [ElementType]).map {
          OpSample(Cast(to: type), operand($0, [3, 17], 0...9), hasGradient: false)
        }
    }

  static let chosen: [OpSample] = [
    OpSample(
      Select(), SampleOperand(.bool, [4, 1], .uniform(0, 1)), SampleOperand(.f32, [1, 5]),
      SampleOperand(.f32, [])),
    OpSample(
      Select(), SampleOperand(.bool, [17], .uniform(0, 1)), SampleOperand(.i32, [17]),
      SampleOperand(.i32, [17])),
    OpSample(
      Select(), SampleOperand(.bool, [17], .uniform(0, 1)), SampleOperand(.bool, [17], .uniform(0, 1)),
      SampleOperand(.bool, [], .uniform(0, 1))),
    OpSample(IsNaN(), SampleOperand(.f32, [3], .list([.nan, .infinity, 1]))),
    OpSample(IsInfinite(), SampleOperand(.f32, [3], .list([.nan, -.infinity, 1]))),
    OpSample(Cast(to: .i8), SampleOperand(.f32, [6], .list([.nan, -.infinity, 1e9, -128.5, 127.9, -0.5]))),
    OpSample(Cast(to: .u8), SampleOperand(.i32, [4], .list([-1, 256, 300, -300]))),
    OpSample(Round(), SampleOperand(.f32, [6], .list([0.5, 1.5, 2.5, -0.5, -1.5, 1e9])), hasGradient: false),
    OpSample(
      Divide(), SampleOperand(.i8, [4], .list([-128, 7, -7, 5])),
      SampleOperand(.i8, [4], .list([-1, -2, 2, 0]))),
    OpSample(Absolute(), SampleOperand(.i8, [3], .list([-128, -1, 127]))),
    OpSample(
      Less(), SampleOperand(.u64, [3], .list([1, 2, 3])), SampleOperand(.u64, [3], .list([-1, 2, 1]))),
  ]
}
