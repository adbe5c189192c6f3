import TensorIR
import TensorOps

extension RandomBits: ScheduledOp {
  public func lower(_ group: Group, anchor: Operation, into sink: any KernelSink) throws {
    guard let operand = anchor.operands[0] else { return }
    let builder = KernelBuilder(name: name, comments: group.comments, for: sink.target)
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

  /// Blocks that one piece of work makes.
  private static let pieceBlocks = 1024

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
