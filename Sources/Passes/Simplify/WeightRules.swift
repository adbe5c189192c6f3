import TensorIR
import TensorOps

/// Factors and sums for each channel go into the weights and the bias before them, as every runtime does for batch
/// normalisation: it is then free. Results are rounded in another place, so `--exact` leaves these out.
enum WeightRules {
  static let rules: [Rule] = [
    subtractConstant, convolutionScaled, convolutionShifted, padConvolution, matmulScaled,
  ]

  /// `x - c => x + (-c)`, so that one form is enough for what follows.
  private static let subtractConstant = Rule("subtract-constant", on: Subtract.self) { _, site in
    guard let literal = site.literal(site.operand(1)), literal.elementType.isFloat else { return nil }
    let tensor = ReferenceTensor(literal)
    let negated = ReferenceTensor(literal.elementType, literal.shape, floats: tensor.floats.map { -$0 })
    return [try site.one(Add(), site.operand(0), try site.one(Constant(negated.literal)))]
  }

  /// A convolution whose weights, and bias if it has one, are known and that nothing else reads.
  private struct Known {
    var op: Convolution
    var x: ValueID?
    var weights: TensorLiteral
    var bias: [Double]?
    var type: TensorType

    init?(_ id: ValueID?, _ site: inout RewriteSite) {
      guard let id, site.isUsedOnce(id), let found = site.producer(of: id, as: Convolution.self),
        let weights = site.literal(found.operation.operands[1])
      else { return nil }
      let operands = found.operation.operands
      if operands.count > 2, let bias = operands[2] {
        guard let literal = site.literal(bias) else { return nil }
        self.bias = ReferenceTensor(literal).floats
      }
      (op, x, self.weights, type) = (found.op, operands[0], weights, site.type(of: id))
    }

    func add(to site: inout RewriteSite) throws -> [ValueID] {
      var operands = [x, try site.one(Constant(weights))]
      if let bias {
        operands.append(
          try site.one(Constant(ReferenceTensor(type.elementType, [bias.count], floats: bias).literal)))
      }
      return try site.add(op, operands)
    }
  }

  private static let convolutionScaled = Rule(
    "scale-into-convolution", on: Multiply.self, exactness: .rounding
  ) {
    _, site in
    guard var known = Known(site.operand(0), &site),
      let factors = site.numbers(site.operand(1), alongAxis: 1, of: known.type),
      factors.allSatisfy(\.isFinite)
    else { return nil }
    known.weights = known.weights.scaled(by: factors, axis: 0)
    known.bias = known.bias.map { zip($0, factors).map { $0 * $1 } }
    return try known.add(to: &site)
  }

  private static let convolutionShifted = Rule("shift-into-convolution", on: Add.self, exactness: .rounding) {
    _, site in
    guard var known = Known(site.operand(0), &site),
      let shifts = site.numbers(site.operand(1), alongAxis: 1, of: known.type)
    else { return nil }
    known.bias = known.bias.map { zip($0, shifts).map { $0 + $1 } } ?? shifts
    return try known.add(to: &site)
  }

  /// Margins of zeros are what a convolution adds by itself.
  private static let padConvolution = Rule("pad-into-convolution", on: Convolution.self, exactness: .rounding) {
    op, site in
    guard let pad = site.producer(of: site.operand(0), as: Pad.self), pad.op.mode == .constant,
      pad.op.value == 0
    else { return nil }
    let (before, after) = (pad.op.before.compactMap(\.constant), pad.op.after.compactMap(\.constant))
    guard before.count == op.before.count + 2, after.count == before.count,
      (before + after).allSatisfy({ $0 >= 0 }),
      (before.prefix(2) + after.prefix(2)).allSatisfy({ $0 == 0 })
    else { return nil }
    var wider = op
    wider.before = zip(op.before, before.dropFirst(2)).map { $0 + $1 }
    wider.after = zip(op.after, after.dropFirst(2)).map { $0 + $1 }
    var operands = site.operation.operands
    operands[0] = pad.operation.operands[0]
    return try site.add(wider, operands)
  }

  private static let matmulScaled = Rule("scale-into-matmul", on: Multiply.self, exactness: .rounding) {
    _, site in
    guard let id = site.operand(0), site.isUsedOnce(id), let product = site.producer(of: id, as: Matmul.self),
      let weights = site.literal(product.operation.operands[1])
    else { return nil }
    let type = site.type(of: id)
    guard let factors = site.numbers(site.operand(1), alongAxis: type.rank - 1, of: type),
      factors.allSatisfy(\.isFinite)
    else { return nil }
    let column = weights.shape.count - (product.op.transposeRight ? 2 : 1)
    let scaled = try site.one(Constant(weights.scaled(by: factors, axis: column)))
    return [try site.one(product.op, product.operation.operands[0], scaled)]
  }
}
