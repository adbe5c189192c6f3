import TensorIR

/// The greatest element along axes; NaN if one is. Of nothing it is the least value of the type.
public struct Max: ReductionOp {
  public static let name = "max"
  public static let summary =
    "The greatest element along axes; NaN where one is NaN, the least value where there is none."
  public var axes: [Int]
  public var keepAxes: Bool
  public init(axes: [Int], keepAxes: Bool = false) {
    self.axes = axes
    self.keepAxes = keepAxes
  }

  public func identity(_ type: ElementType) -> Double { -.infinity }
  public var laneReduction: LaneReduction { .maximum }
  public func combine(_ a: Expression, _ b: Expression, _ type: LoopType) -> Expression { .greater(of: a, b, type) }
  public func combine(_ a: Double, _ b: Double) -> Double { a.isNaN || b.isNaN ? .nan : Swift.max(a, b) }
  public func combine(_ a: Int, _ b: Int, _ type: ElementType) -> Int {
    let flip = type == .u64 ? Int.min : 0
    return Swift.max(a ^ flip, b ^ flip) ^ flip
  }

  /// The gradient goes to the first of the greatest elements.
  public func differentiate(_ operands: [Tensor]) throws -> Differentiated {
    let result = try Tensor.record(self, operands)[0]
    return Differentiated([result]) { [$0[0].map { gradientToFirst(operands[0], result, $0) }] }
  }
}

extension ReductionOp {
  /// The cotangent put at the first element along the axes that equals the result, zeros elsewhere.
  func gradientToFirst(_ x: Tensor, _ result: Tensor, _ cotangent: Tensor) -> Tensor {
    if axes.isEmpty { return cotangent }
    let kept = reducedShape(x.shape, keepAxes: true)
    let place = number(x)
    let isFound = x .== result.reshaped(to: kept)
    // Beyond every number that an element can have.
    let first = Tensor.select(isFound, place, place.like(9e15)).min(axes: axes, keepAxes: true)
    return Tensor.select(place .== first, cotangent.reshaped(to: kept), x.like(0))
  }

  /// The row-major number of each element within the reduced axes.
  private func number(_ x: Tensor) -> Tensor {
    var total = x.iota(.i64, x.shape, axis: axes.last ?? 0)
    var count = axes.last.map { x.shape[$0] } ?? 1
    for axis in axes.dropLast().reversed() {
      total = total + x.iota(.i64, x.shape, axis: axis) * x.dimensionValue(count)
      count = count * x.shape[axis]
    }
    return total
  }

  /// The shape of the result if the axes stay or go.
  func reducedShape(_ shape: [Dimension], keepAxes: Bool) -> [Dimension] {
    shape.indices.compactMap { axes.contains($0) ? (keepAxes ? 1 : nil) : shape[$0] }
  }
}

extension Tensor {
  /// The greatest element over axes; they stay with extent 1 if `keepAxes`.
  public func max(axes: [Int], keepAxes: Bool = false) -> Tensor {
    .one(Max(axes: normalised(axes), keepAxes: keepAxes), self)
  }
}
