import TensorIR

/// Sizes that are known only when the function runs, as an i64 tensor (ONNX `Shape` and arithmetic on its result).
public struct DimensionValues: ElementOp, NotDifferentiable {
  public static let name = "dimension_values"
  public static let summary = "An i64 tensor that holds dimensions."
  public static let signature = Signature.operands(0)
  /// The elements in row-major order.
  public var values: [Dimension]
  public var shape: [Int]

  public init(_ values: [Dimension], _ shape: [Int]) {
    self.values = values
    self.shape = shape
  }

  public var isUniform: Bool { values.count == 1 }

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    guard TensorLiteral.count(of: shape) == values.count else {
      throw Diagnostic("bad-attribute", "\(values.count) dimensions do not fill the shape \(shape)")
    }
    return [TensorType(.i64, shape.map { Dimension($0) })]
  }

  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    [ReferenceTensor(.i64, shape, integers: try Evaluator.numbers(values))]
  }

  public func source(_ operands: [TensorType], _ result: TensorType) -> ElementSource {
    .sizes(values, at: shape.indices.reduce(Place.zero) { $0 * shape[$1] + .axis($1) })
  }
}

extension Tensor {
  /// A scalar i64 recorded beside this tensor that holds a dimension.
  public func dimensionValue(_ value: Dimension) -> Tensor { beside(DimensionValues([value], [])) }
}
