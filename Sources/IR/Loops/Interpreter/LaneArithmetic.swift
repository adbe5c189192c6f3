/// Arithmetic on one lane, as the emitted C does it. A lane is the bits of its type: floats of half width are f32 in
/// registers, integers are extended by their sign or by zeros, bool is 0 or 1.
enum LaneArithmetic {
  /// Integer bits brought into the range of a type.
  static func canonical(_ bits: UInt64, _ element: ElementType) -> UInt64 {
    switch element {
    case .i4: UInt64(bitPattern: Int64(bits & 15) - Int64(bits & 8) * 2)
    case .u4: bits & 15
    case .i8: UInt64(bitPattern: Int64(Int8(truncatingIfNeeded: bits)))
    case .u8: bits & 0xff
    case .i16: UInt64(bitPattern: Int64(Int16(truncatingIfNeeded: bits)))
    case .u16: bits & 0xffff
    case .i32: UInt64(bitPattern: Int64(Int32(truncatingIfNeeded: bits)))
    case .u32, .f32, .f16, .bf16: bits & 0xffff_ffff
    case .bool: bits == 0 ? 0 : 1
    case .i64, .u64, .f64: bits
    }
  }

  /// A float's value, which f64 holds exactly.
  static func float(_ bits: UInt64, _ element: ElementType) -> Double {
    element == .f64 ? Double(bitPattern: bits) : Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
  }

  /// The bits of a number rounded once to a type; of half types, as f32.
  static func bits(_ value: Double, _ element: ElementType) -> UInt64 {
    switch element {
    case .f64: value.bitPattern
    case .f16: UInt64(Float(Float16(value)).bitPattern)
    case .bf16: UInt64(brain(value))
    default: UInt64(Float(value).bitPattern)
    }
  }

  /// The bf16 nearest to a number, as the bits of an f32; ties go to even.
  static func brain(_ value: Double) -> UInt32 {
    let single = Float(value)
    if single.isNaN { return single.bitPattern & 0xffff_0000 | 0x0040_0000 }
    var bits = single.bitPattern
    // Rounding twice must not move a tie: where the first was not exact, the last bit is made odd.
    if Double(single) != value, single.isFinite {
      if abs(Double(single)) > abs(value) { bits -= 1 }
      bits |= 1
    }
    return (bits + 0x7fff + (bits >> 16 & 1)) & 0xffff_0000
  }

  /// An operator on two floats, or a comparison of them, whose result is 0 or 1.
  static func binary(_ op: BinaryOperator, _ a: UInt64, _ b: UInt64, _ type: LoopType) throws -> UInt64 {
    let element = type.element
    if element.isFloat { return try floats(op, a, b, element) }
    if type.isIndex, op == .quotient || op == .remainder, b == 0 { throw LoopFault("an index is divided by zero") }
    return canonicalUnlessComparison(op, integers(op, a, b, element), element)
  }

  private static func canonicalUnlessComparison(
    _ op: BinaryOperator, _ value: UInt64, _ element: ElementType
  ) -> UInt64 { op.isComparison ? value : canonical(value, element) }

  private static func floats(_ op: BinaryOperator, _ a: UInt64, _ b: UInt64, _ element: ElementType) throws -> UInt64 {
    if element == .f64 { return try floats(op, Double(bitPattern: a), Double(bitPattern: b)) { $0.bitPattern } }
    let (x, y) = (Float(bitPattern: UInt32(truncatingIfNeeded: a)), Float(bitPattern: UInt32(truncatingIfNeeded: b)))
    return try floats(op, x, y) { UInt64($0.bitPattern) }
  }

  private static func floats<T: BinaryFloatingPoint>(
    _ op: BinaryOperator, _ x: T, _ y: T, _ bits: (T) -> UInt64
  ) throws -> UInt64 {
    switch op {
    case .add: return bits(x + y)
    case .subtract: return bits(x - y)
    case .multiply: return bits(x * y)
    case .divide: return bits(x / y)
    case .less: return x < y ? 1 : 0
    case .lessEqual: return x <= y ? 1 : 0
    case .greater: return x > y ? 1 : 0
    case .greaterEqual: return x >= y ? 1 : 0
    case .equal: return x == y ? 1 : 0
    case .notEqual: return x != y ? 1 : 0
    default: throw LoopFault("'\(op)' of floats")
    }
  }

  private static func integers(_ op: BinaryOperator, _ a: UInt64, _ b: UInt64, _ element: ElementType) -> UInt64 {
    let (x, y) = (Int64(bitPattern: a), Int64(bitPattern: b))
    let isSigned = element.isSigned
    func isLess(_ p: UInt64, _ q: UInt64) -> Bool { isSigned ? Int64(bitPattern: p) < Int64(bitPattern: q) : p < q }
    switch op {
    case .add: return a &+ b
    case .subtract: return a &- b
    case .multiply: return a &* b
    case .divide, .quotient: return quotient(x, y, isSigned)
    case .remainder: return remainder(x, y, isSigned)
    case .minimum: return isLess(a, b) ? a : b
    case .maximum: return isLess(b, a) ? a : b
    case .bitAnd, .logicalAnd: return a & b
    case .bitOr, .logicalOr: return a | b
    case .bitXor: return a ^ b
    case .shiftLeft: return isShift(b, element) ? a << b : 0
    case .shiftRight:
      guard isShift(b, element) else { return isSigned && x < 0 ? UInt64.max : 0 }
      return isSigned ? UInt64(bitPattern: x >> y) : a >> b
    case .less: return isLess(a, b) ? 1 : 0
    case .lessEqual: return isLess(b, a) ? 0 : 1
    case .greater: return isLess(b, a) ? 1 : 0
    case .greaterEqual: return isLess(a, b) ? 0 : 1
    case .equal: return a == b ? 1 : 0
    case .notEqual: return a == b ? 0 : 1
    }
  }

  private static func isShift(_ count: UInt64, _ element: ElementType) -> Bool { count < UInt64(element.bitWidth) }

  static func quotient(_ x: Int64, _ y: Int64, _ isSigned: Bool) -> UInt64 {
    if y == 0 { return 0 }
    if !isSigned { return UInt64(bitPattern: x) / UInt64(bitPattern: y) }
    return y == -1 ? 0 &- UInt64(bitPattern: x) : UInt64(bitPattern: x / y)
  }

  static func remainder(_ x: Int64, _ y: Int64, _ isSigned: Bool) -> UInt64 {
    if y == 0 || isSigned && y == -1 { return 0 }
    return isSigned ? UInt64(bitPattern: x % y) : UInt64(bitPattern: x) % UInt64(bitPattern: y)
  }

  static func unary(_ op: UnaryOperator, _ a: UInt64, _ type: LoopType) -> UInt64 {
    switch op {
    case .logicalNot: a == 0 ? 1 : 0
    case .bitNot: canonical(type.element == .bool ? a ^ 1 : ~a, type.element)
    case .negate:
      switch type.element {
      case .f64: a ^ (1 << 63)
      case let element where element.isFloat: a ^ (1 << 31)
      default: canonical(0 &- a, type.element)
      }
    }
  }

  /// A conversion as C does it.
  static func convert(_ a: UInt64, _ from: ElementType, _ to: ElementType) -> UInt64 {
    if from == to { return a }
    if to == .bool { return from.isFloat ? (float(a, from) != 0 ? 1 : 0) : (a != 0 ? 1 : 0) }
    if from.isFloat {
      let value = float(a, from)
      return to.isFloat ? bits(value, to) : saturated(value, to)
    }
    if !to.isFloat { return canonical(a, to) }
    return from.isSigned ? nearest(Int64(bitPattern: a), to) : nearest(a, to)
  }

  /// The float of a type nearest to an integer, from all its bits.
  private static func nearest<T: BinaryInteger>(_ value: T, _ to: ElementType) -> UInt64 {
    switch to {
    case .f64: return Double(value).bitPattern
    case .f32: return UInt64(Float(value).bitPattern)
    case .f16: return UInt64(Float(Float16(value)).bitPattern)
    default:
      // A double has room for what a bf16 keeps; what it has no room for makes its last bit odd.
      var double = Double(value)
      if let back = T(exactly: double), back == value { return UInt64(brain(double)) }
      if double.magnitude > Double(value.magnitude).nextDown,
        T(exactly: double).map({ $0.magnitude > value.magnitude }) ?? true
      {
        double = double < 0 ? double.nextUp : double.nextDown
      }
      return UInt64(brain(Double(bitPattern: double.bitPattern | 1)))
    }
  }

  /// A float as an integer: NaN is 0, what is out of range the nearest that is in it.
  static func saturated(_ value: Double, _ to: ElementType) -> UInt64 {
    if value.isNaN { return 0 }
    let (least, most): (Double, Double)
    switch to {
    case .i64: (least, most) = (-0x1p63, 0x1p63)
    case .u64: (least, most) = (0, 0x1p64)
    default:
      let width = to.bitWidth - (to.isSigned ? 1 : 0)
      (least, most) = (to.isSigned ? -Double(1 << width) : 0, Double(1 << width))
    }
    if value <= least { return canonical(UInt64(bitPattern: to.isSigned ? Int64(least) : 0), to) }
    if value >= most { return to == .u64 ? .max : to == .i64 ? UInt64(Int64.max) : UInt64(most) - 1 }
    return to == .u64 ? UInt64(value) : UInt64(bitPattern: Int64(value))
  }
}
