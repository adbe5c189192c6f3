import TensorIR
import TensorOps

/// How long the reference evaluator takes for an operation, estimated from its sizes. Measured in a release build, in
/// processor time, on a Xeon at 2.8 GHz.
enum EvaluatorTime {
  /// For an operation, whatever its size.
  private static let operation = 1_000
  /// For an element of an operand or a result.
  private static let element = 250
  /// For an element that is added up.
  private static let term = 90
  /// For a multiply-add of a product.
  private static let multiplyAdd = 2

  static func nanoseconds(_ op: any TensorOp, _ operands: [TensorType], _ results: [TensorType]) -> Int {
    // Copies take less time than it takes to compile anything.
    if HostMoves.moves(op, operands) { return operation }
    let elements = (operands + results).map(count).max() ?? 0
    let pointwise = elements.multipliedSaturating(op is any ReductionOp ? term : element).addingSaturating(operation)
    return pointwise.addingSaturating(multiplyAdds(op, operands, results).multipliedSaturating(multiplyAdd))
  }

  private static func count(_ type: TensorType) -> Int {
    type.constantShape.map { $0.reduce(1) { $0.multipliedSaturating($1) } } ?? .max
  }

  /// The multiply-adds of what has many for each element.
  private static func multiplyAdds(_ op: any TensorOp, _ operands: [TensorType], _ results: [TensorType]) -> Int {
    guard let left = operands.first, let result = results.first else { return 0 }
    let most = max(count(left), count(result))
    switch op {
    case is Matmul, is any WordMatmul, is MatmulNBits:
      return count(left).multipliedSaturating(result.shape.last?.constant ?? 1)
    case is Convolution, is any WordConvolution, is TransposedConvolution, is DeformableConvolution:
      return most.multipliedSaturating(operands.dropFirst().map { count($0) / extent($0.shape.first) }.max() ?? 1)
    case is any RecurrentLayer:
      return most.multipliedSaturating(operands.dropFirst().map { count($0) / extent(left.shape.last) }.max() ?? 1)
    case is any WindowOp: return most.multipliedSaturating(window)
    default: return 0
    }
  }

  /// The positions of a window, about.
  private static let window = 9

  private static func extent(_ dimension: Dimension?) -> Int { max(dimension?.constant ?? 1, 1) }
}

extension Int {
  func multipliedSaturating(_ other: Int) -> Int {
    let (product, overflow) = multipliedReportingOverflow(by: other)
    return overflow ? .max : product
  }

  func addingSaturating(_ other: Int) -> Int {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? .max : sum
  }
}
