import TensorIR

/// Where along an axis the least element is (ONNX `ArgMin`).
public struct ArgMin: ArgReductionOp {
  public static let name = "arg_min"
  public static let summary = "The position of the least element along an axis, as i64; NaN counts as the least."
  public static let takesGreatest = false
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
  /// The position of the least element along an axis, as i64; of equal ones the first, or the last.
  public func argMin(axis: Int, keepAxes: Bool = false, selectLast: Bool = false) -> Tensor {
    .one(ArgMin(axis: normalised(axis), keepAxes: keepAxes, selectLast: selectLast), self)
  }
}
