import TensorIR
import TensorOps

extension OnnxOperators {
  /// Reductions over axes.
  static let reductions: [String: Converter] = [
    "ReduceSum": reduction { Sum(axes: $0, keepAxes: $1) },
    "ReduceMean": one(mean),
    "ReduceProd": reduction { Product(axes: $0, keepAxes: $1) },
    "ReduceMax": extreme { Max(axes: $0, keepAxes: $1) },
    "ReduceMin": extreme { Min(axes: $0, keepAxes: $1) },
    "ReduceL1": one { node in try sum(node, node.add(Absolute(), node.tensor(0))) },
    "ReduceL2": throughFloats { node, x in try node.add(Sqrt(), sumOfSquares(node, x)) },
    "ReduceSumSquare": one { node in try sumOfSquares(node, node.tensor(0)) },
    "ReduceLogSum": throughFloats { node, x in try node.add(Log(), sum(node, x)) },
    "ReduceLogSumExp": throughFloats(logSumExp),
  ]

  private static func reduction(
    _ make: @escaping @Sendable (_ axes: [Int], _ keepAxes: Bool) -> any TensorOp
  ) -> Converter {
    one { node in try reduced(node, node.tensor(0), make) }
  }

  /// Of truth values, false counts less than true.
  private static func extreme(
    _ make: @escaping @Sendable (_ axes: [Int], _ keepAxes: Bool) -> any TensorOp
  ) -> Converter {
    one { node in
      let x = try node.tensor(0)
      guard x.elementType == .bool else { return try reduced(node, x, make) }
      return try reduced(node, node.cast(x, to: .u8), make).cast(to: .bool)
    }
  }

  private static func reduced(
    _ node: NodeConversion, _ x: Tensor, _ make: (_ axes: [Int], _ keepAxes: Bool) -> any TensorOp
  ) throws -> Tensor {
    if let computed = try ComputedAxes(node, x) { return try computed.reduced(x, make) }
    let how = try ReductionAxes(node, rank: x.rank)
    return how.axes.isEmpty ? x : try node.add(make(how.axes, how.keepAxes), x)
  }

  private static func sum(_ node: NodeConversion, _ x: Tensor) throws -> Tensor {
    if let computed = try ComputedAxes(node, x) { return try computed.reduced(x) { Sum(axes: $0, keepAxes: $1) } }
    let how = try ReductionAxes(node, rank: x.rank)
    return how.axes.isEmpty ? x : try node.add(Sum(axes: how.axes, keepAxes: how.keepAxes), x)
  }

  /// A root or a logarithm, which integers take as floats; the result is cut off, as onnxruntime has it.
  private static func throughFloats(
    _ convert: @escaping @Sendable (NodeConversion, Tensor) throws -> Tensor
  ) -> Converter {
    one { node in
      let x = try node.tensor(0)
      return try node.cast(convert(node, x.elementType.isFloat ? x : x.cast(to: .f64)), to: x.elementType)
    }
  }

  /// Of integers, the sum divided by the count and rounded towards zero.
  private static func mean(_ node: NodeConversion) throws -> Tensor {
    let x = try node.tensor(0)
    if let computed = try ComputedAxes(node, x) {
      let count = Tensor.maximum(try computed.elements(), try node.scalar(1, .i64))
      return try node.add(Divide(), sum(node, x), node.cast(count, to: x.elementType))
    }
    let how = try ReductionAxes(node, rank: x.rank)
    if how.axes.isEmpty { return x }
    if x.elementType.isFloat { return try node.add(Mean(axes: how.axes, keepAxes: how.keepAxes), x) }
    let count = node.symbols.maximum(how.axes.map { x.shape[$0] }.reduce(1, *), 1)
    let divisor = try node.cast(x.dimensionValue(count), to: x.elementType)
    return try node.add(Divide(), sum(node, x), divisor)
  }

  private static func sumOfSquares(_ node: NodeConversion, _ x: Tensor) throws -> Tensor {
    try sum(node, node.add(Multiply(), x, x))
  }

  /// Relative to the greatest element, so that nothing overflows; where that is infinite, relative to 0.
  private static func logSumExp(_ node: NodeConversion, _ x: Tensor) throws -> Tensor {
    let computed = try ComputedAxes(node, x)
    let how = try computed == nil ? ReductionAxes(node, rank: x.rank) : nil
    if how?.axes.isEmpty ?? false { return x }
    // Where the axes are computed, relative to the greatest of all elements.
    let greatest = try node.add(Max(axes: how?.axes ?? Array(0..<x.rank), keepAxes: true), x)
    let zero = try node.scalar(0, x.elementType)
    let shift = try node.add(Select(), node.add(IsInfinite(), greatest), zero, greatest)
    let powers = try node.add(Exp(), node.add(Subtract(), x, shift))
    guard let how else { return try node.add(Add(), node.add(Log(), sum(node, powers)), node.reshape(shift, [])) }
    let total = try node.add(Log(), node.add(Sum(axes: how.axes, keepAxes: how.keepAxes), powers))
    return try node.add(Add(), total, node.reshape(shift, total.shape))
  }
}
