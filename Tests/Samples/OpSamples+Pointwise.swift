import TensorIR
import TensorOps

extension OpSamples {
  /// Shapes for the first element type of an op, with ranks 0 to 8 and sizes 0, 1, primes and past a vector.
  private static let shapes: [[Int]] = [
    [], [0], [1], [7], [2, 0, 3], [3, 17], [2, 1, 2, 1, 2, 1, 1, 3],
  ]
  /// For the others; the contract's suite tries these at more sizes.
  private static let fewShapes: [[Int]] = [[], [7], [3, 17]]
  private static let pairs: [([Int], [Int])] = [
    ([5], [5]), ([], [7]), ([], []), ([2, 1, 5], [3, 1]), ([0], [1]), ([1, 3], [2, 0, 3]), ([3, 17], [17]),
    ([2, 1, 2, 1, 2, 1, 1, 3], [1, 3, 1, 2, 1, 1, 2, 1]),
  ]
  private static let fewPairs: [([Int], [Int])] = [([5], [5]), ([3, 17], [17])]

  private static func operand(
    _ type: ElementType, _ shape: [Int], _ range: ClosedRange<Double>
  ) -> SampleOperand {
    if type == .bool { return SampleOperand(type, shape, .uniform(0, 1)) }
    if type.isFloat { return SampleOperand(type, shape, .uniform(range.lowerBound, range.upperBound)) }
    return SampleOperand(type, shape, .uniform(type.isSigned ? -9 : 0, 9))
  }

  /// Every shape for the first element type, some for the others; special numbers for all.
  private static func unary(
    _ op: any TensorOp, _ range: ClosedRange<Double> = -3...3, _ types: [ElementType] = ElementType.floats,
    hasGradient: Bool = true
  ) -> [OpSample] {
    let first = types.contains(.f32) ? .f32 : types[0]
    return types.flatMap { type in
      (type == first ? shapes : fewShapes).map { shape in
        OpSample(op, operand(type, shape, range), hasGradient: hasGradient && type == first)
      } + SampleOperand.specials(type).map { OpSample(op, $0, hasGradient: false) }
    }
  }

  private static func binary(
    _ op: any TensorOp, _ range: ClosedRange<Double>, _ types: [ElementType], specials: Bool = true
  ) -> [OpSample] {
    let first = types.contains(.f32) ? .f32 : types[0]
    return types.flatMap { type in
      (type == first ? pairs : fewPairs).map { a, b in
        OpSample(op, operand(type, a, range), operand(type, b, range), hasGradient: type == first)
      }
        + (specials ? SampleOperand.specialPairs(type) : []).map {
          OpSample(op, $0, $1, hasGradient: false)
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

  static let withAttributes: [OpSample] = {
    let integers = ElementType.integers
    var samples = unary(LeakyRelu(alpha: 0.1)) + unary(Elu(alpha: 1.5))
    samples += ([.f32, .f64, .f16, .bf16] as [ElementType]).map {
      OpSample(Exp(nonpositive: true), [SampleOperand($0, [3, 19], .uniform(-20, 0))])
    }
    samples += unary(HardSigmoid(alpha: 0.3, beta: 0.4))
    samples += unary(Gelu(approximate: false)) + unary(Gelu(approximate: true))
    samples += unary(Clip(minimum: -1, maximum: 1.5), -3...3, ElementType.numbers)
    samples += unary(Clip(minimum: -1.5), -3...3, integers)
    samples += unary(Clip(maximum: 0.5), -3...3, integers)
    samples += unary(Clip(minimum: 2, maximum: 1), -3...3, [.f32, .i32])
    samples += unary(Clip(minimum: -.infinity, maximum: 0), -3...3, [.f32, .i64, .u64])
    samples += unary(BitCast(to: .i32), -3...3, [.f32, .u32], hasGradient: false)
    samples += unary(BitCast(to: .f32), -3...3, [.i32, .u32], hasGradient: false)
    samples += unary(BitCast(to: .u64), -3...3, [.f64, .i64], hasGradient: false)
    samples += unary(BitCast(to: .f64), -3...3, [.i64], hasGradient: false)
    return samples
  }()

  /// Every element type to every other.
  static let casts: [OpSample] = everyType.flatMap { to in everyType.flatMap { from in casts(from, to) } }

  private static let everyType: [ElementType] = ElementType.numbers + [.bool]

  private static func casts(_ from: ElementType, _ to: ElementType) -> [OpSample] {
    let op = Cast(to: to)
    // Rounding is a staircase; its gradient is the ramp's. Gradients are checked in f64.
    let hasGradient = from == .f32 && to == .f64
    var samples = [OpSample(op, operand(from, [7], 0...9), hasGradient: hasGradient)]
    if from == .f32 { samples.append(OpSample(op, operand(from, [3, 17], 0...9), hasGradient: false)) }
    for list in SampleOperand.specials(from) + ties(from) {
      samples.append(OpSample(op, list, hasGradient: false))
    }
    return samples
  }

  /// Numbers halfway between two of a narrower type, and just off that, where rounding twice goes wrong.
  private static func ties(_ type: ElementType) -> [SampleOperand] {
    switch type {
    case .f64:
      let near: [Double] = [0x1.002p0, 0x1.0020000001p0, 0x1.006p0, 0x1.005ffffffffp0, 0x1.01p0, 0x1.0100000001p0]
      let more: [Double] = [0x1.000001p0, 0x1.0000010000001p0, 65519.999999, 65520, 0x1.feffffffffp127, 0x1.ffp127]
      return [.numbers(type, near + more + near.map { -$0 } + [0x1.8p-25, 0x1p-25, 0x1.0000001p-25])]
    case .i64, .u64, .i32, .u32:
      let wide = [(1 << 24) + 1, (1 << 24) + 3, (257 << 20), (257 << 20) + 1, (259 << 20) - 1]
      let wider = [
        (1 << 53) + 1, (1 << 53) + 3, (1 << 54) + 2, (1 << 61) + (1 << 37), (1 << 61) + (1 << 37) + 1,
        (257 << 53), (257 << 53) + 1, (259 << 53) - 1,
      ]
      return [.integers(type, type.bitWidth == 64 ? wide + wider : wide)]
    default: return []
    }
  }

  static let chosen: [OpSample] = {
    let broadcast = OpSample(
      Select(), SampleOperand(.bool, [4, 1], .uniform(0, 1)), SampleOperand(.f32, [1, 5]), SampleOperand(.f32, []))
    return [broadcast] + everyType.flatMap(chosen)
  }()

  private static func chosen(_ type: ElementType) -> [OpSample] {
    let specials = SampleOperand.specials(type)[0]
    func sample(_ condition: [Int], _ a: SampleOperand, _ b: [Int], hasGradient: Bool = true) -> OpSample {
      OpSample(
        Select(), SampleOperand(.bool, condition, .uniform(0, 1)), a, operand(type, b, -3...3),
        hasGradient: hasGradient)
    }
    return [
      sample(specials.shape, specials, [], hasGradient: false),
      sample([17], operand(type, [17], -3...3), [17]),
      sample([], operand(type, [3, 17], -3...3), [17]),
    ]
  }
}
