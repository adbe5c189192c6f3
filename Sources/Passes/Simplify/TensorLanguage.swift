import TensorIR
import TensorOps

/// Tells the rewrite engine which ops there are and which of their results are a number.
struct TensorLanguage: RewriteLanguage {
  let ops = OpDirectory(Registry.types)

  func isSplat(_ op: any Op, of number: Double) -> Bool {
    guard let op = op as? any KnownOp, let value = op.splat else { return false }
    return TensorLanguage.isEqual(value, number, op.elementType)
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
    return operation.op is any KnownOp
  }

  /// Elements beyond which a range or a number is not written out.
  static let writtenOutLimit = 4096

  /// The elements of a constant, or of a number or range that is small when written out.
  mutating func written(_ id: ValueID?) -> TensorLiteral? {
    if let literal = literal(id) { return literal }
    guard let id, let op = producer(of: id)?.op as? any KnownOp,
      let shape = type(of: id).constantShape, let count = TensorLiteral.count(of: shape),
      count <= RewriteSite.writtenOutLimit
    else { return nil }
    return try? op.evaluate([], [type(of: id)]).first?.literal
  }
}
