import TensorIR
import TensorOps

extension Convolution: LayoutChoosingOp {
  /// Channels innermost, filters in panels. Padding becomes an operation of its own that fuses with whatever makes x, and the
  /// bias one that fuses behind.
  public func build(_ operands: [ValueID?], _ builder: inout some LayoutBuilder) throws -> ValueID {
    guard let x = operands[0], let w = operands[1] else {
      throw Diagnostic("internal", "a convolution without operands")
    }
    let types = (builder.type(of: x), builder.type(of: w))
    if let gradient = try filterGradient(operands, &builder) { return gradient }
    let channelsLast = Layout.channelsLast(rank: types.0.rank)
    var input = readsPlanes(types.0, types.1) ? x : try builder.reordered(x, channelsLast)
    let isGrouped = isGrouped(types.0, types.1)
    var bare = self
    if groups == 1 || isGrouped {
      input = try padded(input, &builder)
      bare.before = before.map { _ in 0 }
      bare.after = bare.before
    }
    let result = try bare.product(input, w, &builder)
    guard operands.count > 2, let bias = operands[2] else { return result }
    let shape = [1, types.1.shape[0]] + types.0.shape.dropFirst(2).map { _ in Dimension(1) }
    let column = try builder.add(Reshape(shape), [bias], layout: nil)
    return try builder.add(Add(), [result, column], layout: nil)
  }
}

extension Convolution {
  /// Images with the padding as elements of theirs.
  private func padded(_ x: ValueID, _ builder: inout some LayoutBuilder) throws -> ValueID {
    if (before + after).allSatisfy({ $0 == 0 }) { return x }
    let pad = Pad(
      before: [0, 0] + before.map { Dimension($0) }, after: [0, 0] + after.map { Dimension($0) }, mode: .constant,
      value: 0)
    return try builder.add(pad, [x], layout: builder.type(of: x).layout)
  }

  /// The convolution by a kernel of its own, where it is the gradient of filters: its images are the channels of those that a
  /// convolution read, and its windows the cotangents of that one's results.
  private func filterGradient(_ operands: [ValueID?], _ builder: inout some LayoutBuilder) throws -> ValueID? {
    guard operands.count == 2, let x = operands[0], let w = operands[1], !builder.isConstant(w) else { return nil }
    let (type, windows) = (builder.type(of: x), builder.type(of: w))
    let margins = [0, 0] + zip(before, after).map { $0 + $1 }
    let all = type.with(shape: zip(type.shape, margins).map { $0 + Dimension($1) })
    if let op = WinogradFilterGradient(self, all, windows, builder.target) {
      let images = try builder.reordered(try builder.exchanged(x), .channelsLast(rank: 4))
      return try op.filters(try padded(images, &builder), try builder.exchanged(w), &builder)
    }
    if let op = FilterGradient(self, all, windows, builder.target) {
      let images = try builder.reordered(try builder.exchanged(x), .plain)
      return try op.filters(try padded(images, &builder), try builder.exchanged(w), &builder)
    }
    return nil
  }

  /// The convolution without padding and bias, with filters as its kernels read them.
  private func product(_ x: ValueID, _ w: ValueID, _ builder: inout some LayoutBuilder) throws -> ValueID {
    let types = (builder.type(of: x), builder.type(of: w))
    if let winograd = WinogradConvolution(self, types.0, types.1, isKnown: builder.isConstant(w), builder.target) {
      return try winograd.build([x, try WinogradConvolution.transformed(w, &builder)], &builder)
    }
    let own = isGrouped(types.0, types.1) ? try builder.reshaped(w, grouped(types.1)) : w
    let filters = try builder.reordered(own, filterLayout(types.0, builder.type(of: own), builder.target))
    return try builder.add(self, [x, filters], layout: .channelsLast(rank: types.0.rank))
  }

  /// The shape of filters group by group.
  private func grouped(_ w: TensorType) -> [Dimension] {
    [Dimension(groups), w.shape[0].floorDivided(by: Dimension(groups))] + w.shape.dropFirst()
  }
}

extension Matmul: LayoutChoosingOp {
  /// A constant right operand in panels, packed once for all calls.
  public func build(_ operands: [ValueID?], _ builder: inout some LayoutBuilder) throws -> ValueID {
    guard let right = operands[1] else { throw Diagnostic("internal", "a product without operands") }
    let layout = rightLayout(builder.type(of: right), builder.target)
    let packed = builder.isConstant(right) ? try builder.reordered(right, layout) : right
    return try builder.add(self, [operands[0], packed], layout: nil)
  }
}
