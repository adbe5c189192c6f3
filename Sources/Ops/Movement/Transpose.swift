import TensorIR

/// The axes in another order.
public struct Transpose: ElementOp {
  public static let name = "transpose"
  public static let summary = "The axes in another order: axis i of the result is axis permutation[i] of the operand."
  public static let signature = Signature.operands(1)
  public var permutation: [Int]
  public init(_ permutation: [Int]) { self.permutation = permutation }

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    guard permutation.sorted() == Array(0..<operands[0].rank) else {
      throw Diagnostic("bad-attribute", "\(permutation) is not a permutation of the axes of \(operands[0])")
    }
    return [operands[0].with(shape: permutation.map { operands[0].shape[$0] })]
  }

  public func checkLayouts(_ operands: [TensorType], _ results: [TensorType]) throws {
    try requireStrides(operands + results)
  }

  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    let shape = try Evaluator.numbers(types[0])
    let strides = ReferenceTensor.strides(operands[0].shape)
    let positions = ReferenceTensor.indices(shape).map { index in
      zip(index, permutation).reduce(0) { $0 + $1.0 * strides[$1.1] }
    }
    return [operands[0].picking(positions, shape: shape)]
  }

  public func source(_ operands: [TensorType], _ result: TensorType) -> ElementSource {
    var places = [Place](repeating: .zero, count: permutation.count)
    for (axis, from) in permutation.enumerated() { places[from] = .axis(axis) }
    return .read(.moved(places))
  }

  public func differentiate(_ operands: [Tensor]) throws -> Differentiated {
    var inverse = permutation
    for (axis, from) in permutation.enumerated() where from < inverse.count { inverse[from] = axis }
    return Differentiated(try Tensor.record(self, operands)) { [$0[0]?.transposed(inverse)] }
  }
}

extension Transpose: AliasOp {
  /// With a layout that follows the permutation nothing moves.
  public func isView(_ operand: TensorType, _ result: TensorType) -> Bool {
    guard let from = operand.memoryAxes, let to = result.memoryAxes else { return false }
    return from == to.map { permutation[$0] }
  }

  public func viewLayouts(of operand: TensorType) -> (operand: Layout?, result: Layout?) {
    (nil, Layout(order: operand.layout.axes(rank: operand.rank).compactMap { permutation.firstIndex(of: $0) }))
  }
}
