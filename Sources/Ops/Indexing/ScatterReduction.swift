import TensorIR

/// What becomes of an element into which a scatter puts a value.
public enum ScatterReduction: String, Codable, Hashable, Sendable, CaseIterable {
  /// The value takes its place; of several values for one element, the last in row-major order of the indices stays.
  case replace
  /// Values are added to it, in row-major order of the indices.
  case add
  /// It is multiplied by the values, in the same order.
  case multiply
  /// The greatest of it and the values; NaN if one is NaN.
  case maximum
  /// The least of it and the values; NaN if one is NaN.
  case minimum

  /// The combination of what is there and a value; bools count as 0 and 1 and saturate.
  package func combine(_ old: Expression, _ value: Expression, _ type: LoopType) -> Expression {
    let isBool = type.element == .bool
    switch self {
    case .replace: return value
    case .add: return .binary(isBool ? .logicalOr : .add, old, value)
    case .multiply: return .binary(isBool ? .logicalAnd : .multiply, old, value)
    case .maximum: return isBool ? .binary(.logicalOr, old, value) : .greater(of: old, value, type)
    case .minimum: return isBool ? .binary(.logicalAnd, old, value) : .lesser(of: old, value, type)
    }
  }

  func combine(_ old: Double, _ value: Double) -> Double {
    switch self {
    case .replace: return value
    case .add: return old + value
    case .multiply: return old * value
    case .maximum, .minimum:
      if old.isNaN || value.isNaN { return .nan }
      return (self == .maximum) == (value > old) ? value : old
    }
  }

  func combine(_ old: Int, _ value: Int, _ type: ElementType) -> Int {
    switch self {
    case .replace: return value
    case .add: return type == .bool ? old | value : old &+ value
    case .multiply: return old &* value
    case .maximum, .minimum:
      // The pattern of a u64 compares as it stands once its top bit is flipped.
      let flip = type == .u64 ? Int.min : 0
      return (self == .maximum) == (value ^ flip > old ^ flip) ? value : old
    }
  }
}

extension ReferenceTensor {
  /// This tensor with values put, one after the other, at flat positions.
  func scattering(_ values: ReferenceTensor, at positions: [Int], _ reduction: ScatterReduction) -> ReferenceTensor {
    var (floats, integers) = (self.floats, self.integers)
    for (source, target) in positions.enumerated() {
      if elementType.isFloat {
        floats[target] = reduction.combine(floats[target], values.floats[source])
      } else {
        integers[target] = Rounding.wrap(
          reduction.combine(integers[target], values.integers[source], elementType), to: elementType)
      }
    }
    return elementType.isFloat
      ? ReferenceTensor(elementType, shape, floats: floats)
      : ReferenceTensor(elementType, shape, integers: integers)
  }
}
