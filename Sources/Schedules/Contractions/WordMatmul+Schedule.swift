import TensorIR
import TensorOps

/// A product of words with kernels: see ``WordProduct``.
public protocol ScheduledWords: WordProduct, ScheduledOp, LayoutChoosingOp {
}

extension ScheduledWords {
  public func acceptsTileFusion(_ types: [TensorType]) -> Bool { true }

  /// Both operands are packed, and what makes them can be computed on the way.
  public func acceptsLoadFusion(_ operand: Int, _ types: [TensorType]) -> Bool {
    types[operand].layout.blocks.isEmpty
  }

  /// Panels of words are as wide as panels of numbers of 32 bits.
  static func panelWidth(_ left: ElementType, _ target: Target) -> Int {
    Multiplication(wordsOf: left).shape(target).columns(target, .i32)
  }
}

extension MatmulInteger: ScheduledWords {}
extension MatmulBF16: ScheduledWords {}

extension WordMatmul where Self: ScheduledWords {
  /// The panels of a right operand.
  func rightLayout(_ type: TensorType, _ left: ElementType, _ target: Target) -> Layout {
    Self.panels(rank: type.rank, width: Self.panelWidth(left, target), Self.together(left))
  }

  /// The steps of a word lie together in both operands. Rows of the left operand are copied to whole words, the last one
  /// filled up with zeros, as the panels are.
  public func lower(_ group: Group, anchor: Operation, into sink: any KernelSink) throws {
    guard let left = anchor.operands[0], let right = anchor.operands[1] else { return }
    let (a, b) = (group.type(of: left), group.type(of: right))
    let result = group.type(of: anchor.results[0])
    let together = Self.together(a.elementType)
    let words = a.shape[a.rank - 1].ceilingDivided(by: Dimension(together))
    let layout = rightLayout(b, a.elementType, sink.target)
    let packed = PackedWords(group: group, sink: sink, together: together)
    let rows = try packed.words(left, order: Array(0..<a.rank))
    let panels = try packed.panels(right, layout: layout)
    try ContractionSchedule(
      group: group, anchor: anchor, sink: sink, left: (rows, result.elementType),
      right: (panels, a.elementType == .i16 ? .i16 : result.elementType),
      problem: problem(a, b, result, layout, words: words), multiply: Multiplication(wordsOf: a.elementType)
    ).lower()
  }

  private func problem(
    _ a: TensorType, _ b: TensorType, _ result: TensorType, _ layout: Layout, words: Dimension
  ) -> ContractionProblem {
    let (m, n) = (result.shape[result.rank - 2], result.shape[result.rank - 1])
    let (batch, aBatch) = (Array(result.shape.dropLast(2)), Array(a.shape.dropLast(2)))
    let bBatch = Array(b.shape.dropLast(2))
    // The rows of all batches lie one after the other.
    let joins = bBatch.allSatisfy { $0 == 1 } && aBatch == batch
    let width = Dimension(layout.blocks[0].size)
    let matrix = n.ceilingDivided(by: width) * width * words
    func strides(_ own: [Dimension], _ inner: Dimension) -> [Dimension] {
      own.indices.map { axis in own[(axis + 1)...].reduce(inner, *) }
    }
    return ContractionProblem(
      blocks: joins ? 1 : batch.reduce(1, *), rows: joins ? batch.reduce(1, *) * m : m, columns: n,
      leftOrigin: { joins ? 0 : Matmul.origin($0, $1, batch, aBatch, strides(aBatch, m * words)) },
      rightOrigin: { joins ? 0 : Matmul.origin($0, $1, batch, bBatch, strides(bBatch, matrix)) },
      leftRow: words, leftStep: 1, runLength: words)
  }
}

extension WordMatmul where Self: ScheduledWords {
  /// Bytes as 16 bits, where a processor multiplies those and no bytes. Zen 3, 128 by 384 by 1536 on one thread: 1.05 ms, and 1.23
  /// where a tile widens the bytes of both operands. The convolutions of a network lost 5 % by it.
  private func widened(_ left: ValueID, _ builder: inout some LayoutBuilder) throws -> ValueID {
    let isOfBytes = builder.type(of: left).elementType == .u8
    return isOfBytes && !builder.target.hasByteProducts ? try builder.converted(left, to: .i16) : left
  }

  /// A constant right operand in panels, packed once for all calls.
  public func build(_ operands: [ValueID?], _ builder: inout some LayoutBuilder) throws -> ValueID {
    guard let left = operands[0], let right = operands[1] else {
      throw Diagnostic("internal", "a product without operands")
    }
    let rows = try widened(try builder.reordered(left, .plain), &builder)
    let element = builder.type(of: rows).elementType
    let layout = builder.isConstant(right) ? rightLayout(builder.type(of: right), element, builder.target) : .plain
    return try builder.add(self, [rows, try builder.reordered(right, layout)], layout: nil)
  }
}
