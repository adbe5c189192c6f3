import TensorIR

/// The element of x under one tap of each window: what ``MaxPoolGradient`` takes back, and so the second derivative of
/// ``MaxPool``. Operands: x, and the taps as ``MaxPoolTaps`` gives them. A tap in the padding, or none, is zero.
public struct TapValues: ElementOp {
  public static let name = "tap_values"
  public static let summary = "The element under one tap of each window, by the tap's row-major number."
  public static let signature = Signature.operands(2)
  public var window: Window
  public init(_ window: Window) { self.window = window }

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    let (x, taps) = (operands[0], operands[1])
    try window.check(x, name, &context)
    guard taps.elementType == .i32 else {
      throw Diagnostic("element-type", "the taps of '\(name)' are i32, as 'max_pool_taps' gives them")
    }
    let shape = window.outputShape(x.shape)
    try Window.require(taps, shape: shape, name, &context)
    return [x.with(shape: shape)]
  }

  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    let (x, taps) = (operands[0], operands[1])
    let strides = ReferenceTensor.strides(x.shape)
    let positions = ReferenceTensor.indices(taps.shape).enumerated().map { number, index -> Int? in
      window.elements(index[2...], of: x.shape[2...]).first { $0.tap == taps.integers[number] }
        .map { ReferenceTensor.position(Array(index[..<2]) + $0.place, strides) }
    }
    return [x.picking(positions, fill: 0, shape: taps.shape)]
  }

  public func source(_ operands: [TensorType], _ result: TensorType) -> ElementSource {
    let here = result.shape.indices.map { Place.axis($0) }
    let tap = Place.element(operand: 1, at: here)
    var (places, conditions) = (here, PlaceCondition.within(tap, Dimension(window.size)))
    var rest = tap
    for axis in (0..<window.count).reversed() {
      let kernel = Dimension(window.kernel[axis])
      let offset = Place.remainder(rest, kernel) * window.dilations[axis] - Dimension(window.before[axis])
      let place = here[axis + 2] * window.strides[axis] + offset
      rest = .quotient(rest, kernel)
      conditions += PlaceCondition.within(place, operands[0].shape[axis + 2])
      places[axis + 2] = place
    }
    return .read(.moved([.init(0, places, if: conditions)], otherwise: 0))
  }

  public func differentiate(_ operands: [Tensor]) throws -> Differentiated {
    let shape = operands[0].shape
    return Differentiated(try Tensor.record(self, operands)) { cotangents in
      [cotangents[0].map { .one(MaxPoolGradient(window, shape: shape), $0, operands[1]) }, nil]
    }
  }
}
