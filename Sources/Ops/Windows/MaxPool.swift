import TensorIR

/// The greatest element of each window; padding never counts (ONNX `MaxPool`). A window in nothing but padding gives
/// the least value of the type. NaN stays NaN.
public struct MaxPool: WindowOp {
  public static let name = "max_pool"
  public static let summary = "The greatest element of each window over the spatial axes; padding does not count."
  public static let signature = Signature.operands(1)
  public var window: Window
  public init(_ window: Window) { self.window = window }
  public init(
    kernel: [Int], strides: [Int]? = nil, before: [Int]? = nil, after: [Int]? = nil, dilations: [Int]? = nil,
    ceilMode: Bool = false
  ) {
    self.init(
      Window(
        kernel: kernel, strides: strides, before: before, after: after, dilations: dilations, ceilMode: ceilMode))
  }

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    let x = operands[0]
    guard ElementType.numbers.contains(x.elementType) else {
      throw Diagnostic("element-type", "'\(name)' compares numbers, not \(x.elementType); cast the operand first")
    }
    try window.check(x, name, &context)
    return [x.with(shape: window.outputShape(x.shape))]
  }

  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    let x = operands[0]
    let shape = try Evaluator.numbers(types[0])
    let strides = ReferenceTensor.strides(x.shape)
    let places = ReferenceTensor.indices(shape).map { index in
      window.elements(index[2...], of: x.shape[2...]).map {
        ReferenceTensor.position(Array(index[..<2]) + $0.place, strides)
      }
    }
    if x.elementType.isFloat {
      let found = places.map { place in
        place.reduce(-Double.infinity) { $0.isNaN || x.floats[$1].isNaN ? .nan : Swift.max($0, x.floats[$1]) }
      }
      return [ReferenceTensor(x.elementType, shape, floats: found)]
    }
    let least = Evaluator.saturate(-.infinity, x.elementType)
    let max = Max(axes: [])
    let found = places.map { $0.reduce(least) { max.combine($0, x.integers[$1], x.elementType) } }
    return [ReferenceTensor(x.elementType, shape, integers: found)]
  }

  public func differentiate(_ operands: [Tensor]) throws -> Differentiated {
    let x = operands[0]
    let taps = Tensor.one(MaxPoolTaps(window), x)
    return Differentiated(try Tensor.record(self, operands)) { cotangents in
      [cotangents[0].map { .one(MaxPoolGradient(window, shape: x.shape), $0, taps) }]
    }
  }
}

extension Tensor {
  /// The greatest element of each window over the axes from 2 on.
  public func maxPool(_ window: Window) -> Tensor { .one(MaxPool(window), self) }
}
