import TensorIR

/// How a window moves over the spatial axes, those from axis 2 on; one entry for each of them. Output o sees the
/// elements at `o stride - before + tap dilation` for every tap below the kernel's extent; outside there is padding.
public struct Window: Codable, Hashable, Sendable {
  /// How many elements the window takes on each axis.
  public var kernel: [Int]
  /// How far neighbouring outputs' windows lie apart.
  public var strides: [Int]
  /// The padding before and behind the axis.
  public var before: [Int]
  public var after: [Int]
  /// How far neighbouring taps lie apart.
  public var dilations: [Int]
  /// Whether a last window that reaches beyond the padding counts, provided it does not start there.
  public var ceilMode: Bool

  public init(
    kernel: [Int], strides: [Int]? = nil, before: [Int]? = nil, after: [Int]? = nil, dilations: [Int]? = nil,
    ceilMode: Bool = false
  ) {
    self.kernel = kernel
    self.strides = strides ?? kernel.map { _ in 1 }
    self.before = before ?? kernel.map { _ in 0 }
    self.after = after ?? kernel.map { _ in 0 }
    self.dilations = dilations ?? kernel.map { _ in 1 }
    self.ceilMode = ceilMode
  }

  package var count: Int { kernel.count }

  /// The number of elements that one window takes.
  package var size: Int { kernel.reduce(1, *) }

  /// Whether no window reaches into padding along an axis.
  package func isInside(_ axis: Int) -> Bool { before[axis] == 0 && after[axis] == 0 && !ceilMode }

  /// The elements from the first tap to the last on one axis.
  package func span(_ axis: Int) -> Int { (kernel[axis] - 1) * dilations[axis] + 1 }

  /// Requires entries that make sense for a tensor of shape [batch, channels, spatial axes …].
  func check(_ x: TensorType, _ name: String, _ context: inout InferenceContext) throws {
    guard x.rank == count + 2, count > 0 else {
      throw Diagnostic(
        "shape-mismatch", "'\(name)' with a window over \(count) axes takes rank \(count + 2) and was given \(x)")
    }
    try check(lastAxesOf: x, name, &context)
  }

  /// Requires entries that make sense for the last axes of a tensor.
  func check(lastAxesOf x: TensorType, _ name: String, _ context: inout InferenceContext) throws {
    let lead = x.rank - count
    guard lead >= 0, count > 0 else {
      throw Diagnostic("shape-mismatch", "'\(name)' with a window over \(count) axes was given \(x), which has fewer")
    }
    guard [strides, before, after, dilations].allSatisfy({ $0.count == count }) else {
      throw Diagnostic("bad-attribute", "'\(name)' needs strides, padding and dilations for each of \(count) axes")
    }
    guard (kernel + strides + dilations).allSatisfy({ $0 > 0 }), (before + after).allSatisfy({ $0 >= 0 }) else {
      throw Diagnostic(
        "bad-attribute", "'\(name)' needs positive extents, strides and dilations and padding from 0 on")
    }
    let taps = TensorLiteral.count(of: kernel) ?? .max
    guard taps <= AttributeDecoder.greatest else {
      throw Diagnostic("bad-attribute", "the window of '\(name)' has more than \(AttributeDecoder.greatest) taps")
    }
    for axis in 0..<count {
      let padded = x.shape[axis + lead] + Dimension(before[axis] + after[axis])
      try context.require(
        Dimension(span(axis)), atMost: padded,
        "the window of '\(name)' takes \(span(axis)) elements of axis \(axis + lead) of \(x), more than there are")
    }
  }

  /// The shape of the result for an operand's.
  func outputShape(_ shape: [Dimension]) -> [Dimension] {
    shape.prefix(2) + (0..<count).map { outputExtent($0, shape[$0 + 2]) }
  }

  /// The number of outputs along a spatial axis of an extent.
  func outputExtent(_ axis: Int, _ extent: Dimension) -> Dimension {
    let stride = Dimension(strides[axis])
    let room = extent + Dimension(before[axis] + after[axis] - span(axis))
    if !ceilMode { return room.floorDivided(by: stride) + 1 }
    let starts = (extent + Dimension(before[axis])).ceilingDivided(by: stride)
    return .minimum(room.ceilingDivided(by: stride) + 1, starts)
  }

  /// The taps of an output's window on one axis that meet an element below `limit`, for the reference evaluation.
  func taps(_ axis: Int, output: Int, from least: Int = 0, below limit: Int) -> [Int] {
    let (start, dilation) = (output * strides[axis] - before[axis], dilations[axis])
    let first = max(0, Dimension.floorDivide(least - start + dilation - 1, dilation))
    let end = min(kernel[axis], Dimension.floorDivide(limit - start + dilation - 1, dilation))
    return Array(first..<max(first, end))
  }

  /// Every tap of an output's window that meets an element: its row-major number and the element's spatial index.
  func elements(_ output: ArraySlice<Int>, of extents: ArraySlice<Int>) -> [(tap: Int, place: [Int])] {
    var result: [(tap: Int, place: [Int])] = [(0, [])]
    for (axis, (position, extent)) in zip(output, extents).enumerated() {
      let taps = self.taps(axis, output: position, below: extent)
      result = result.flatMap { tap, place in
        taps.map {
          let element = position * strides[axis] - before[axis] + $0 * dilations[axis]
          return (tap * kernel[axis] + $0, place + [element])
        }
      }
    }
    return result
  }
}

/// An op over windows. It has its operands' axes, and works in their layout; channels innermost suit it best.
public protocol WindowOp: LayoutKeepingOp {
  var window: Window { get }
}
