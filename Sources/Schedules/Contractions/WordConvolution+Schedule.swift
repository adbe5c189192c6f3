import TensorIR
import TensorOps

extension ConvolutionInteger: ScheduledWords {}
extension ConvolutionBF16: ScheduledWords {}

extension WordConvolution where Self: ScheduledWords {
  func filterLayout(_ w: TensorType, _ x: ElementType, _ target: Target) -> Layout {
    Self.panels(rank: w.rank, width: Self.panelWidth(x, target), Self.together(x))
  }

  /// The convolution of words of some channels each, as one of numbers is written: channels innermost, and filled up with zeros
  /// to whole words.
  public func lower(_ group: Group, anchor: Operation, into sink: any KernelSink) throws {
    guard let x = anchor.operands[0], let w = anchor.operands[1] else { return }
    let (xType, wType) = (group.type(of: x), group.type(of: w))
    let result = group.type(of: anchor.results[0])
    let channelsLast = Layout.channelsLast(rank: xType.rank)
    guard result.layout == channelsLast else {
      throw Diagnostic("layout", "'\(name)' writes channels innermost, not \(result)")
    }
    let element = xType.elementType
    let words = xType.shape[1].ceilingDivided(by: Dimension(Self.together(element)))
    let order = [0] + Array(2..<xType.rank) + [1]
    let packed = PackedWords(group: group, sink: sink, together: Self.together(element))
    let rows = try packed.words(x, order: order)
    let layout = filterLayout(wType, element, sink.target)
    let panels = try packed.panels(w, layout: layout)
    func asWords(_ type: TensorType) -> TensorType {
      TensorType(result.elementType, [type.shape[0], words] + type.shape.dropFirst(2), layout: channelsLast)
    }
    try ContractionSchedule(
      group: group, anchor: anchor, sink: sink, left: (rows, result.elementType),
      right: (panels, result.elementType),
      problem: ofNumbers.problem(asWords(xType), asWords(wType), result, width: layout.blocks[0].size),
      multiply: Multiplication(wordsOf: element)
    ).lower()
  }
}

extension WordConvolution where Self: ScheduledWords {
  /// Channels innermost; constant filters in panels, packed once for all calls.
  public func build(_ operands: [ValueID?], _ builder: inout some LayoutBuilder) throws -> ValueID {
    guard let x = operands[0], let w = operands[1] else {
      throw Diagnostic("internal", "a convolution without operands")
    }
    let channelsLast = Layout.channelsLast(rank: builder.type(of: x).rank)
    let (xType, wType) = (builder.type(of: x), builder.type(of: w))
    let layout = builder.isConstant(w) ? filterLayout(wType, xType.elementType, builder.target) : .plain
    let ready = [try builder.reordered(x, channelsLast), try builder.reordered(w, layout)]
    return try builder.add(self, ready, layout: channelsLast)
  }
}
