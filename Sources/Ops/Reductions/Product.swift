import TensorIR

/// The product along axes; integers wrap. The product of nothing is 1.
public struct Product: ReductionOp {
  public static let name = "product"
  public static let summary = "The product along axes; integers wrap around, and the product of nothing is 1."
  public var axes: [Int]
  public var keepAxes: Bool
  public init(axes: [Int], keepAxes: Bool = false) {
    self.axes = axes
    self.keepAxes = keepAxes
  }

  public func identity(_ type: ElementType) -> Double { 1 }
  public var laneReduction: LaneReduction { .product }
  public func combine(_ a: Expression, _ b: Expression, _ type: LoopType) -> Expression { .binary(.multiply, a, b) }
  public func combine(_ a: Double, _ b: Double) -> Double { a * b }
  public func combine(_ a: Int, _ b: Int, _ type: ElementType) -> Int { a &* b }

  /// The derivative by an element is the product of the others: that of all without zeros, divided by the element;
  /// with one zero only it has a derivative, with more none has.
  public func differentiate(_ operands: [Tensor]) throws -> Differentiated {
    let x = operands[0]
    let kept = reducedShape(x.shape, keepAxes: true)
    return Differentiated(try Tensor.record(self, operands)) { cotangents in
      guard let cotangent = cotangents[0] else { return [nil] }
      let isZero = x .== x.like(0)
      let filled = Tensor.select(isZero, x.like(1), x)
      let product = filled.product(axes: axes, keepAxes: true)
      let zeros = Tensor.select(isZero, x.like(1), x.like(0)).sum(axes: axes, keepAxes: true)
      let scaled = cotangent.reshaped(to: kept) * product
      let ofZero = Tensor.select(zeros .== x.like(1), scaled, x.like(0))
      let ofOthers = Tensor.select(zeros .== x.like(0), scaled / filled, x.like(0))
      return [Tensor.select(isZero, ofZero, ofOthers)]
    }
  }
}

extension Tensor {
  /// The product over axes; they stay with extent 1 if `keepAxes`.
  public func product(axes: [Int], keepAxes: Bool = false) -> Tensor {
    .one(Product(axes: normalised(axes), keepAxes: keepAxes), self)
  }
}
