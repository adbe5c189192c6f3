import TensorIR

/// Random words from a counter: Philox 4×32 with ten rounds (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy
/// as 1, 2, 3", SC 2011). Block `n` of four words is a function of the key and of the counter plus `n` alone, so words are
/// made in any order and by any number of threads, and are the same on every machine.
///
/// The operand is u32 [6]: the counter of the first block, its lowest word first, and the key. What is added to the counter
/// carries into its second word and no further.
public struct RandomBits: TensorOp, NotDifferentiable {
  public static let name = "random_bits"
  public static let summary =
    "Random words of 32 bits by Philox 4x32-10, from four words of a counter and two of a key."
  public static let signature = Signature.operands(1)
  /// The shape of the result; elements take the words of block after block in row-major order.
  public var shape: [Dimension]
  public init(_ shape: [Dimension]) { self.shape = shape }

  package static let rounds = 10
  /// What the counter's first and third word are multiplied by.
  package static let factors: (UInt64, UInt64) = (0xD251_1F53, 0xCD9E_8D57)
  /// What is added to the key in each round: the golden ratio, and the square root of 3 less 1, as fractions of 2³².
  package static let steps: (UInt32, UInt32) = (0x9E37_79B9, 0xBB67_AE85)

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    let state = operands[0]
    let message = "'\(name)' takes four words of a counter and two of a key, u32[6], not \(state)"
    guard state.elementType == .u32, state.rank == 1 else { throw Diagnostic("shape-mismatch", message) }
    try context.require(state.shape[0], equals: 6, message)
    return [TensorType(.u32, shape)]
  }

  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    let shape = try Evaluator.numbers(types[0])
    let state = operands[0].integers.map { UInt32(truncatingIfNeeded: $0) }
    let words = RandomBits.words(
      shape.reduce(1, *), from: UInt64(state[1]) << 32 | UInt64(state[0]), above: (state[2], state[3]),
      key: (state[4], state[5]))
    return [ReferenceTensor(.u32, shape, integers: words.map { Int($0) })]
  }

  /// The words of a block by the published definition: a counter, its lowest word first, and a key.
  public static func block(_ counter: Block, key: (UInt32, UInt32)) -> Block {
    var (x, key) = (counter, key)
    for _ in 0..<rounds {
      let (first, second) = (UInt64(x.0) * factors.0, UInt64(x.2) * factors.1)
      x = (
        UInt32(second >> 32) ^ x.1 ^ key.0, UInt32(truncatingIfNeeded: second),
        UInt32(first >> 32) ^ x.3 ^ key.1, UInt32(truncatingIfNeeded: first)
      )
      key = (key.0 &+ steps.0, key.1 &+ steps.1)
    }
    return x
  }

  /// Four words: a counter, or what is made of it.
  public typealias Block = (UInt32, UInt32, UInt32, UInt32)

  /// The first `count` words of the blocks from a counter on, whose lower half is `counter` and whose upper half is
  /// `above`.
  public static func words(
    _ count: Int, from counter: UInt64, above: (UInt32, UInt32) = (0, 0), key: (UInt32, UInt32)
  ) -> [UInt32] {
    var result: [UInt32] = []
    result.reserveCapacity(count + 3)
    var low = counter
    while result.count < count {
      let made = block(
        (UInt32(truncatingIfNeeded: low), UInt32(truncatingIfNeeded: low >> 32), above.0, above.1), key: key)
      result += [made.0, made.1, made.2, made.3]
      low &+= 1
    }
    return Array(result.prefix(count))
  }

}
