import TensorIR

/// Where the elements of a tensor that are not zero stand (ONNX `NonZero`): one row for each axis, one column for each of
/// them, in row-major order. How many there are is an attribute, which a ``Size`` may have found.
public struct Nonzero: TensorOp, NotDifferentiable {
  public static let name = "nonzero"
  public static let summary =
    "The positions, as i64, of the elements that are not zero: a row for each axis, a column for each element."
  public static let signature = Signature.operands(1)
  /// How many are wanted, the first ones in row-major order. Where there are fewer, zeros stand behind their positions.
  public var count: Dimension

  public init(count: Dimension) { self.count = count }

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    guard operands[0].elementType.bitWidth >= 8 else {
      throw Diagnostic("element-type", "'nonzero' does not take elements of \(operands[0].elementType); cast them")
    }
    return [TensorType(.i64, [Dimension(operands[0].rank), count])]
  }

  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    let (x, wanted) = (operands[0], try Evaluator.numbers(types[0])[1])
    let found = ReferenceTensor.indices(x.shape).enumerated().filter { x.number($0.offset) != 0 }.map(\.element)
    let rows = (0..<x.rank).flatMap { axis in (0..<wanted).map { $0 < found.count ? found[$0][axis] : 0 } }
    return [ReferenceTensor(.i64, [x.rank, wanted], integers: rows)]
  }
}

extension Tensor {
  /// How many elements are not zero, as an i64 scalar.
  public func nonzeroCount() -> Tensor {
    let isThere = elementType == .bool ? self : self .!= full(0, [])
    return isThere.cast(to: .i64).sum(axes: Array(0..<rank))
  }
}
