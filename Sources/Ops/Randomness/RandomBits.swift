import TensorIR

/// Random words from a counter: Philox 4×32 with ten rounds (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy
/// as 1, 2, 3", SC 2011). Block `n` of four words is a function of the key and of the counter plus `n` alone, so words are
/// made in any order and by any number of threads, and are the same on every machine.
///
/// The operand is u32 [6]: the counter of the first block, its lowest word first, and the key. What is added to the counter
/// carries into its second word and no further.
public struct RandomBits: ScheduledOp, NotDifferentiable {
  public static let name = "random_bits"
  public static let summary =
    "Random words of 32 bits by Philox 4x32-10, from four words of a counter and two of a key."
  public static let signature = Signature.operands(1)
  /// The shape of the result; elements take the words of block after block in row-major order.
  public var shape: [Dimension]
  public init(_ shape: [Dimension]) { self.shape = shape }

  static let rounds = 10
  /// What the counter's first and third word are multiplied by.
  static let factors: (UInt64, UInt64) = (0xD251_1F53, 0xCD9E_8D57)
  /// What is added to the key in each round: the golden ratio, and the square root of 3 less 1, as fractions of 2³².
  static let steps: (UInt32, UInt32) = (0x9E37_79B9, 0xBB67_AE85)

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

  /// Blocks that one piece of work makes.
  private static let pieceBlocks = 1024

  public func lower(_ group: Group, anchor: Operation, into sink: any KernelSink) throws {
    guard let operand = anchor.operands[0] else { return }
    let builder = KernelBuilder(name: name, comments: group.comments)
    let state = builder.parameter("state", .u32, .read)
    let result = builder.parameter("y", .u32, .write)
    let count = group.type(of: anchor.results[0]).count
    let size = builder.extent(count)
    let words = (0..<6).map { builder.declare("word\($0)", .load(state, .integer($0), lanes: 1)) }
    let low = builder.declare(
      "low", .binary(.bitOr, .binary(.shiftLeft, wide(words[1]), wide(32)), wide(words[0])))
    let blocks = builder.declare("blocks", (size + 3) / 4)
    let piece = Expression.integer(RandomBits.pieceBlocks)
    builder.parallel("piece", count: (blocks + piece - 1) / piece) { number in
      let from = builder.declare("from", number * piece)
      let to = builder.declare("to", .minimum(from + piece, blocks))
      let whole = builder.declare("whole", .minimum(to, size / 4))
      builder.loop("block", from: from, to: whole) { block in
        for (place, word) in self.words(block, low, words, builder).enumerated() {
          builder.store(result, block * 4 + .integer(place), word)
        }
      }
      builder.loop("block", from: whole, to: to) { block in
        for (place, word) in self.words(block, low, words, builder).enumerated() {
          let target = builder.declare("target", block * 4 + .integer(place))
          builder.branch(.less(target, size)) { builder.store(result, target, word) }
        }
      }
    }
    let references = [try sink.buffer(of: operand), try sink.buffer(of: anchor.results[0])]
    sink.call(builder, buffers: references, work: count * Dimension(2 * Work.element), at: group.location)
  }

  private func wide(_ word: Expression) -> Expression { .convert(word, .u64) }
  private func wide(_ value: Int) -> Expression { .literal(value, LoopType(.u64)) }
  private func high(_ value: Expression) -> Expression { .convert(.binary(.shiftRight, value, wide(32)), .u32) }

  /// The words of a block, in loops.
  private func words(
    _ block: Expression, _ low: Expression, _ state: [Expression], _ builder: KernelBuilder
  ) -> [Expression] {
    let counter = builder.declare("counter", .binary(.add, low, wide(block)))
    var x = [
      builder.declare("x", .convert(counter, .u32)), builder.declare("x", high(counter)), state[2], state[3],
    ]
    var key = (state[4], state[5])
    for round in 0..<RandomBits.rounds {
      let first = builder.declare("product", .binary(.multiply, wide(x[0]), wide(Int(RandomBits.factors.0))))
      let second = builder.declare("product", .binary(.multiply, wide(x[2]), wide(Int(RandomBits.factors.1))))
      x = [
        builder.declare("x", .binary(.bitXor, .binary(.bitXor, high(second), x[1]), key.0)),
        builder.declare("x", .convert(second, .u32)),
        builder.declare("x", .binary(.bitXor, .binary(.bitXor, high(first), x[3]), key.1)),
        builder.declare("x", .convert(first, .u32)),
      ]
      if round < RandomBits.rounds - 1 {
        let type = LoopType(.u32)
        key.0 = builder.declare("key", .binary(.add, key.0, .literal(Int(RandomBits.steps.0), type)))
        key.1 = builder.declare("key", .binary(.add, key.1, .literal(Int(RandomBits.steps.1), type)))
      }
    }
    return x
  }
}
