import TensorIR
import TensorOps

extension WinogradConvolution: ScheduledOp {
  public func acceptsTileFusion(_ types: [TensorType]) -> Bool { true }

  public func lower(_ group: Group, anchor: Operation, into sink: any KernelSink) throws {
    guard let u = anchor.operands[1] else { return }
    let type = group.type(of: u)
    let width = TileShape.matmul(sink.target).columns(sink.target, type.elementType)
    try requirePanels(type.layout == Self.panels(width: width), type)
    try WinogradSchedule(self, group, anchor, sink).lower()
  }
}

extension WinogradConvolution: LayoutChoosingOp {
  /// Channels innermost, filters in panels.
  public func build(_ operands: [ValueID?], _ builder: inout some LayoutBuilder) throws -> ValueID {
    guard let x = operands[0], let u = operands[1] else { throw Diagnostic("internal", "'\(name)' without operands") }
    let layout = Layout.channelsLast(rank: builder.type(of: x).rank)
    let width = TileShape.matmul(builder.target).columns(builder.target, builder.type(of: u).elementType)
    let ready = [try builder.reordered(x, layout), try builder.reordered(u, Self.panels(width: width))]
    return try builder.add(self, ready, layout: layout)
  }

  /// Filters [o, c, spatial…, 3, 3] as this op takes them: known ones are transformed here, others by each run, by a product with the
  /// 16 by 9 numbers of G ⊗ G.
  static func transformed(_ w: ValueID, _ builder: inout some LayoutBuilder) throws -> ValueID {
    if let literal = builder.literal(w), let known = transformed(literal) { return try builder.constant(known) }
    guard let numbers = filterTransform else { throw Diagnostic("internal", "no transform of filters") }
    let shape = builder.type(of: w).shape
    let rank = shape.count
    let order = [rank - 2, rank - 1] + (2..<(rank - 2)) + [1, 0]
    let plain = try builder.reordered(w, .plain)
    let turned = try builder.add(Transpose(order), [plain], layout: nil)
    let steps = shape[1..<(rank - 2)].reduce(1, *)
    let cells = try builder.reshaped(turned, [9, steps * shape[0]])
    let products = try builder.add(Matmul(), [try builder.constant(numbers), cells], layout: nil)
    return try builder.reshaped(products, [16, steps, shape[0]])
  }

  /// A convolution of x, which has its padding already, in this form, where it can have it and is faster so.
  ///
  /// - Parameter isKnown: whether the filters are known when the function is compiled.
  init?(_ op: Convolution, _ x: TensorType, _ w: TensorType, isKnown: Bool, _ target: Target) {
    let rank = x.rank
    guard target.tuning.products.usesWinograd, op.groups == 1, rank >= 4, x.elementType == .f32,
      Array(w.shape.suffix(2)) == [3, 3], (op.strides.suffix(2) + op.dilations.suffix(2)).allSatisfy({ $0 == 1 }),
      let shape = w.constantShape, shape[1] % Self.together == 0
    else { return nil }
    let outer = rank - 4
    self.init(
      kernel: Array(shape[2..<(rank - 2)]), strides: Array(op.strides.prefix(outer)),
      dilations: Array(op.dilations.prefix(outer)))
    if !isWorth(steps: taps * shape[1], filters: shape[0], x, isKnown: isKnown, target) { return nil }
  }

  /// Compares instructions on vectors for a tile of four results. What a transform takes for a step, or a filter, counts a few
  /// instructions for each of 16 places; results beyond an edge are computed for nothing.
  private func isWorth(steps: Int, filters: Int, _ x: TensorType, isKnown: Bool, _ target: Target) -> Bool {
    let edges = x.shape.suffix(2).map { ($0 - 2).constant }
    let used = edges.reduce(1.0) { $0 * ($1.map { Double($0) / Double(($0 + 1) / 2 * 2) } ?? 1) }
    let tiles = edges.reduce(1) { $0 * ($1.map { ($0 + 1) / 2 } ?? 64) }
    let transforms = target.tuning.products.winogradTransform * Double(steps + filters)
    // A run that transforms filters multiplies 16 by 9 for each of them, and moves the results twice. It does so for a batch.
    let batch = x.shape[0].constant
    let filterTransforms =
      isKnown ? 0 : 3 * 16 * 9 * Double(steps) * Double(filters) / Double(max(tiles * (batch ?? 16), 1))
    let ours = (16 * Double(steps) * Double(filters) + transforms) / used + filterTransforms
    return tiles * (batch ?? 1) >= target.tuning.products.fewestWinogradTiles
      && ours < 0.8 * 36 * Double(steps) * Double(filters)
  }
}
