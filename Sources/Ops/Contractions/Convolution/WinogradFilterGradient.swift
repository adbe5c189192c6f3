import TensorIR

/// The gradient of filters of 3 by 3 by products of transformed tiles: the transpose of ``WinogradConvolution`` with respect to its
/// filters. Of tiles d of 4 by 4 of x and of 2 by 2 of the cotangent y, Gᵀ [Σ (Bᵀ d B) ⊙ (A y Aᵀ)] G is the gradient; what stands in
/// brackets is this op's result, so that the rest is one small product. There are 16 multiplications for 36.
///
/// Operands: x [n, c, h, w], with its padding, and the cotangent [n, o, h - 2, w - 2]; c and o are multiples of 16. Result: the sums
/// [parts, 16, c, o], each part's over a contiguous range of all tiles, which is what shapes say and not how many threads there are.
/// Where a tile reaches beyond an edge, the cotangent has zeros there; what x has is of no account to the gradient, and is what it has at
/// the edge.
public struct WinogradFilterGradient: TensorOp {
  public static let name = "winograd_filter_gradient"
  public static let summary =
    "Sums of products of transformed tiles, from which the gradient of filters of 3 by 3 is made."
  public static let signature = Signature.operands(2)
  /// How many sums there are; the gradient is what they add up to.
  public var parts: Int

  public init(parts: Int = 1) { self.parts = parts }

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    let (x, cotangent) = (operands[0], operands[1])
    guard x.elementType == cotangent.elementType, [.f32, .f64].contains(x.elementType), x.rank == 4, cotangent.rank == 4
    else {
      throw Diagnostic(
        "element-type", "'\(name)' takes images of f32 or f64 and was given \(x) and \(cotangent)")
    }
    guard parts >= 1 else { throw Diagnostic("bad-attribute", "'\(name)' makes one part at least, not \(parts)") }
    for type in operands {
      try context.require(
        type.shape[1].modulo(Dimension(WinogradConvolution.together)), equals: 0,
        "'\(name)' takes channels by \(WinogradConvolution.together), not \(type)")
    }
    try context.require(
      cotangent.shape[0], equals: x.shape[0], "'\(name)' of \(x) takes as many images, not \(cotangent)")
    for axis in 2...3 {
      try context.require(
        cotangent.shape[axis], equals: x.shape[axis] - 2,
        "'\(name)' of \(x) takes a cotangent of two fewer, not \(cotangent)")
    }
    return [TensorType(x.elementType, [Dimension(parts), 16, x.shape[1], cotangent.shape[1]])]
  }

  public func checkLayouts(_ operands: [TensorType], _ results: [TensorType]) throws {
    let channelsLast = Layout.channelsLast(rank: 4)
    let isPlain = operands.allSatisfy(\.layout.isPlain)
    guard results[0].layout.isPlain, isPlain || operands.allSatisfy({ $0.layout == channelsLast }) else {
      throw Diagnostic(
        "layout",
        "'\(name)' reads channels innermost and writes sums in row-major order, not \(operands[0]), \(operands[1]) and \(results[0])"
      )
    }
  }

  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    let (x, cotangent) = (operands[0], operands[1])
    let (channels, filters) = (x.shape[1], cotangent.shape[1])
    let corners = Array(
      ReferenceTensor.indices([x.shape[0], (cotangent.shape[2] + 1) / 2, (cotangent.shape[3] + 1) / 2]))
    var result = [Double](repeating: 0, count: parts * 16 * channels * filters)
    for part in 0..<parts {
      let (first, end) = (corners.count * part / parts, corners.count * (part + 1) / parts)
      for corner in corners[first..<end] {
        let inputs = (0..<channels).map { channel -> [Double] in
          WinogradConvolution.input(Self.tile(x, corner, channel: channel, size: 4) { _ in true })
        }
        let spread = (0..<filters).map { filter -> [Double] in
          WinogradConvolution.spread(Self.tile(cotangent, corner, channel: filter, size: 2) { $0 })
        }
        for index in 0..<(16 * channels * filters) {
          let (place, channel, filter) = (index / filters / channels, index / filters % channels, index % filters)
          result[part * 16 * channels * filters + index] += inputs[channel][place] * spread[filter][place]
        }
      }
    }
    return [ReferenceTensor(x.elementType, [parts, 16, channels, filters], floats: result)]
  }

  /// The elements of a channel from a tile's corner on. Beyond an edge they are those at the edge, or zeros.
  private static func tile(
    _ x: ReferenceTensor, _ corner: [Int], channel: Int, size: Int, isKept: (_ isInside: Bool) -> Bool
  ) -> [Double] {
    let (height, width) = (x.shape[2], x.shape[3])
    return (0..<(size * size)).map { cell in
      let (row, column) = (corner[1] * 2 + cell / size, corner[2] * 2 + cell % size)
      guard isKept(row < height && column < width) else { return 0 }
      let line = (corner[0] * x.shape[1] + channel) * height + min(row, height - 1)
      return x.floats[line * width + min(column, width - 1)]
    }
  }
}
