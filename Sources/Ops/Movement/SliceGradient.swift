import TensorIR

/// Puts elements where a ``Slice`` would take them, into zeros: element i of an axis goes to `start + i step`. With
/// steps above 1 it spreads a tensor out, as a transposed convolution does.
public struct SliceGradient: ElementOp {
  public static let name = "slice_gradient"
  public static let summary = "Zeros with the operand's elements put where a slice would have taken them."
  public static let allowsNegativeExtents = true
  public static let signature = Signature.operands(1)
  public var starts: [Dimension]
  public var steps: [Int]
  /// The shape of the result.
  public var shape: [Dimension]

  public init(starts: [Dimension], steps: [Int], shape: [Dimension]) {
    self.starts = starts
    self.steps = steps
    self.shape = shape
  }

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    let result = operands[0].with(shape: shape)
    try Slice.check(result, starts, operands[0].shape, steps, name, &context)
    return [result]
  }

  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    let shape = try Evaluator.numbers(types[0])
    let starts = try Evaluator.numbers(self.starts)
    let strides = ReferenceTensor.strides(shape)
    var positions = [Int?](repeating: nil, count: shape.reduce(1, *))
    for (source, index) in ReferenceTensor.indices(operands[0].shape).enumerated() {
      positions[index.indices.reduce(0) { $0 + (starts[$1] + index[$1] * steps[$1]) * strides[$1] }] = source
    }
    return [operands[0].picking(positions, fill: 0, shape: shape)]
  }

  public func source(_ operands: [TensorType], _ result: TensorType) -> ElementSource {
    let from = operands[0].shape
    var (places, conditions): ([Place], [PlaceCondition]) = ([], [])
    for axis in from.indices {
      guard starts[axis] != 0 || steps[axis] != 1 || from[axis] != shape[axis] else {
        places.append(.axis(axis))
        continue
      }
      let distance =
        steps[axis] > 0 ? Place.axis(axis) - starts[axis] : Place.axis(axis) * -1 + .size(starts[axis])
      let step = abs(steps[axis])
      let place = step == 1 ? distance : .quotient(distance, Dimension(step))
      conditions.append(.atLeast(distance, 0))
      if step != 1 { conditions.append(.multiple(distance, of: step)) }
      conditions.append(.less(place, from[axis]))
      places.append(place)
    }
    return .read(.moved([.init(0, places, if: conditions)], otherwise: 0))
  }

  public func differentiate(_ operands: [Tensor]) throws -> Differentiated {
    let sizes = operands[0].shape
    return Differentiated(try Tensor.record(self, operands)) { cotangents in
      [cotangents[0].map { $0.sliced(starts: starts, sizes: sizes, steps: steps) }]
    }
  }
}
