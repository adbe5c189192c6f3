import TensorIR

/// Where the greatest element of each window stands in the operand, padding left out: the second result of ONNX `MaxPool`
/// and of Burn's `max_pool2d_with_indices`. The first of equal elements is taken, NaN before all numbers; a window in
/// nothing but padding gives a place at the edge.
public struct MaxPoolIndices: TensorOp, NotDifferentiable {
  public static let name = "max_pool_indices"
  public static let summary = "The flat place in the operand of each window's greatest element; the first of equals."
  public static let signature = Signature.operands(1)
  public var window: Window
  /// Whether places count over the whole tensor, as in ONNX, and not over each channel's plane, as in Burn and PyTorch.
  public var overAll: Bool
  /// Whether the first spatial axis counts fastest within a plane (ONNX's storage order 1).
  public var columnMajor: Bool

  public init(_ window: Window, overAll: Bool = false, columnMajor: Bool = false) {
    self.window = window
    self.overAll = overAll
    self.columnMajor = columnMajor
  }

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    try MaxPool(window).inferTypes(operands, &context).map { TensorType(.i64, $0.shape) }
  }

  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    let x = operands[0]
    let shape = try Evaluator.numbers(types[0])
    let taps = try MaxPoolTaps(window).evaluate(operands, types)[0]
    let plane = Array(x.shape[2...])
    var strides = ReferenceTensor.strides(plane)
    if columnMajor { strides = ReferenceTensor.strides(plane.reversed()).reversed() }
    let found = zip(ReferenceTensor.indices(shape), taps.integers).map { index, tap -> Int in
      var (rest, position) = (tap, 0)
      for axis in plane.indices.reversed() {
        let place =
          index[axis + 2] * window.strides[axis] - window.before[axis] + rest % window.kernel[axis]
          * window.dilations[axis]
        rest /= window.kernel[axis]
        position += max(0, min(place, plane[axis] - 1)) * strides[axis]
      }
      return position + (overAll ? (index[0] * x.shape[1] + index[1]) * plane.reduce(1, *) : 0)
    }
    return [ReferenceTensor(.i64, shape, integers: found)]
  }

  /// From the number of the tap, whose place on each axis follows from the output's.
  public func decompose(_ operands: [Tensor]) throws -> [Tensor]? {
    let x = operands[0]
    var rest = Tensor.one(MaxPoolTaps(window), x).cast(to: .i64)
    let shape = rest.shape
    var axes: [Tensor] = []
    for axis in (0..<window.count).reversed() {
      let kernel = rest.like(Double(window.kernel[axis]))
      let start =
        rest.iota(.i64, shape, axis: axis + 2) * rest.like(Double(window.strides[axis]))
        - rest.like(Double(window.before[axis]))
      let quotient = rest / kernel
      let place = start + (rest - quotient * kernel) * rest.like(Double(window.dilations[axis]))
      let last = x.dimensionValue(x.shape[axis + 2]) - rest.like(1)
      axes.insert(Tensor.maximum(Tensor.minimum(place, last), rest.like(0)), at: 0)
      rest = quotient
    }
    let order = columnMajor ? Array(axes.indices.reversed()) : Array(axes.indices)
    var position = rest.like(0)
    for axis in order { position = position * x.dimensionValue(x.shape[axis + 2]) + axes[axis] }
    if overAll {
      let plane = x.dimensionValue(x.shape.dropFirst(2).reduce(1, *))
      let row = position.iota(.i64, shape, axis: 0) * x.dimensionValue(x.shape[1])
      position = position + (row + position.iota(.i64, shape, axis: 1)) * plane
    }
    return [position]
  }
}

extension Tensor {
  /// The greatest element of each window over the axes from 2 on, and as i64 where it stands in its channel's plane, padding
  /// left out: Burn's `max_pool2d_with_indices`.
  public func maxPoolWithIndices(_ window: Window) -> (values: Tensor, indices: Tensor) {
    (maxPool(window), .one(MaxPoolIndices(window), self))
  }

  /// The gradient of max pooling for this operand: the pool's cotangent, each element added at the place that `indices` name in
  /// its channel's plane, as ``maxPoolWithIndices(_:)`` gives them (Burn's `max_pool2d_with_indices_backward`).
  public func maxPoolGradient(_ cotangent: Tensor, indices: Tensor) -> Tensor {
    guard rank >= 3, cotangent.rank == rank, indices.shape == cotangent.shape else {
      return .one(MaxPoolGradient(Window(kernel: []), shape: shape), cotangent, indices)
    }
    let planes = shape[0] * shape[1]
    let outputs = cotangent.shape.dropFirst(2).reduce(1, *)
    let op = GatherPlanesGradient(extent: shape.dropFirst(2).reduce(1, *))
    return Tensor.one(
      op, cotangent.reshaped(to: [planes, 1, outputs]), indices.reshaped(to: [planes, outputs])
    ).reshaped(to: shape)
  }
}
