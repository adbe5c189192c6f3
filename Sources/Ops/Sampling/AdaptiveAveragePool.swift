import TensorIR

/// The mean of each of a given number of bins along every spatial axis: bin i of m over n elements holds those from
/// ⌊i n / m⌋ to below ⌈(i + 1) n / m⌉ (PyTorch and Burn `adaptive_avg_pool`). Floats, any number of spatial axes.
public struct AdaptiveAveragePool: TensorOp {
  public static let name = "adaptive_average_pool"
  public static let summary = "The mean of each of a given number of bins along the axes from 2 on."
  public static let signature = Signature.operands(1)
  /// The number of bins along each spatial axis.
  public var sizes: [Int]
  public init(_ sizes: [Int]) { self.sizes = sizes }

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    let x = operands[0]
    guard x.elementType.isFloat else {
      throw Diagnostic("element-type", "'\(name)' does not take \(x.elementType); cast the operand to a float")
    }
    return try AdaptiveBins.inferTypes(x, sizes, name, &context)
  }

  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    let x = operands[0]
    let shape = try Evaluator.numbers(types[0])
    let means = ReferenceTensor.indices(shape).map { index -> Double in
      let places = AdaptiveBins.places(index, sizes, in: x.shape)
      return places.reduce(0) { $0 + x.floats[$1] } / Double(places.count)
    }
    return [ReferenceTensor(x.elementType, shape, floats: means)]
  }

  /// A plain average pool where the bins are all alike; otherwise axis by axis, for the mean of the means of equal bins is the
  /// mean of all.
  public func decompose(_ operands: [Tensor]) throws -> [Tensor]? {
    let x = operands[0]
    let extents = x.shape.dropFirst(2).compactMap(\.constant)
    if extents.count == sizes.count, zip(extents, sizes).allSatisfy({ $0 % $1 == 0 }) {
      let kernel = zip(extents, sizes).map { $0 / $1 }
      return [x.averagePool(Window(kernel: kernel, strides: kernel))]
    }
    var result = x.widened()
    for (axis, size) in sizes.enumerated() {
      let bins = AdaptiveBins(extent: x.shape[axis + 2], size: size)
      let (places, inside, lengths) = bins.tables(beside: x)
      let share = lengths.cast(to: result.elementType).reciprocal()
      result = result.resampled(
        axis: axis + 2, indices: places, weights: Tensor.select(inside, share, share.like(0)))
    }
    return [result.cast(to: x.elementType)]
  }
}

extension Tensor {
  /// The mean of each of a given number of bins along the axes from 2 on; see ``AdaptiveAveragePool``.
  public func adaptiveAveragePool(_ sizes: [Int]) -> Tensor { .one(AdaptiveAveragePool(sizes), self) }

  /// The gradient of ``adaptiveAveragePool(_:)`` for this operand from the result's cotangent.
  public func adaptiveAveragePoolGradient(_ cotangent: Tensor) -> Tensor {
    let sizes = cotangent.shape.dropFirst(2).compactMap(\.constant)
    return gradient(of: AdaptiveAveragePool(sizes), [], cotangent)
  }
}
