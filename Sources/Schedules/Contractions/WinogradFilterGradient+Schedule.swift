import TensorIR
import TensorOps

extension WinogradFilterGradient: ScheduledOp {
  public func lower(_ group: Group, anchor: Operation, into sink: any KernelSink) throws {
    for operand in anchor.operands.compactMap({ $0 }) where group.type(of: operand).layout != .channelsLast(rank: 4) {
      throw Diagnostic("layout", "'\(name)' reads channels innermost, not \(group.type(of: operand))")
    }
    try WinogradGradientSchedule(self, group, anchor, sink).lower()
  }
}

extension WinogradFilterGradient: LayoutChoosingOp {
  /// Channels innermost.
  public func build(_ operands: [ValueID?], _ builder: inout some LayoutBuilder) throws -> ValueID {
    let channelsLast = Layout.channelsLast(rank: 4)
    let ready = try operands.compactMap { $0 }.map { try builder.reordered($0, channelsLast) }
    return try builder.add(self, ready, layout: .plain)
  }

  /// A convolution with windows of whole images and a result of 3 by 3 positions, which is what gradients of such filters are, in this
  /// form, where it can have it and is faster so. Its images are the channels of this op's, and its filters the cotangent's.
  ///
  /// - Parameters:
  ///   - x: the images, with their padding: [c, n, h, w].
  ///   - w: the windows: [o, n, h - 2, w - 2].
  init?(_ op: Convolution, _ x: TensorType, _ w: TensorType, _ target: Target) {
    let products = target.tuning.products
    guard products.usesWinograd, op.groups == 1, x.rank == 4, x.elementType == .f32,
      (op.strides + op.dilations).allSatisfy({ $0 == 1 }), let channels = x.shape[0].constant,
      let filters = w.shape[0].constant, channels > 0, filters > 0,
      [channels, filters].allSatisfy({ $0 % WinogradConvolution.together == 0 }),
      let height = x.shape[2].constant, let width = x.shape[3].constant, height >= 6, width >= 6,
      w.shape.suffix(2) == [Dimension(height - 2), Dimension(width - 2)]
    else { return nil }
    let shape = TileShape.matmul(target)
    let result = TensorType(.f32, [1, 16, Dimension(channels), Dimension(filters)])
    let blocks = WinogradGradientSchedule.Sizes(result, shape, target).blocks(result)
    guard let down = blocks.channels.constant, let across = blocks.filters.constant else { return nil }
    // Enough pieces for all threads, of some chunks each.
    self.init(parts: max(target.tuning.rows.manyRows / (down * across), 1))
    let tiles = ((height - 1) / 2) * ((width - 1) / 2) * (x.shape[1].constant ?? 16)
    let used = Double((height - 2) * (width - 2)) / Double(((height - 1) / 2) * ((width - 1) / 2) * 4)
    let transforms = products.winogradTransform * Double(channels * across + filters * down)
    let ours = (16 * Double(channels * filters) + transforms) / used
    if tiles < parts * products.fewestTiles || ours >= 0.8 * 36 * Double(channels * filters) { return nil }
  }

  /// The convolution that this op stands for: [c, o, 3, 3].
  ///
  /// - Parameters:
  ///   - x: images [n, c, h, w].
  ///   - cotangent: [n, o, h - 2, w - 2].
  func filters(_ x: ValueID, _ cotangent: ValueID, _ builder: inout some LayoutBuilder) throws -> ValueID {
    guard let numbers = WinogradConvolution.filterTransform else {
      throw Diagnostic("internal", "no transform of filters")
    }
    let sums = try build([x, cotangent], &builder)
    let shape = builder.type(of: sums).shape
    let sum = try builder.add(Sum(axes: [0]), [sums], layout: nil)
    let cells = try builder.reshaped(sum, [16, shape[2] * shape[3]])
    let product = try builder.add(
      Matmul(transposeLeft: true), [try builder.constant(numbers), cells], layout: nil)
    let apart = try builder.reshaped(product, [3, 3, shape[2], shape[3]])
    // As the gradient lies that exchanges the first two axes.
    return try builder.add(Transpose([2, 3, 0, 1]), [apart], layout: Layout(order: [1, 0, 2, 3]))
  }
}
