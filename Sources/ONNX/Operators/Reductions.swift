import TensorIR
import TensorOps

extension OnnxOperators {
  /// Reductions over axes.
  static let reductions: [String: Converter] = [
    "ReduceSum": reduction { Sum(axes: $0, keepAxes: $1) },
    "ReduceMean": reduction { Mean(axes: $0, keepAxes: $1) },
    "ReduceProd": reduction { Product(axes: $0, keepAxes: $1) },
    "ReduceMax": reduction { Max(axes: $0, keepAxes: $1) },
    "ReduceMin": reduction { Min(axes: $0, keepAxes: $1) },
    "ReduceL1": one { node in try sum(node, node.add(Absolute(), node.tensor(0))) },
    "ReduceL2": one { node in try node.add(Sqrt(), sumOfSquares(node)) },
    "ReduceSumSquare": one(sumOfSquares),
    "ReduceLogSum": one { node in try node.add(Log(), sum(node, node.tensor(0))) },
    "ReduceLogSumExp": one(logSumExp),
  ]

  private static func reduction(
    _ make: @escaping @Sendable (_ axes: [Int], _ keepAxes: Bool) -> any TensorOp
  ) -> Converter {
    one { node in
      let x = try node.tensor(0)
      let how = try ReductionAxes(node, rank: x.rank)
      return how.axes.isEmpty ? x : try node.add(make(how.axes, how.keepAxes), x)
    }
  }

  private static func sum(_ node: NodeConversion, _ x: Tensor) throws -> Tensor {
    let how = try ReductionAxes(node, rank: x.rank)
    return how.axes.isEmpty ? x : try node.add(Sum(axes: how.axes, keepAxes: how.keepAxes), x)
  }

  private static func sumOfSquares(_ node: NodeConversion) throws -> Tensor {
    let x = try node.tensor(0)
    return try sum(node, node.add(Multiply(), x, x))
  }

  /// Relative to the greatest element, so that nothing overflows; where that is infinite, relative to 0.
  private static func logSumExp(_ node: NodeConversion) throws -> Tensor {
    let x = try node.tensor(0)
    let how = try ReductionAxes(node, rank: x.rank)
    if how.axes.isEmpty { return x }
    let greatest = try node.add(Max(axes: how.axes, keepAxes: true), x)
    let zero = try node.scalar(0, x.elementType)
    let shift = try node.add(Select(), node.add(IsInfinite(), greatest), zero, greatest)
    let powers = try node.add(Exp(), node.add(Subtract(), x, shift))
    let total = try node.add(Log(), node.add(Sum(axes: how.axes, keepAxes: how.keepAxes), powers))
    return try node.add(Add(), total, node.reshape(shift, total.shape))
  }
}
