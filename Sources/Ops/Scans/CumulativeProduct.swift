import TensorIR

/// The products of an axis' elements up to each (NumPy `cumprod`).
public struct CumulativeProduct: CumulativeOp {
  public static let name = "cumulative_product"
  public static let summary = "The running product along an axis, with or without the own element, from either end."
  public var axis: Int
  public var exclusive: Bool
  public var reverse: Bool
  public init(axis: Int, exclusive: Bool = false, reverse: Bool = false) {
    (self.axis, self.exclusive, self.reverse) = (axis, exclusive, reverse)
  }

  public var reduction: any ReductionOp { Product(axes: [axis]) }

  /// The derivative by x[i] is the product of what comes before it, times s[i] = g[i] + x[i+1] s[i+1] from the end.
  /// Nothing is divided, so zeros are exact.
  public func differentiate(_ operands: [Tensor]) throws -> Differentiated {
    let x = operands[0]
    return Differentiated(try Tensor.record(self, operands)) { cotangents in
      guard let cotangent = cotangents[0] else { return [nil] }
      let before = x.cumulativeProduct(axis: axis, exclusive: true, reverse: reverse)
      let own = exclusive ? cotangent.shifted(axis: axis, back: !reverse) : cotangent
      let behind = Tensor.linearScan(x.shifted(axis: axis, back: !reverse), own, axis: axis, reverse: !reverse)
      return [before * behind]
    }
  }
}

extension Tensor {
  /// The running product along an axis; without the own element if `exclusive`, from the end if `reverse`.
  public func cumulativeProduct(axis: Int, exclusive: Bool = false, reverse: Bool = false) -> Tensor {
    .one(CumulativeProduct(axis: normalised(axis), exclusive: exclusive, reverse: reverse), self)
  }
}
