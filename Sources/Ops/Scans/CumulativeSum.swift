import TensorIR

/// The sums of an axis' elements up to each (ONNX `CumSum`, NumPy `cumsum`).
public struct CumulativeSum: CumulativeOp {
  public static let name = "cumulative_sum"
  public static let summary = "The running sum along an axis, with or without the own element, from either end."
  public var axis: Int
  public var exclusive: Bool
  public var reverse: Bool
  public init(axis: Int, exclusive: Bool = false, reverse: Bool = false) {
    (self.axis, self.exclusive, self.reverse) = (axis, exclusive, reverse)
  }

  public var reduction: any ReductionOp { Sum(axes: [axis]) }

  /// An element is in every sum behind it.
  public func differentiate(_ operands: [Tensor]) throws -> Differentiated {
    let back = CumulativeSum(axis: axis, exclusive: exclusive, reverse: !reverse)
    return Differentiated(try Tensor.record(self, operands)) { [$0[0].map { .one(back, $0) }] }
  }
}

extension Tensor {
  /// The running sum along an axis; without the own element if `exclusive`, from the end if `reverse`.
  public func cumulativeSum(axis: Int, exclusive: Bool = false, reverse: Bool = false) -> Tensor {
    .one(CumulativeSum(axis: normalised(axis), exclusive: exclusive, reverse: reverse), self)
  }
}
