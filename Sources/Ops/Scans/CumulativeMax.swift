import TensorIR

/// The greatest of an axis' elements up to each (PyTorch `cummax`); NaN from the first NaN on.
public struct CumulativeMax: CumulativeOp {
  public static let name = "cumulative_max"
  public static let summary =
    "The running maximum along an axis, with or without the own element, from either end; NaN stays."
  public var axis: Int
  public var exclusive: Bool
  public var reverse: Bool
  public init(axis: Int, exclusive: Bool = false, reverse: Bool = false) {
    (self.axis, self.exclusive, self.reverse) = (axis, exclusive, reverse)
  }

  public var reduction: any ReductionOp { Max(axes: [axis]) }

  public func differentiate(_ operands: [Tensor]) throws -> Differentiated {
    Differentiated(try Tensor.record(self, operands)) { [$0[0].map { gradient(operands[0], $0) }] }
  }
}

/// The least of an axis' elements up to each (PyTorch `cummin`); NaN from the first NaN on.
public struct CumulativeMin: CumulativeOp {
  public static let name = "cumulative_min"
  public static let summary =
    "The running minimum along an axis, with or without the own element, from either end; NaN stays."
  public var axis: Int
  public var exclusive: Bool
  public var reverse: Bool
  public init(axis: Int, exclusive: Bool = false, reverse: Bool = false) {
    (self.axis, self.exclusive, self.reverse) = (axis, exclusive, reverse)
  }

  public var reduction: any ReductionOp { Min(axes: [axis]) }

  public func differentiate(_ operands: [Tensor]) throws -> Differentiated {
    Differentiated(try Tensor.record(self, operands)) { [$0[0].map { gradient(operands[0], $0) }] }
  }
}

extension CumulativeOp {
  /// Each cotangent goes to the element that set the extremum, of equal ones to the one that was met first. The cotangents
  /// of an element that sets it are its own and those behind it up to the next that does.
  fileprivate func gradient(_ x: Tensor, _ cotangent: Tensor) -> Tensor {
    let best = Tensor.one(Self(axis: axis, exclusive: false, reverse: reverse), x)
    let previous = best.shifted(axis: axis, back: reverse)
    let place = x.iota(.i64, x.shape, axis: axis)
    let end = x.dimensionValue(reverse ? x.shape[axis] - 1 : 0)
    var differs = best .!= previous
    if x.elementType.isFloat {
      // NaN differs from itself.
      differs = differs .& .one(LogicalNot(), best.isNaN() .& previous.isNaN())
    }
    let sets = differs .| (place .== end)
    let goesOn = Tensor.one(LogicalNot(), sets).cast(to: x.elementType).shifted(axis: axis, back: !reverse)
    let own = exclusive ? cotangent.shifted(axis: axis, back: !reverse) : cotangent
    let sums = Tensor.linearScan(goesOn, own, axis: axis, reverse: !reverse)
    return .select(sets, sums, x.like(0))
  }
}

extension Tensor {
  /// The running maximum along an axis; without the own element if `exclusive`, from the end if `reverse`. Nothing has
  /// the least value of the type as its maximum.
  public func cumulativeMax(axis: Int, exclusive: Bool = false, reverse: Bool = false) -> Tensor {
    .one(CumulativeMax(axis: normalised(axis), exclusive: exclusive, reverse: reverse), self)
  }

  /// The running minimum along an axis; without the own element if `exclusive`, from the end if `reverse`. Nothing has
  /// the greatest value of the type as its minimum.
  public func cumulativeMin(axis: Int, exclusive: Bool = false, reverse: Bool = false) -> Tensor {
    .one(CumulativeMin(axis: normalised(axis), exclusive: exclusive, reverse: reverse), self)
  }
}
