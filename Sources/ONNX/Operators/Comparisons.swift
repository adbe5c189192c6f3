import TensorIR
import TensorOps

extension OnnxOperators {
  /// Comparisons and logic.
  static let comparisons: [String: Converter] = [
    "Equal": binary(Equal()),
    "Less": binary(Less()),
    "LessOrEqual": binary(LessEqual()),
    "Greater": binary(Greater()),
    "GreaterOrEqual": binary(GreaterEqual()),
    "And": binary(LogicalAnd()),
    "Or": binary(LogicalOr()),
    "Xor": binary(LogicalXor()),
    "Not": plain(LogicalNot()),
    "IsNaN": plain(IsNaN()),
    "IsInf": one(isInfinite),
    "Where": one { node in try node.add(Select(), node.tensor(0), node.tensor(1), node.tensor(2)) },
  ]

  private static func isInfinite(_ node: NodeConversion) throws -> Tensor {
    let x = try node.tensor(0)
    guard x.elementType.isFloat else { throw OnnxError("element-type", "it takes floats, not \(x.elementType)") }
    let (positive, negative) = (
      try node.flag("detect_positive", default: true), try node.flag("detect_negative", default: true)
    )
    if positive && negative { return try node.add(IsInfinite(), x) }
    if !positive && !negative { return try node.add(Full(0, .bool, x.shape)) }
    return try node.add(Equal(), x, node.scalar(positive ? .infinity : -.infinity, x.elementType))
  }
}
