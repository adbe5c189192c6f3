import TensorIR

/// The mean along axes: the sum divided by the count; of nothing, NaN (NumPy `mean`). 16-bit floats are summed in
/// f32.
public struct Mean: TensorOp {
  public static let name = "mean"
  public static let summary = "The mean of the elements along axes; of nothing, NaN."
  public static let signature = Signature.operands(1)
  public var axes: [Int]
  public var keepAxes: Bool
  public init(axes: [Int], keepAxes: Bool = false) {
    self.axes = axes
    self.keepAxes = keepAxes
  }

  private var sum: Sum { Sum(axes: axes, keepAxes: keepAxes) }

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    guard operands[0].elementType.isFloat else {
      throw Diagnostic("element-type", "'mean' does not take \(operands[0].elementType); cast the operand to a float")
    }
    return try sum.inferTypes(operands, &context)
  }

  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    let x = operands[0]
    let shape = try Evaluator.numbers(types[0])
    let kept = x.shape.indices.map { axes.contains($0) ? 1 : x.shape[$0] }
    let strides = ReferenceTensor.strides(kept)
    var sums = [Double](repeating: 0, count: shape.reduce(1, *))
    for (position, index) in ReferenceTensor.indices(x.shape).enumerated() {
      sums[ReferenceTensor.broadcastPosition(index, in: kept, strides)] += x.floats[position]
    }
    let count = Double(axes.map { x.shape[$0] }.reduce(1, *))
    return [ReferenceTensor(x.elementType, shape, floats: sums.map { $0 / count })]
  }

  public func decompose(_ operands: [Tensor]) throws -> [Tensor]? {
    let x = operands[0].widened()
    let count = axes.map { x.shape[$0] }.reduce(1, *)
    return [(.one(sum, x) / x.number(count)).cast(to: operands[0].elementType)]
  }
}

extension Tensor {
  /// The mean over axes; they stay with extent 1 if `keepAxes`. Of integers, whose mean is seldom one, `element-type`: cast
  /// them to a float first.
  public func mean(axes: [Int], keepAxes: Bool = false) -> Tensor {
    .one(Mean(axes: normalised(axes), keepAxes: keepAxes), self)
  }

  /// A dimension as a scalar of this tensor's element type.
  public func number(_ dimension: Dimension) -> Tensor {
    dimension.constant.map { like(Double($0)) } ?? dimensionValue(dimension).cast(to: elementType)
  }
}
