import TensorIR

/// The mean of each window (ONNX `AveragePool`): the sum of its elements divided by their number, or, with
/// `countIncludePad`, by the number of taps that are within the padding. Taps beyond the padding never count.
public struct AveragePool: WindowOp {
  public static let name = "average_pool"
  public static let summary = "The mean of each window over the spatial axes, padding counted as zeros or not at all."
  public static let signature = Signature.operands(1)
  public var window: Window
  public var countIncludePad: Bool
  public init(_ window: Window, countIncludePad: Bool = false) {
    self.window = window
    self.countIncludePad = countIncludePad
  }
  public init(
    kernel: [Int], strides: [Int]? = nil, before: [Int]? = nil, after: [Int]? = nil, dilations: [Int]? = nil,
    ceilMode: Bool = false, countIncludePad: Bool = false
  ) {
    self.init(
      Window(
        kernel: kernel, strides: strides, before: before, after: after, dilations: dilations, ceilMode: ceilMode),
      countIncludePad: countIncludePad)
  }

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    let x = operands[0]
    guard x.elementType.isFloat else {
      throw Diagnostic("element-type", "'\(name)' does not take \(x.elementType); cast the operand to a float")
    }
    try window.check(x, name, &context)
    return [x.with(shape: window.outputShape(x.shape))]
  }

  /// What a window's sum is divided by, for the reference evaluation.
  func divisor(_ output: ArraySlice<Int>, of extents: ArraySlice<Int>) -> Double {
    var count = 1
    for (axis, (position, extent)) in zip(output, extents).enumerated() {
      let limit = countIncludePad ? extent + window.after[axis] : extent
      count *= window.taps(axis, output: position, from: countIncludePad ? -window.before[axis] : 0, below: limit).count
    }
    return Double(count)
  }

  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    let x = operands[0]
    let shape = try Evaluator.numbers(types[0])
    let strides = ReferenceTensor.strides(x.shape)
    let means = ReferenceTensor.indices(shape).map { index -> Double in
      let sum = window.elements(index[2...], of: x.shape[2...]).reduce(0) {
        $0 + x.floats[ReferenceTensor.position(Array(index[..<2]) + $1.place, strides)]
      }
      return sum / divisor(index[2...], of: x.shape[2...])
    }
    return [ReferenceTensor(x.elementType, shape, floats: means)]
  }

  public func differentiate(_ operands: [Tensor]) throws -> Differentiated {
    let x = operands[0]
    let gradient = AveragePoolGradient(window, countIncludePad: countIncludePad, shape: x.shape)
    return Differentiated(try Tensor.record(self, operands)) { [$0[0].map { .one(gradient, $0) }] }
  }
}

extension Tensor {
  /// The mean of each window over the axes from 2 on; `countIncludePad` counts padding as zeros.
  public func averagePool(_ window: Window, countIncludePad: Bool = false) -> Tensor {
    .one(AveragePool(window, countIncludePad: countIncludePad), self)
  }
}
