import TensorIR
import TensorOps

extension FilterGradient: ScheduledOp {
  public func lower(_ group: Group, anchor: Operation, into sink: any KernelSink) throws {
    if let cotangent = anchor.operands[1], group.type(of: cotangent).layout != .channelsLast(rank: 4) {
      throw Diagnostic("layout", "'\(name)' reads filters innermost, not \(group.type(of: cotangent))")
    }
    try FilterGradientSchedule(self, group, anchor, sink).lower()
  }
}

extension FilterGradient: LayoutChoosingOp {
  /// Planes of images, and filters innermost.
  public func build(_ operands: [ValueID?], _ builder: inout some LayoutBuilder) throws -> ValueID {
    guard let x = operands[0], let cotangent = operands[1] else {
      throw Diagnostic("internal", "'\(name)' without operands")
    }
    let ready = [try builder.reordered(x, .plain), try builder.reordered(cotangent, .channelsLast(rank: 4))]
    return try builder.add(self, ready, layout: .plain)
  }

  /// A convolution with windows of whole images, which is what gradients of filters are, of few channels: they are its images, and the
  /// filters of the cotangent its filters.
  ///
  /// - Parameters:
  ///   - x: the images, with their padding: [c, n, h, w].
  ///   - w: the windows: [o, n, oh, ow].
  init?(_ op: Convolution, _ x: TensorType, _ w: TensorType, _ target: Target) {
    guard op.groups == 1, x.rank == 4, x.elementType == .f32, op.strides.allSatisfy({ $0 == 1 }),
      let channels = x.shape[0].constant, 1...4 ~= channels, let filters = w.shape[0].constant, filters > 0,
      filters % WinogradConvolution.together == 0, let lines = w.shape[2].constant, let positions = w.shape[3].constant
    else { return nil }
    let kernel = (0..<2).compactMap { axis -> Int? in
      guard let size = x.shape[axis + 2].constant, let window = w.shape[axis + 2].constant else { return nil }
      return size - (window - 1) * op.dilations[axis]
    }
    // Windows that are a good deal larger than the result.
    guard kernel.count == 2, kernel.allSatisfy({ 1...16 ~= $0 }), kernel[0] * kernel[1] > 1,
      lines * positions >= 4 * kernel[0] * kernel[1]
    else { return nil }
    let all = lines * (x.shape[1].constant ?? target.tuning.rows.manyRows)
    self.init(kernel: kernel, strides: op.dilations, parts: max(min(target.tuning.rows.manyRows, all), 1))
  }

  /// The convolution that this op stands for: [c, o, taps down, taps across].
  ///
  /// - Parameters:
  ///   - x: images [n, c, h, w].
  ///   - cotangent: [n, o, oh, ow].
  func filters(_ x: ValueID, _ cotangent: ValueID, _ builder: inout some LayoutBuilder) throws -> ValueID {
    let channels = builder.type(of: x).shape[1]
    let sums = try build([x, cotangent], &builder)
    let sum = try builder.add(Sum(axes: [0]), [sums], layout: nil)
    let taps = kernel.map { Dimension($0) }
    let apart = try builder.reshaped(sum, [channels] + taps + [builder.type(of: cotangent).shape[1]])
    // As the gradient lies that exchanges the first two axes.
    return try builder.add(Transpose([0, 3, 1, 2]), [apart], layout: Layout(order: [1, 0, 2, 3]))
  }
}
