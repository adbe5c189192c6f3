import TensorIR

/// What stands in the margins that a ``Pad`` adds.
public enum PadMode: String, Codable, Hashable, Sendable, CaseIterable {
  /// One value.
  case constant
  /// The elements mirrored at the edge, which is not repeated.
  case reflect
  /// The nearest element.
  case edge
  /// The elements from the other end, as if the tensor were repeated without end.
  case wrap
}

/// Margins before and after each axis (ONNX `Pad`); negative ones cut elements off.
public struct Pad: ElementOp, LayoutKeepingOp {
  public static let name = "pad"
  public static let summary =
    "Margins on each axis: a constant, the elements mirrored, the nearest, or repeated; negative ones cut off."
  public static let signature = Signature.operands(1)
  public var before: [Dimension]
  public var after: [Dimension]
  public var mode: PadMode
  /// What a constant margin holds.
  @Exact public var value: Double

  public init(before: [Dimension], after: [Dimension], mode: PadMode = .constant, value: Double = 0) {
    self.before = before
    self.after = after
    self.mode = mode
    self.value = value
  }

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    let x = operands[0]
    try context.require(entries: before.count, forAxesOf: x, "before", name)
    try context.require(entries: after.count, forAxesOf: x, "after", name)
    let shape = x.shape.indices.map { before[$0] + x.shape[$0] + after[$0] }
    for axis in shape.indices where before[axis] != 0 || after[axis] != 0 {
      try context.require(0, atMost: shape[axis], "'pad' cuts more off axis \(axis) of \(x) than it has")
      // A margin that turns out to be nothing needs nothing.
      for margin in [before[axis], after[axis]] where margin != 0 && mode != .constant {
        try context.require(
          .minimum(margin, 1), atMost: x.shape[axis], "'pad' has no element to repeat on axis \(axis) of \(x)")
        if mode != .reflect { continue }
        let most = Dimension.maximum(x.shape[axis] - 1, 0)
        try context.require(
          margin, atMost: most, "'pad' can mirror \(most) elements of axis \(axis) of \(x), not \(margin)")
      }
    }
    return [x.with(shape: shape)]
  }

  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    let x = operands[0]
    let before = try Evaluator.numbers(self.before)
    let shape = try Evaluator.numbers(types[0])
    let strides = ReferenceTensor.strides(x.shape)
    let positions = ReferenceTensor.indices(shape).map { index -> Int? in
      var position = 0
      for axis in index.indices {
        guard let place = source(index[axis] - before[axis], extent: x.shape[axis]) else { return nil }
        position += place * strides[axis]
      }
      return position
    }
    return [x.picking(positions, fill: value, shape: shape)]
  }

  /// Where the element for a position comes from; nil for the constant.
  private func source(_ place: Int, extent: Int) -> Int? {
    if (0..<extent).contains(place) { return place }
    switch mode {
    case .constant: return nil
    case .edge: return place < 0 ? 0 : extent - 1
    case .reflect: return place < 0 ? -place : 2 * (extent - 1) - place
    case .wrap: return (place % extent + extent) % extent
    }
  }

  public func source(_ operands: [TensorType], _ result: TensorType) -> ElementSource {
    let own = operands[0].shape
    var (places, conditions): ([Place], [PlaceCondition]) = ([], [])
    for axis in own.indices {
      guard before[axis] != 0 || after[axis] != 0 else {
        places.append(.axis(axis))
        continue
      }
      let place = Place.axis(axis) - before[axis]
      switch mode {
      case .constant:
        conditions += PlaceCondition.within(place, own[axis])
        places.append(place)
      case .edge: places.append(.bounded(place, extent: own[axis], .edge))
      case .reflect: places.append(.bounded(place, extent: own[axis], .reflect))
      case .wrap: places.append(.bounded(place, extent: own[axis], .wrap))
      }
    }
    return .read(.moved([.init(0, places, if: conditions)], otherwise: mode == .constant ? value : nil))
  }

  public func differentiate(_ operands: [Tensor]) throws -> Differentiated {
    let x = operands[0]
    return Differentiated(try Tensor.record(self, operands)) { cotangents in
      guard let cotangent = cotangents[0] else { return [nil] }
      if mode == .constant { return [PadGradient.cut(cotangent, before, after)] }
      var gradient = cotangent
      for axis in x.shape.indices where before[axis] != 0 || after[axis] != 0 {
        gradient =
          mode == .wrap
          ? PadGradient.unwrapped(gradient, axis, before[axis], x.shape[axis])
          : PadGradient.folded(gradient, axis, before[axis], x.shape[axis], after[axis], mode)
      }
      return [gradient]
    }
  }
}

extension Tensor {
  /// Margins before and after each axis, filled with a value; negative ones cut elements off. A value that integers do not have
  /// gives `element-type`.
  public func padded(
    before: [Dimension], after: [Dimension], mode: PadMode = .constant, value: Double = 0
  ) -> Tensor {
    if mode == .constant, !isPoison, let loss = elementType.loss(of: value) {
      return refusing("element-type", "\(loss) in the margins of \(type); cast the tensor to a float first")
    }
    return .one(Pad(before: before, after: after, mode: mode, value: value), self)
  }
}
