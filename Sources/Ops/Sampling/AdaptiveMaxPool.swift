import TensorIR

/// The greatest element of each of a given number of bins along every spatial axis, the bins as in ``AdaptiveAveragePool``
/// (PyTorch `adaptive_max_pool`); NaN stays NaN, and the first of equal elements takes the gradient.
public struct AdaptiveMaxPool: TensorOp {
  public static let name = "adaptive_max_pool"
  public static let summary = "The greatest element of each of a given number of bins along the axes from 2 on."
  public static let signature = Signature.operands(1)
  /// The number of bins along each spatial axis.
  public var sizes: [Int]
  public init(_ sizes: [Int]) { self.sizes = sizes }

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    let x = operands[0]
    guard ElementType.numbers.contains(x.elementType) else {
      throw Diagnostic("element-type", "'\(name)' compares numbers, not \(x.elementType); cast the operand first")
    }
    return try AdaptiveBins.inferTypes(x, sizes, name, &context)
  }

  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    let x = operands[0]
    let shape = try Evaluator.numbers(types[0])
    let max = Max(axes: [])
    let places = ReferenceTensor.indices(shape).map { AdaptiveBins.places($0, sizes, in: x.shape) }
    if x.elementType.isFloat {
      let found = places.map { $0.reduce(-Double.infinity) { max.combine($0, x.floats[$1]) } }
      return [ReferenceTensor(x.elementType, shape, floats: found)]
    }
    let found = places.map { list in
      list.dropFirst().reduce(x.integers[list[0]]) { max.combine($0, x.integers[$1], x.elementType) }
    }
    return [ReferenceTensor(x.elementType, shape, integers: found)]
  }

  /// The last axis first, so that of equal elements the first in row-major order is found.
  public func decompose(_ operands: [Tensor]) throws -> [Tensor]? {
    var result = operands[0]
    for (axis, size) in sizes.enumerated().reversed() {
      let bins = AdaptiveBins(extent: result.shape[axis + 2], size: size)
      result = result.gather(bins.tables(beside: result).places, axis: axis + 2).max(axes: [axis + 3])
    }
    return [result]
  }
}

extension Tensor {
  /// The greatest element of each of a given number of bins along the axes from 2 on; see ``AdaptiveMaxPool``.
  public func adaptiveMaxPool(_ sizes: [Int]) -> Tensor { .one(AdaptiveMaxPool(sizes), self) }
}
