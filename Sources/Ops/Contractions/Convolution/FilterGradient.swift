import TensorIR

/// The gradient of filters that read images plane by plane: for each tap and each filter the sum over all positions of what the tap
/// read by the cotangent there.
///
/// Operands: x [n, c, h, w], with its padding, and the cotangent [n, o, oh, ow], o a multiple of 16. Result: the sums
/// [parts, c · taps down · taps across, o], each part's over a contiguous range of the lines of all images, which is what shapes say and
/// not how many threads there are.
public struct FilterGradient: TensorOp {
  public static let name = "filter_gradient"
  public static let summary = "The gradient of filters of images of few channels, as sums over parts of the positions."
  public static let signature = Signature.operands(2)
  /// The taps down and across.
  public var kernel: [Int]
  /// The steps from position to position down and across.
  public var strides: [Int]
  /// How many sums there are; the gradient is what they add up to.
  public var parts: Int

  public init(kernel: [Int], strides: [Int], parts: Int = 1) {
    (self.kernel, self.strides, self.parts) = (kernel, strides, parts)
  }

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    let (x, cotangent) = (operands[0], operands[1])
    guard x.elementType == cotangent.elementType, [.f32, .f64].contains(x.elementType), x.rank == 4, cotangent.rank == 4
    else {
      throw Diagnostic("element-type", "'\(name)' takes images of f32 or f64 and was given \(x) and \(cotangent)")
    }
    guard parts >= 1, [kernel, strides].allSatisfy({ $0.count == 2 && $0.allSatisfy { $0 >= 1 } }) else {
      throw Diagnostic("bad-attribute", "'\(name)' takes one part at least, and two of kernel and strides from 1 on")
    }
    try context.require(
      cotangent.shape[1].modulo(Dimension(WinogradConvolution.together)), equals: 0,
      "'\(name)' takes filters by \(WinogradConvolution.together), not \(cotangent)")
    try context.require(
      cotangent.shape[0], equals: x.shape[0], "'\(name)' of \(x) takes as many images, not \(cotangent)")
    for axis in 0..<2 {
      let positions = (x.shape[axis + 2] - Dimension(kernel[axis])).floorDivided(by: Dimension(strides[axis])) + 1
      try context.require(
        cotangent.shape[axis + 2], equals: positions,
        "'\(name)' of \(x) takes a cotangent of each position, not \(cotangent)")
    }
    let rows = x.shape[1] * Dimension(kernel[0] * kernel[1])
    return [TensorType(x.elementType, [Dimension(parts), rows, cotangent.shape[1]])]
  }

  public func checkLayouts(_ operands: [TensorType], _ results: [TensorType]) throws {
    let isPlain = operands[0].layout.isPlain && results[0].layout.isPlain
    guard isPlain, operands[1].layout.isPlain || operands[1].layout == .channelsLast(rank: 4) else {
      throw Diagnostic(
        "layout",
        "'\(name)' reads planes and filters innermost, and writes in row-major order, not \(operands[0]), \(operands[1]) and \(results[0])"
      )
    }
  }

  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    let (x, cotangent) = (operands[0], operands[1])
    let (filters, rows) = (cotangent.shape[1], x.shape[1] * kernel[0] * kernel[1])
    let (height, width) = (cotangent.shape[2], cotangent.shape[3])
    let lines = x.shape[0] * height
    var result = [Double](repeating: 0, count: parts * rows * filters)
    for part in 0..<parts {
      let (first, end) = (lines * part / parts, lines * (part + 1) / parts)
      for line in first..<end {
        for row in 0..<rows {
          let (channel, tap) = (row / (kernel[0] * kernel[1]), row % (kernel[0] * kernel[1]))
          let plane = (line / height * x.shape[1] + channel) * x.shape[2]
          let start = (plane + line % height * strides[0] + tap / kernel[1]) * x.shape[3] + tap % kernel[1]
          for filter in 0..<filters {
            let from = ((line / height * filters + filter) * height + line % height) * width
            let sum = (0..<width).reduce(0.0) { $0 + x.floats[start + $1 * strides[1]] * cotangent.floats[from + $1] }
            result[(part * rows + row) * filters + filter] += sum
          }
        }
      }
    }
    return [ReferenceTensor(x.elementType, [parts, rows, filters], floats: result)]
  }
}
