import TensorIR

/// The least element along axes; NaN if one is. Of nothing it is the greatest value of the type.
public struct Min: ReductionOp {
  public static let name = "min"
  public static let summary =
    "The least element along axes; NaN where one is NaN, the greatest value where there is none."
  public var axes: [Int]
  public var keepAxes: Bool
  public init(axes: [Int], keepAxes: Bool = false) {
    self.axes = axes
    self.keepAxes = keepAxes
  }

  public func identity(_ type: ElementType) -> Double { .infinity }
  public var laneReduction: LaneReduction { .minimum }
  public func combine(_ a: Expression, _ b: Expression, _ type: LoopType) -> Expression { .lesser(of: a, b, type) }
  public func combine(_ a: Double, _ b: Double) -> Double { a.isNaN || b.isNaN ? .nan : Swift.min(a, b) }
  public func combine(_ a: Int, _ b: Int, _ type: ElementType) -> Int {
    let flip = type == .u64 ? Int.min : 0
    return Swift.min(a ^ flip, b ^ flip) ^ flip
  }

  /// The gradient goes to the first of the least elements.
  public func differentiate(_ operands: [Tensor]) throws -> Differentiated {
    let result = try Tensor.record(self, operands)[0]
    return Differentiated([result]) { [$0[0].map { gradientToFirst(operands[0], result, $0) }] }
  }
}

extension Tensor {
  /// The least element over axes; they stay with extent 1 if `keepAxes`.
  public func min(axes: [Int], keepAxes: Bool = false) -> Tensor {
    .one(Min(axes: normalised(axes), keepAxes: keepAxes), self)
  }
}
