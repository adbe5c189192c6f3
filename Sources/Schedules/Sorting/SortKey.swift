import TensorIR
import TensorOps

/// Elements as unsigned numbers of as few bits as they need, whose order is the elements'.
///
/// A float's bits order as sign and magnitude: flipping all bits of a negative one, and the sign of others, makes a plain
/// number of it. Both zeros get one key, and every NaN the greatest.
struct SortKey {
  let element: ElementType
  let descending: Bool
  /// How many bits of a key matter.
  let width: Int
  /// Bits at the bottom of the compute type that are always 0: half types are read as f32.
  private let dropped: Int
  /// What keys are kept in.
  let storage: ElementType

  init(_ element: ElementType, descending: Bool) {
    self.element = element
    self.descending = descending
    dropped = element == .bf16 ? 16 : element == .f16 ? 13 : 0
    width = element == .bool ? 1 : max(element.computeType.bitWidth, element.bitWidth) - dropped
    storage = width > 32 ? .u64 : .u32
  }

  private var type: LoopType { LoopType(storage) }
  private func bits(_ value: Int) -> Expression { .literal(value, type) }
  private var mask: Int { width == 64 ? -1 : (1 << width) - 1 }
  private var sign: Int { 1 << (width - 1) }

  /// The key of an element.
  func key(_ x: Expression, _ builder: KernelBuilder) -> Expression {
    let key = ascending(x, builder)
    return builder.declare("key", descending ? .binary(.bitXor, key, bits(mask)) : key)
  }

  private func ascending(_ x: Expression, _ builder: KernelBuilder) -> Expression {
    guard element.isFloat else {
      let raw = Expression.convert(x, storage)
      let own = width < 32 && element.isSigned ? Expression.binary(.bitAnd, raw, bits(mask)) : raw
      return element.isSigned ? .binary(.bitXor, own, bits(sign)) : own
    }
    let raw = builder.declare("bits", pattern(x))
    let flipped = Expression.select(
      .binary(.greaterEqual, raw, bits(sign)), .binary(.bitXor, raw, bits(mask)), .binary(.bitXor, raw, bits(sign)))
    let number = Expression.select(.binary(.equal, raw, bits(sign)), bits(sign), flipped)
    return .select(.binary(.notEqual, x, x), bits(mask), number)
  }

  /// The bits of a float, those left out that are always 0.
  private func pattern(_ x: Expression) -> Expression {
    let signed: ElementType = storage == .u64 ? .i64 : .i32
    let whole = Expression.convert(.bitcast(x, signed), storage)
    return dropped == 0 ? whole : .binary(.shiftRight, whole, bits(dropped))
  }

  /// The element that a key stands for; 0 for both zeros.
  func element(_ key: Expression, _ builder: KernelBuilder) -> Expression {
    let own = descending ? builder.declare("own", .binary(.bitXor, key, bits(mask))) : key
    let compute = element.computeType
    guard element.isFloat else {
      if element == .bool { return .binary(.notEqual, own, bits(0)) }
      return .convert(element.isSigned ? .binary(.bitXor, own, bits(sign)) : own, compute)
    }
    let raw = Expression.select(
      .binary(.greaterEqual, own, bits(sign)), .binary(.bitXor, own, bits(sign)), .binary(.bitXor, own, bits(mask)))
    let whole = dropped == 0 ? raw : Expression.binary(.shiftLeft, raw, bits(dropped))
    return .bitcast(.convert(whole, storage == .u64 ? .i64 : .i32), compute)
  }

  /// Whether an element is -0.
  func isNegativeZero(_ x: Expression) -> Expression { .binary(.equal, pattern(x), bits(sign)) }

  /// Whether a key stands before both zeros.
  func isBeforeZero(_ key: Expression) -> Expression { .less(key, bits(descending ? sign ^ mask : sign)) }
}
