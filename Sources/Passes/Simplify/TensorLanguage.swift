import TensorIR
import TensorOps

/// Tells the rewrite engine which ops there are and which of their results are a number.
struct TensorLanguage: RewriteLanguage {
  let ops = OpDirectory(Registry.types)

  func isSplat(_ op: any Op, of number: Double) -> Bool {
    switch op {
    case let op as Full: return TensorLanguage.isEqual(op.value, number, op.elementType)
    case let op as Constant:
      guard let value = op.value.splat else { return false }
      return TensorLanguage.isEqual(value, number, op.value.elementType)
    default: return false
    }
  }

  func makeSplat(_ number: Double, _ type: TensorType) -> (any Op)? {
    guard TensorLanguage.isFaithful(number, type.elementType) else { return nil }
    return Full(number, type.elementType, type.shape)
  }

  /// Equality of bits once both are rounded to the type; integers compare as numbers.
  private static func isEqual(_ a: Double, _ b: Double, _ type: ElementType) -> Bool {
    if !type.isFloat { return a == b }
    return Rounding.round(a, to: type).bitPattern == Rounding.round(b, to: type).bitPattern
  }

  /// Whether a number of this type is the same one as a double, in both directions.
  static func isFaithful(_ number: Double, _ type: ElementType) -> Bool {
    if type.isFloat { return !number.isNaN }
    guard number == number.rounded(), abs(number) <= 9_007_199_254_740_992 else { return false }
    return Double(Rounding.wrap(Int(number), to: type)) == number && (type != .u64 || number >= 0)
  }
}

extension TensorLiteral {
  /// The number that every element is; nil if they differ, if there is none, or if it is none that a double can hold.
  var splat: Double? {
    guard count > 0, elementType.bitWidth >= 8 else { return nil }
    let width = elementType.bitWidth / 8
    // Each byte equals the one an element before it: then all elements equal the first.
    let isUniform = bytes.withUnsafeBytes { raw in
      (width..<Swift.max(width, raw.count)).allSatisfy { raw[$0] == raw[$0 - width] }
    }
    guard isUniform, let first = TensorLiteral(elementType, shape: [], bytes: bytes.prefix(width)) else {
      return nil
    }
    let tensor = ReferenceTensor(first)
    let number = tensor.number(0)
    if !elementType.isFloat, abs(number) >= 9_007_199_254_740_992 { return nil }
    return number.isNaN ? nil : number
  }
}

extension RewriteSite {
  /// The elements of a value that is a ``Constant``.
  mutating func literal(_ id: ValueID?) -> TensorLiteral? { producer(of: id, as: Constant.self)?.op.value }

  /// The number that all elements of a value are, if it is known.
  mutating func splat(_ id: ValueID?) -> Double? {
    if let full = producer(of: id, as: Full.self)?.op { return full.value }
    return literal(id)?.splat
  }

  /// Whether a value is made from nothing: a constant, a number, an index range.
  mutating func isKnown(_ id: ValueID?) -> Bool {
    guard let operation = producer(of: id) else { return false }
    return operation.op is Constant || operation.op is Full || operation.op is Iota
  }

  /// Elements beyond which a range or a number is not written out.
  static let writtenOutLimit = 4096

  /// The elements of a constant, or of a number or range that is small when written out.
  mutating func written(_ id: ValueID?) -> TensorLiteral? {
    if let literal = literal(id) { return literal }
    guard let id, let op = producer(of: id)?.op as? any TensorOp, op is Full || op is Iota,
      let shape = type(of: id).constantShape, let count = TensorLiteral.count(of: shape),
      count <= RewriteSite.writtenOutLimit
    else { return nil }
    return try? op.evaluate([], [type(of: id)]).first?.literal
  }
}
