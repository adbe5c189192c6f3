import TensorIR
import TensorOps

/// Inputs for a function, the same in every process: sizes that fit its symbols, and numbers of each kind.
struct SampledInputs {
  /// What kind of numbers floats are.
  enum Numbers: CaseIterable {
    /// From -4 to 4.
    case ordinary
    /// Whole numbers and zeros of both signs, with which sums are exact.
    case whole
    /// Infinities, NaN, the largest and the least numbers among ordinary ones.
    case special
  }

  private var generator: SplitMix

  /// The most elements of an input: more would take the evaluator too long.
  private static let mostElements = 1 << 16

  init(seed: Int) {
    generator = SplitMix(state: UInt64(truncatingIfNeeded: seed) &* 0x9e37_79b9_7f4a_7c15 ^ 0x2545_f491_4f6c_dd1d)
  }

  /// One input for each parameter; nil where no size can be found for a dimension.
  static func make(for function: Function, seed: Int, _ numbers: Numbers) -> [ReferenceTensor]? {
    var sampler = SampledInputs(seed: seed)
    var sizes: [String: Int] = [:]
    for symbol in function.symbols.symbols { sizes[symbol.name] = sampler.size(symbol, seed) }
    var inputs: [ReferenceTensor] = []
    for type in function.parameterTypes {
      let shape = type.shape.compactMap { $0.evaluate { sizes[$0] } }
      guard shape.count == type.rank, TensorLiteral.count(of: shape) ?? .max <= mostElements else {
        return nil
      }
      inputs.append(sampler.tensor(type.elementType, shape, numbers))
    }
    return inputs
  }

  /// A size that a symbol may have: a few different small ones, 1 for every fourth seed.
  private mutating func size(_ symbol: Symbol, _ seed: Int) -> Int {
    let wanted = seed % 4 == 3 ? 1 : 2 + Int(generator.next() % 4)
    let least = max(symbol.minimum, seed % 8 == 7 ? 0 : wanted)
    // Sizes that a sample cannot have are refused by those who ask for tensors of them.
    guard least < SampledInputs.mostElements, symbol.divisor < SampledInputs.mostElements else { return .max }
    let size = (least + symbol.divisor - 1) / symbol.divisor * symbol.divisor
    return min(size, symbol.maximum ?? size)
  }

  mutating func tensor(_ type: ElementType, _ shape: [Int], _ numbers: Numbers) -> ReferenceTensor {
    let count = shape.reduce(1, *)
    if type.isFloat { return ReferenceTensor(type, shape, floats: (0..<count).map { _ in float(numbers) }) }
    return ReferenceTensor(type, shape, integers: (0..<count).map { _ in integer(type, numbers) })
  }

  private static let specials: [Double] = [
    0, -0.0, 1, -1, .infinity, -.infinity, .nan, 65504, 3.4e38, 1e-40, 6e-8, -1e-45, 0.1,
  ]

  private mutating func float(_ numbers: Numbers) -> Double {
    let word = generator.next()
    switch numbers {
    case .ordinary: return Double(Int64(bitPattern: word) >> 32) / Double(1 << 29)
    case .whole: return word % 7 == 0 ? -0.0 : Double(Int(word % 9) - 4)
    case .special: return SampledInputs.specials[Int(word % UInt64(SampledInputs.specials.count))]
    }
  }

  private mutating func integer(_ type: ElementType, _ numbers: Numbers) -> Int {
    let word = generator.next()
    switch numbers {
    case .special: return Int(truncatingIfNeeded: word >> (word % 61))
    // Small enough for an index.
    case .whole: return Int(word % 3)
    case .ordinary: return type.isSigned ? Int(word % 9) - 4 : Int(word % 9)
    }
  }
}

extension ReferenceTensor {
  /// The first place where another tensor differs, as text; nil if none does. NaN equals NaN.
  func difference(from other: ReferenceTensor, tolerance: Double?) -> String? {
    guard elementType == other.elementType, shape == other.shape else {
      return "\(elementType)\(shape) has become \(other.elementType)\(other.shape)"
    }
    if !elementType.isFloat {
      guard let place = integers.indices.first(where: { integers[$0] != other.integers[$0] }) else {
        return nil
      }
      return "element \(place) was \(integers[place]) and is \(other.integers[place])"
    }
    guard let place = floats.indices.first(where: { !isClose(floats[$0], other.floats[$0], tolerance) })
    else { return nil }
    return "element \(place) was \(floats[place]) and is \(other.floats[place])"
  }

  private func isClose(_ a: Double, _ b: Double, _ tolerance: Double?) -> Bool {
    if a.isNaN || b.isNaN { return a.isNaN && b.isNaN }
    guard let tolerance else { return a.bitPattern == b.bitPattern }
    return a == b || abs(a - b) <= tolerance * max(1, abs(a))
  }
}
