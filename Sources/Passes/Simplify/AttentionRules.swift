import TensorIR
import TensorOps

/// Finds attention as exporters write it: a product of a softmax of a product, with what they put between.
enum AttentionRules {
  static let rules: [Rule] = [found, CausalRules.causal]

  private static let found = Rule("attention", on: Matmul.self, exactness: .rounding) { op, site in
    guard !op.transposeLeft, let weights = site.operand(0), site.isUsedOnce(weights),
      [.f32, .f64].contains(site.resultType.elementType),
      let softmax = site.producer(of: weights, as: Softmax.self), let source = softmax.operation.operands[0],
      softmax.op.axis == site.type(of: weights).rank - 1,
      var scores = Scores(source, &site)
    else { return nil }
    scores.takeFactors(&site)
    let keys = scores.keysAreRows ? scores.keys : try transposed(scores.keys, &site)
    guard let values = site.operand(1), let keys else { return nil }
    let rows = op.transposeRight ? try transposed(values, &site) : values
    var operands: [ValueID?] = [scores.queries, keys, rows, scores.bias]
    if let mask = scores.mask {
      operands.append(scores.showsMask ? try site.one(LogicalNot(), mask) : mask)
    } else if scores.bias == nil {
      operands.removeLast()
    }
    return try site.add(Attention(scale: scores.scale, hidden: scores.hidden), operands)
  }

  private static func transposed(_ id: ValueID?, _ site: inout RewriteSite) throws -> ValueID? {
    guard let id else { return nil }
    let rank = site.type(of: id).rank
    return try site.one(Transpose(Array(0..<rank - 2) + [rank - 1, rank - 2]), id)
  }

  /// What scores are made of. From the outside in: hidden by a mask, shifted by a bias, multiplied by a number.
  private struct Scores {
    var queries: ValueID?
    var keys: ValueID?
    /// Whether keys are given as rows, [.., m, d].
    var keysAreRows = true
    var scale = 1.0
    var bias: ValueID?
    var mask: ValueID?
    var hidden = -Double.infinity
    /// Whether the mask is true for keys that are seen.
    var showsMask = false

    init?(_ source: ValueID, _ site: inout RewriteSite) {
      var id: ValueID? = source
      let type = site.type(of: source)
      guard takeMask(&id, type, &site), takeBias(&id, type, &site) else { return nil }
      takeNumbers(&id, &site)
      guard let inner = id, site.isUsedOnce(inner), let product = site.producer(of: inner, as: Matmul.self),
        !product.op.transposeLeft, site.type(of: inner).shape == type.shape
      else { return nil }
      (queries, keys) = (product.operation.operands[0], product.operation.operands[1])
      keysAreRows = product.op.transposeRight
    }

    /// `select(mask, hidden, scores)`, or the other way round.
    private mutating func takeMask(_ id: inout ValueID?, _ type: TensorType, _ site: inout RewriteSite) -> Bool {
      guard let select = site.producer(of: id, as: Select.self)?.operation else { return true }
      guard site.isUsedOnce(id), let mask = select.operands[0], broadcasts(mask, type, site) else { return false }
      for (shown, other) in [(2, 1), (1, 2)] {
        guard let number = site.splat(select.operands[other]) else { continue }
        (self.mask, hidden, showsMask) = (mask, number, shown == 1)
        id = select.operands[shown]
        return true
      }
      return false
    }

    /// `scores + bias`, in either order: the bias is what no product makes.
    private mutating func takeBias(_ id: inout ValueID?, _ type: TensorType, _ site: inout RewriteSite) -> Bool {
      guard let sum = site.producer(of: id, as: Add.self)?.operation else { return true }
      guard site.isUsedOnce(id) else { return false }
      for (scores, other) in [(0, 1), (1, 0)] {
        var inner = sum.operands[scores]
        takeNumbers(&inner, &site)
        scale = 1
        guard site.producer(of: inner, as: Matmul.self) != nil, let bias = sum.operands[other],
          broadcasts(bias, type, site)
        else { continue }
        self.bias = bias
        id = sum.operands[scores]
        return true
      }
      return false
    }

    /// Whether every axis of a value is 1 or as that of the scores.
    private func broadcasts(_ id: ValueID, _ type: TensorType, _ site: RewriteSite) -> Bool {
      let shape = site.type(of: id).shape
      return shape.count <= type.rank && zip(shape.reversed(), type.shape.reversed()).allSatisfy { $0 == 1 || $0 == $1 }
    }

    /// Multiplications and divisions by a number.
    private mutating func takeNumbers(_ id: inout ValueID?, _ site: inout RewriteSite) {
      while site.isUsedOnce(id) {
        if let product = site.producer(of: id, as: Multiply.self)?.operation {
          if let number = site.splat(product.operands[1]) {
            (scale, id) = (scale * number, product.operands[0])
          } else if let number = site.splat(product.operands[0]) {
            (scale, id) = (scale * number, product.operands[1])
          } else {
            return
          }
        } else if let quotient = site.producer(of: id, as: Divide.self)?.operation,
          let number = site.splat(quotient.operands[1]), number != 0
        {
          (scale, id) = (scale / number, quotient.operands[0])
        } else {
          return
        }
      }
    }

    /// Numbers by which queries or keys are multiplied before.
    mutating func takeFactors(_ site: inout RewriteSite) {
      for place in [\Scores.queries, \Scores.keys] {
        var id = self[keyPath: place]
        let before = scale
        let type = id.map { site.type(of: $0) }
        takeNumbers(&id, &site)
        // What stretches the number's shape is no factor.
        if id.map({ site.type(of: $0) }) == type { self[keyPath: place] = id } else { scale = before }
      }
    }
  }
}
