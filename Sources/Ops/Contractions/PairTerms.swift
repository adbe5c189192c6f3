import TensorIR

/// How a product of f32 is written as products of bf16, whose sums are f32.
///
/// An operand is a sum of parts, each of which is what the parts before it leave, rounded: two parts hold 16 bits of a
/// significand and three all 24. Products of small parts with small ones are left out, for they are as small as what rounding
/// loses. (G. Henry, P. T. P. Tang, A. Heinecke, "Leveraging the bfloat16 Artificial Intelligence Datatype For Higher-Precision
/// Computations", 2019.)
public enum PairTerms: Hashable, Sendable {
  /// Operands are rounded: a relative error of 2⁻⁸ a product.
  case one
  /// Two parts of each operand: about 2⁻¹⁶.
  case three
  /// Three parts of each: about 2⁻²⁴, as f32 has.
  case six

  /// Which part of the left operand meets which of the right one, the smallest products first, so that sums lose little of them.
  var parts: [(left: Int, right: Int)] {
    switch self {
    case .one: [(0, 0)]
    case .three: [(1, 0), (0, 1), (0, 0)]
    case .six: [(2, 0), (1, 1), (0, 2), (1, 0), (0, 1), (0, 0)]
    }
  }

  /// The left operand's parts one after the other along the axis that is summed over, so that one product adds up all terms.
  func left(_ operand: Tensor, axis: Int) -> Tensor { chain(operand, axis, parts.map(\.left)) }
  func right(_ operand: Tensor, axis: Int) -> Tensor { chain(operand, axis, parts.map(\.right)) }

  private func chain(_ operand: Tensor, _ axis: Int, _ order: [Int]) -> Tensor {
    var rest = operand
    var split: [Tensor] = []
    for part in 0...(order.max() ?? 0) {
      if part > 0, let last = split.last { rest = rest - last.cast(to: operand.elementType) }
      split.append(rest.cast(to: .bf16))
    }
    return order.count == 1 ? split[0] : .concat(order.map { split[$0] }, axis: axis)
  }
}
