import Foundation
import TensorIR

/// A tensor of the reference evaluator: floats as f64 rounded to the element type, everything else as 64-bit integers.
public struct ReferenceTensor: Sendable {
  public let elementType: ElementType
  public let shape: [Int]
  /// The elements of a float tensor, in row-major order; empty for others.
  public let floats: [Double]
  /// The elements of an integer or bool tensor; u64 as its bit pattern.
  public let integers: [Int]
  public let isAbsent: Bool

  /// Floats, rounded to the element type.
  public init(_ elementType: ElementType, _ shape: [Int], floats: [Double]) {
    self.elementType = elementType
    self.shape = shape
    self.floats = elementType == .f64 ? floats : floats.map { Rounding.round($0, to: elementType) }
    integers = []
    isAbsent = false
  }

  /// Floats that are of the element type already.
  init(_ elementType: ElementType, _ shape: [Int], rounded floats: [Double]) {
    (self.elementType, self.shape, self.floats) = (elementType, shape, floats)
    (integers, isAbsent) = ([], false)
  }

  /// Integers, wrapped to the element type.
  public init(_ elementType: ElementType, _ shape: [Int], integers: [Int]) {
    self.elementType = elementType
    self.shape = shape
    floats = []
    self.integers =
      elementType == .i64 || elementType == .u64
      ? integers : integers.map { Rounding.wrap($0, to: elementType) }
    isAbsent = false
  }

  private init() {
    elementType = .bool
    shape = []
    floats = []
    integers = []
    isAbsent = true
  }

  /// Stands for an optional operand that is left out.
  public static let absent = ReferenceTensor()

  public var count: Int { shape.reduce(1, *) }
  public var rank: Int { shape.count }

  /// The element at a flat position as a float, whatever the type.
  public func number(_ index: Int) -> Double {
    if elementType.isFloat { return floats[index] }
    return elementType == .u64 ? Double(UInt64(bitPattern: Int64(integers[index]))) : Double(integers[index])
  }

  /// A tensor of the same kind whose elements are picked from flat positions of this one.
  public func picking(_ positions: [Int], shape: [Int]) -> ReferenceTensor {
    elementType.isFloat
      ? ReferenceTensor(elementType, shape, floats: positions.map { floats[$0] })
      : ReferenceTensor(elementType, shape, integers: positions.map { integers[$0] })
  }

  /// The distance between neighbours on each axis in row-major order.
  public static func strides(_ shape: [Int]) -> [Int] {
    var strides = [Int](repeating: 1, count: shape.count)
    for axis in stride(from: shape.count - 2, through: 0, by: -1) {
      strides[axis] = strides[axis + 1] * shape[axis + 1]
    }
    return strides
  }

  /// Every index of a shape in row-major order.
  public static func indices(_ shape: [Int]) -> IndexSequence { IndexSequence(shape) }

  /// The flat position in a tensor of `shape` that broadcasts to the index of a wider one.
  public static func broadcastPosition(_ index: [Int], in shape: [Int], _ strides: [Int]) -> Int {
    var position = 0
    let skip = index.count - shape.count
    for axis in 0..<shape.count where shape[axis] != 1 { position += index[skip + axis] * strides[axis] }
    return position
  }
}

/// Walks over all indices of a shape; none where an extent is 0, one empty index for a scalar.
public struct IndexSequence: Sequence, IteratorProtocol {
  private let shape: [Int]
  private var next_: [Int]?

  public init(_ shape: [Int]) {
    self.shape = shape
    next_ = shape.contains(0) ? nil : [Int](repeating: 0, count: shape.count)
  }

  public mutating func next() -> [Int]? {
    guard let current = next_ else { return nil }
    var following = current
    var axis = shape.count - 1
    while axis >= 0 {
      following[axis] += 1
      if following[axis] < shape[axis] { break }
      following[axis] = 0
      axis -= 1
    }
    next_ = axis < 0 ? nil : following
    return current
  }
}

/// Rounding to the narrower element types.
public enum Rounding {
  public static func round(_ value: Double, to type: ElementType) -> Double {
    switch type {
    case .f32: return Double(Float(value))
    case .f16: return roundToHalf(value)
    case .bf16: return roundToBrain(value)
    default: return value
    }
  }

  /// Keeps the low bits, in two's complement for signed types.
  public static func wrap(_ value: Int, to type: ElementType) -> Int {
    switch type {
    case .i8: Int(Int8(truncatingIfNeeded: value))
    case .i16: Int(Int16(truncatingIfNeeded: value))
    case .i32: Int(Int32(truncatingIfNeeded: value))
    case .u8: Int(UInt8(truncatingIfNeeded: value))
    case .u16: Int(UInt16(truncatingIfNeeded: value))
    case .u32: Int(UInt32(truncatingIfNeeded: value))
    case .i4: (value & 15) - ((value & 8) << 1)
    case .u4: value & 15
    case .bool: value == 0 ? 0 : 1
    default: value
    }
  }

  /// To nearest, ties to even, with subnormals and overflow to infinity.
  static func roundToHalf(_ value: Double) -> Double { round(value, digits: 11, leastExponent: -14, most: 65504) }

  static func roundToBrain(_ value: Double) -> Double {
    round(value, digits: 8, leastExponent: -126, most: 0x1.fep127)
  }

  private static func round(_ value: Double, digits: Int, leastExponent: Int, most: Double) -> Double {
    if value.isNaN || value.isInfinite || value == 0 { return value }
    let unit = scalbn(1.0, max(Int(value.exponent), leastExponent) - digits + 1)
    let rounded = (value / unit).rounded(.toNearestOrEven) * unit
    return abs(rounded) > most ? (value < 0 ? -.infinity : .infinity) : rounded
  }

  /// The float of a type nearest to an integer, from all its bits; halves go to even.
  static func nearest(_ integer: UInt64, _ type: ElementType) -> Double {
    switch type {
    case .f64: return Double(integer)
    case .f32: return Double(Float(integer))
    default:
      let surplus = UInt64.bitWidth - integer.leadingZeroBitCount - (type == .f16 ? 11 : 8)
      guard surplus > 0 else { return Double(integer) }
      let (kept, rest, half) = (
        integer >> surplus, integer & (1 << surplus - 1), UInt64(1) << (surplus - 1)
      )
      let up = rest > half || (rest == half && kept & 1 == 1)
      return round(scalbn(Double(kept + (up ? 1 : 0)), surplus), to: type)
    }
  }
}
