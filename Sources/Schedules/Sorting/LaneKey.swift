import TensorIR
import TensorOps

/// A key as one number with a sign, for the vectors of a ``SortNetwork``. Where positions are wanted, it ends in the
/// position, so that equal elements keep their order.
struct LaneKey {
  let key: SortKey
  let givesPositions: Bool
  /// What it is kept in: 32 bits where these are enough.
  let storage: ElementType

  /// The bits of a position, which limits the length of lines.
  private static let positionBits = 12
  static let longestLine = 1 << positionBits

  /// Nil where key and position take more than 64 bits.
  init?(_ key: SortKey, givesPositions: Bool) {
    self.key = key
    self.givesPositions = givesPositions
    let bits = key.width + (givesPositions ? LaneKey.positionBits : 0)
    if bits > 64 { return nil }
    storage = bits > 32 ? .i64 : .i32
  }

  /// Greater than what any element has, or the same.
  var greatest: Expression {
    .literal(storage == .i64 ? Int.max : Int(Int32.max), LoopType(storage))
  }

  /// The sign bit of numbers that would fill all bits.
  private var sign: Expression? {
    key.width == key.storage.bitWidth ? .literal(1 << (key.width - 1), LoopType(key.storage)) : nil
  }

  /// The number for a key at a position.
  func number(_ own: Expression, at position: Expression) -> Expression {
    let signed: ElementType = key.storage == .u64 ? .i64 : .i32
    let plain = Expression.convert(sign.map { .binary(.bitXor, own, $0) } ?? own, signed)
    guard givesPositions else { return plain }
    let wide = storage == signed ? plain : Expression.convert(plain, storage)
    let shift = Expression.literal(LaneKey.positionBits, LoopType(storage))
    return .binary(.bitOr, .binary(.shiftLeft, wide, shift), .convert(position, storage))
  }

  /// What the result has for a number: its position, or its element.
  func result(_ number: Expression, _ builder: KernelBuilder) -> Expression {
    if givesPositions {
      let mask = Expression.literal(LaneKey.longestLine - 1, LoopType(storage))
      return .convert(.binary(.bitAnd, number, mask), .i64)
    }
    let plain = Expression.convert(number, key.storage)
    return key.element(builder.declare("key", sign.map { .binary(.bitXor, plain, $0) } ?? plain), builder)
  }
}
