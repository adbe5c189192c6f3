import TensorIR

/// Whether all elements along axes are true; of nothing, true (NumPy `all`).
public struct AllTrue: ReductionOp, NotDifferentiable {
  public static let name = "all"
  public static let summary = "Whether all elements along axes are true; of nothing, true."
  public static let elementTypes: [ElementType] = [.bool]
  public var axes: [Int]
  public var keepAxes: Bool
  public init(axes: [Int], keepAxes: Bool = false) {
    self.axes = axes
    self.keepAxes = keepAxes
  }

  public func identity(_ type: ElementType) -> Double { 1 }
  public var laneReduction: LaneReduction { .minimum }
  public func combine(_ a: Expression, _ b: Expression, _ type: LoopType) -> Expression { .binary(.logicalAnd, a, b) }
  public func combine(_ a: Double, _ b: Double) -> Double { Swift.min(a, b) }
  public func combine(_ a: Int, _ b: Int, _ type: ElementType) -> Int { a & b }
}

extension Tensor {
  /// Whether all elements over axes are true: of numbers, not 0; NaN is not 0.
  public func all(axes: [Int], keepAxes: Bool = false) -> Tensor {
    .one(AllTrue(axes: normalised(axes), keepAxes: keepAxes), truth)
  }
}
