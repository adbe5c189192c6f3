import TensorIR

/// The numbers at which functions of one element tend to go wrong.
enum SpecialNumbers {
  /// Not numbers, infinities, zeros of both signs, subnormals, halves between integers, and numbers near 1 and 0.
  static func floats(_ type: ElementType) -> [Double] {
    let subnormal: [Double] =
      switch type {
      case .f64: [0x1p-1074, -0x1p-1030]
      case .f16: [0x1p-24, -0x1.8p-20]
      case .bf16: [0x1p-133, -0x1.8p-130]
      default: [0x1p-149, -0x1.8p-140]
      }
    return [
      .nan, .infinity, -.infinity, 0, -0.0, 0.5, -0.5, 1.5, -1.5, 2.5, -2.5, 1, -1, 0.9999, -0.9999, 1.0001, 3, -3, 7,
      -6, 0.001, -0.001, 1e-5, -1e-5, 12, -12, 20, -20,
    ] + subnormal
  }

  /// Numbers near the ends of what the type holds.
  static func hugeFloats(_ type: ElementType) -> [Double] {
    let most: Double =
      switch type {
      case .f64: .greatestFiniteMagnitude
      case .f32: 0x1.fffffep127
      case .f16: 65504
      default: 0x1.fep127
      }
    let middle = most.squareRoot().rounded()
    return [most, -most, most / 2, -most / 4, middle, -middle, 1000, -1000, 89, -89, 100.5, -104]
  }

  /// The ends of the type, numbers around 0, and those that are counts of bits or powers of two.
  static func integers(_ type: ElementType) -> [Int] {
    if type == .bool { return [0, 1] }
    let width = type.bitWidth
    let most = type.isSigned ? (1 << (width - 2)) - 1 + (1 << (width - 2)) : width == 64 ? -1 : (1 << width) - 1
    let least = type.isSigned ? -most - 1 : 0
    let signed = type.isSigned ? [least, least + 1, -1, -2, -3, -7, -1 << (width / 2)] : []
    let large = [1 << (width / 2), 1 << (width - 2), most &- 1, most]
    return signed + [0, 1, 2, 3, 5, 7, 8, width - 1, width, width + 1] + large
  }

  /// As many numbers as `count`, the special ones over and over.
  static func repeated<Number>(_ numbers: [Number], _ count: Int) -> [Number] {
    (0..<count).map { numbers[$0 % numbers.count] }
  }
}

extension SampleOperand {
  /// A list of numbers of a type.
  static func numbers(_ type: ElementType, _ numbers: [Double]) -> SampleOperand {
    SampleOperand(type, [numbers.count], .list(numbers))
  }

  static func integers(_ type: ElementType, _ numbers: [Int]) -> SampleOperand {
    SampleOperand(type, [numbers.count], .integers(numbers))
  }

  /// The special numbers of a type, past two vectors in length; of floats also those near the ends.
  static func specials(_ type: ElementType) -> [SampleOperand] {
    type.isFloat
      ? [
        .numbers(type, SpecialNumbers.repeated(SpecialNumbers.floats(type), 37)),
        .numbers(type, SpecialNumbers.repeated(SpecialNumbers.hugeFloats(type), 19)),
      ] : [.integers(type, SpecialNumbers.repeated(SpecialNumbers.integers(type), 39))]
  }

  /// Two operands in which every pair of special numbers meets.
  static func specialPairs(_ type: ElementType) -> [(SampleOperand, SampleOperand)] {
    if !type.isFloat {
      let numbers = SpecialNumbers.integers(type)
      let (a, b) = pairs(numbers, numbers)
      return [(.integers(type, a), .integers(type, b))]
    }
    let all = SpecialNumbers.floats(type)
    let near = all.indices.filter { $0 < 12 || $0 % 2 == 0 }.map { all[$0] }
    let far = SpecialNumbers.hugeFloats(type)
    let lists = [pairs(near, near), pairs(far, Array(near.prefix(8)) + Array(far.prefix(5)))]
    return lists.map { (.numbers(type, $0.0), .numbers(type, $0.1)) }
  }

  private static func pairs<Number>(_ a: [Number], _ b: [Number]) -> ([Number], [Number]) {
    (a.flatMap { x in b.map { _ in x } }, a.flatMap { _ in b })
  }
}
