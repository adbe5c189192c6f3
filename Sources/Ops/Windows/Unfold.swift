import TensorIR

/// Every window over the last axes, side by side (im2col; PyTorch `unfold`): an operand of shape [lead…, spatial…] gives
/// [lead…, kernel…, outputs…], where element [l, t, o] is the operand's at `o stride - before + t dilation` on each spatial
/// axis, and zero (false) in the padding. Any element type. The gradient is ``Fold``.
public struct Unfold: ElementOp {
  public static let name = "unfold"
  public static let summary = "Every window over the last axes side by side, taps before outputs; padding is zero."
  public static let signature = Signature.operands(1)
  public var window: Window
  public init(_ window: Window) { self.window = window }

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    let x = operands[0]
    try window.check(lastAxesOf: x, name, &context)
    let lead = x.rank - window.count
    return [
      x.with(shape: x.shape[..<lead] + window.kernel.map { Dimension($0) } + window.extents(Array(x.shape[lead...])))
    ]
  }

  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    let x = operands[0]
    let shape = try Evaluator.numbers(types[0])
    let strides = ReferenceTensor.strides(x.shape)
    let (lead, count) = (x.rank - window.count, window.count)
    let positions = ReferenceTensor.indices(shape).map { index -> Int? in
      var position = ReferenceTensor.position(Array(index[..<lead]), strides)
      for axis in 0..<count {
        let place =
          index[lead + count + axis] * window.strides[axis] - window.before[axis] + index[lead + axis]
          * window.dilations[axis]
        guard (0..<x.shape[lead + axis]).contains(place) else { return nil }
        position += place * strides[lead + axis]
      }
      return position
    }
    return [x.picking(positions, fill: 0, shape: shape)]
  }

  public func source(_ operands: [TensorType], _ result: TensorType) -> ElementSource {
    let shape = operands[0].shape
    let lead = shape.count - window.count
    var places = (0..<lead).map { Place.axis($0) }
    var conditions: [PlaceCondition] = []
    for axis in 0..<window.count {
      let start = Place.axis(lead + window.count + axis) * window.strides[axis]
      let place = start + Place.axis(lead + axis) * window.dilations[axis] - Dimension(window.before[axis])
      if window.before[axis] > 0 { conditions.append(.atLeast(place, 0)) }
      if window.before[axis] > 0 || window.after[axis] > 0 || window.ceilMode {
        conditions.append(.less(place, shape[lead + axis]))
      }
      places.append(place)
    }
    return .read(.moved([.init(0, places, if: conditions)], otherwise: conditions.isEmpty ? nil : 0))
  }

  public func differentiate(_ operands: [Tensor]) throws -> Differentiated {
    let sizes = Array(operands[0].shape.suffix(window.count))
    return Differentiated(try Tensor.record(self, operands)) { cotangents in
      [cotangents[0].map { .one(Fold(window, sizes: sizes), $0) }]
    }
  }
}

extension Window {
  /// The numbers of outputs for the extents of the spatial axes.
  func extents(_ spatial: [Dimension]) -> [Dimension] { spatial.indices.map { outputExtent($0, spatial[$0]) } }
}

extension Tensor {
  /// Every window over the axes from 2 on as a column (im2col): [n, c, spatial…] to [n, c · taps, outputs], channels first,
  /// then taps in row-major order; padding is zero. Burn's `unfold4d`, PyTorch's `functional.unfold`.
  public func unfolded(_ window: Window) -> Tensor {
    let windows = Tensor.one(Unfold(window), self)
    guard windows.rank == 2 + 2 * window.count, rank == 2 + window.count else { return windows }
    let (taps, outputs) = (Dimension(window.size), windows.shape.suffix(window.count).reduce(1, *))
    return windows.reshaped(to: [shape[0], shape[1] * taps, outputs])
  }

  /// Sliding windows of `size` elements, `step` apart, along one axis: their number stands at the axis, their elements on a
  /// new last axis (Burn's and PyTorch's tensor `unfold`). A negative axis counts from the end.
  public func unfolded(axis: Int, size: Int, step: Int) -> Tensor {
    let axis = normalised(axis)
    guard (0..<Swift.max(rank, 1)).contains(axis), rank > 0 else {
      return .one(Unfold(Window(kernel: [size], strides: [step])), self)
    }
    let others = (0..<rank).filter { $0 != axis }
    let windows = Tensor.one(Unfold(Window(kernel: [size], strides: [step])), transposed(others + [axis]))
    if windows.isPoison { return windows }
    // [others…, size, windows]
    var order = Array(0..<axis) + [rank] + Array(axis..<rank - 1)
    order.append(rank - 1)
    return windows.transposed(order)
  }
}
