import TensorIR

/// An op that is made from nothing: its elements follow from its attributes and sizes.
public protocol KnownOp: TensorOp {
  var elementType: ElementType { get }
  /// The number that all elements are; nil if they differ, or if it is none that a double can hold.
  var splat: Double? { get }
  /// The only element, an integer or a truth value (0 or 1), exactly; nil where there are others or where it is a float.
  var onlyInteger: Int? { get }
}

extension Full: KnownOp {
  public var splat: Double? { value }
  public var onlyInteger: Int? { elementType.isFloat ? nil : Int(exactly: value) }
}

extension Iota: KnownOp {
  public var splat: Double? { nil }
  public var onlyInteger: Int? { nil }
}

extension Constant: KnownOp {
  public var elementType: ElementType { value.elementType }
  public var splat: Double? { value.splat }
  public var onlyInteger: Int? {
    value.count == 1 && !value.elementType.isFloat && value.elementType.bitWidth >= 8
      ? ReferenceTensor(value).integers.first : nil
  }
}

extension TensorLiteral {
  /// The number that every element is; nil if they differ, if there is none, or if it is none that a double can hold.
  public var splat: Double? {
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
