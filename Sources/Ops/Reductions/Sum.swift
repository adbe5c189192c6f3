import TensorIR

/// The sum along axes; integers wrap. The sum of nothing is 0.
public struct Sum: ReductionOp {
  public static let name = "sum"
  public static let summary = "The sum along axes; integers wrap around, and the sum of nothing is 0."
  public var axes: [Int]
  public var keepAxes: Bool
  public init(axes: [Int], keepAxes: Bool = false) {
    self.axes = axes
    self.keepAxes = keepAxes
  }

  public func identity(_ type: ElementType) -> Double { 0 }
  public var laneReduction: LaneReduction { .sum }
  public func combine(_ a: Expression, _ b: Expression, _ type: LoopType) -> Expression { .binary(.add, a, b) }
  public func combine(_ a: Double, _ b: Double) -> Double { a + b }
  public func combine(_ a: Int, _ b: Int, _ type: ElementType) -> Int { a &+ b }

  public func differentiate(_ operands: [Tensor]) throws -> Differentiated {
    let x = operands[0]
    let kept = Sum(axes: axes, keepAxes: true).reducedShape(x.shape)
    return Differentiated(try Tensor.record(self, operands)) {
      [$0[0]?.reshaped(to: kept).broadcast(to: x.shape)]
    }
  }
}
