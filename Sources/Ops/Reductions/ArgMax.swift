import TensorIR

/// Where along an axis the greatest element is (ONNX `ArgMax`).
public struct ArgMax: ArgReductionOp {
  public static let name = "arg_max"
  public static let summary =
    "The position of the greatest element along an axis, as i64; NaN counts as the greatest."
  public static let takesGreatest = true
  public var axis: Int
  public var keepAxes: Bool
  public var selectLast: Bool
  public init(axis: Int, keepAxes: Bool = false, selectLast: Bool = false) {
    self.axis = axis
    self.keepAxes = keepAxes
    self.selectLast = selectLast
  }
}

extension Tensor {
  /// The position of the greatest element along an axis, as i64; of equal ones the first, or the last.
  public func argMax(axis: Int, keepAxes: Bool = false, selectLast: Bool = false) -> Tensor {
    .one(ArgMax(axis: normalised(axis), keepAxes: keepAxes, selectLast: selectLast), self)
  }
}
