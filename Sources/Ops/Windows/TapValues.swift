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

  public func element(result: Int, at index: [Index], _ access: ElementAccess) throws -> Expression {
    let builder = access.builder
    for own in index { try access.requireScalar(own) }
    let tap = builder.declare("tap", .asIndex(try access.operand(1, at: index)))
    var conditions: [Expression] = [
      .binary(.greaterEqual, tap, 0), .less(tap, .integer(window.size)),
    ]
    var own = index
    var rest = tap
    for axis in (0..<window.count).reversed() {
      let kernel = Expression.integer(window.kernel[axis])
      let offset = rest % kernel * .integer(window.dilations[axis]) - .integer(window.before[axis])
      let place = builder.declare("place", index[axis + 2].base * .integer(window.strides[axis]) + offset)
      rest = builder.declare("rest", rest / kernel)
      conditions += [.binary(.greaterEqual, place, 0), .less(place, builder.extent(access.type(0).shape[axis + 2]))]
      own[axis + 2] = Index(place)
    }
    return try access.guarded(conditions, at: index, otherwise: 0) { try access.operand(0, at: own) }
  }

  public func differentiate(_ operands: [Tensor]) throws -> Differentiated {
    let shape = operands[0].shape
    return Differentiated(try Tensor.record(self, operands)) { cotangents in
      [cotangents[0].map { .one(MaxPoolGradient(window, shape: shape), $0, operands[1]) }, nil]
    }
  }
}
