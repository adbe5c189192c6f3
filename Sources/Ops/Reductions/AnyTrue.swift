import TensorIR

/// Whether some element along axes is true; of nothing, false (NumPy `any`).
public struct AnyTrue: ReductionOp, NotDifferentiable {
  public static let name = "any"
  public static let summary = "Whether some element along axes is true; of nothing, false."
  public static let elementTypes: [ElementType] = [.bool]
  public var axes: [Int]
  public var keepAxes: Bool
  public init(axes: [Int], keepAxes: Bool = false) {
    self.axes = axes
    self.keepAxes = keepAxes
  }

  public func identity(_ type: ElementType) -> Double { 0 }
  public var laneReduction: LaneReduction { .maximum }
  public func combine(_ a: Expression, _ b: Expression, _ type: LoopType) -> Expression { .binary(.logicalOr, a, b) }
  public func combine(_ a: Double, _ b: Double) -> Double { Swift.max(a, b) }
  public func combine(_ a: Int, _ b: Int, _ type: ElementType) -> Int { a | b }
}

extension Tensor {
  /// Whether some element over axes is true: of numbers, not 0; NaN is not 0.
  public func any(axes: [Int], keepAxes: Bool = false) -> Tensor {
    .one(AnyTrue(axes: normalised(axes), keepAxes: keepAxes), truth)
  }

  /// Whether each element is true; of numbers, not 0.
  var truth: Tensor { elementType == .bool || isPoison ? self : self .!= like(0) }
}
