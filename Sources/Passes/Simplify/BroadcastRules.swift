import TensorIR
import TensorOps

/// Pointwise ops broadcast by themselves, so nothing need be broadcast for them.
enum BroadcastRules {
  static let rules: [Rule] = [broadcastToSame, broadcastTwice, narrowOperands]

  private static let broadcastToSame = Rule("broadcast-to-same", on: BroadcastTo.self) { _, site in
    site.operandTypes[0].plain == site.resultType ? [site.operand(0)].compactMap { $0 } : nil
  }

  private static let broadcastTwice = Rule("broadcast-twice", on: BroadcastTo.self) { op, site in
    guard let inner = site.producer(of: site.operand(0), as: BroadcastTo.self) else { return nil }
    return [try site.one(op, inner.operation.operands[0])]
  }

  /// Operands of a pointwise op that broadcast to what they are made of, if the result stays the same.
  private static let narrowOperands = Rule("narrow-operands") { site in
    guard let op = site.operation.op as? any PointwiseOp else { return nil }
    let operands = site.operation.operands
    for index in operands.indices {
      guard let id = operands[index], let narrow = try narrower(id, &site) else { continue }
      var changed = operands
      changed[index] = narrow
      // Where another operand has not the full shape, this one is needed for it: then the types differ.
      if let result = try? site.add(op, changed), result.count == 1,
        site.type(of: result[0]) == site.resultType
      {
        return result
      }
    }
    return nil
  }

  /// A smaller value that broadcasts to a value's shape and elements.
  private static func narrower(_ id: ValueID, _ site: inout RewriteSite) throws -> ValueID? {
    let type = site.type(of: id)
    if let inner = site.producer(of: id, as: BroadcastTo.self) { return inner.operation.operands[0] }
    if let inner = site.producer(of: id, as: Reshape.self), let source = inner.operation.operands[0] {
      // Axes of extent 1 put in front.
      let own = site.type(of: source).shape
      let added = type.rank - own.count
      return added > 0 && Array(type.shape.dropFirst(added)) == own
        && type.shape.prefix(added).allSatisfy { $0 == 1 }
        ? source : nil
    }
    guard type.rank > 0, let number = site.splat(id), TensorLanguage.isFaithful(number, type.elementType)
    else {
      return nil
    }
    return try site.one(Full(number, type.elementType, []))
  }
}
