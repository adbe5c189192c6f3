import TensorIR
import TensorOps

/// Slices, joins and margins that do nothing, or of which one does the work of two.
enum SliceRules {
  static let rules: [Rule] = [
    wholeSlice, sliceTwice, sliceOfConcat, concatOfOne, concatOfConcat, concatOfNothing, padByNothing,
  ]

  private static let wholeSlice = Rule("slice-of-all", on: Slice.self) { op, site in
    guard site.operandTypes[0].plain == site.resultType, op.starts.allSatisfy({ $0 == 0 }),
      op.steps.allSatisfy({ $0 == 1 })
    else { return nil }
    return [site.operand(0)].compactMap { $0 }
  }

  private static let sliceTwice = Rule("slice-twice", on: Slice.self) { op, site in
    guard let inner = site.producer(of: site.operand(0), as: Slice.self) else { return nil }
    let starts = op.starts.indices.map { inner.op.starts[$0] + op.starts[$0] * Dimension(inner.op.steps[$0]) }
    let steps = op.steps.indices.map { op.steps[$0] * inner.op.steps[$0] }
    return [try site.one(Slice(starts: starts, sizes: op.sizes, steps: steps), inner.operation.operands[0])]
  }

  /// A slice that lies in one part of what was joined.
  private static let sliceOfConcat = Rule("slice-of-concat", on: Slice.self) { op, site in
    guard let concat = site.producer(of: site.operand(0), as: Concat.self) else { return nil }
    let axis = concat.op.axis
    let last = op.starts[axis] + (op.sizes[axis] - 1) * Dimension(op.steps[axis])
    let (low, high) = op.steps[axis] > 0 ? (op.starts[axis], last + 1) : (last, op.starts[axis] + 1)
    var offset: Dimension = 0
    for case let part? in concat.operation.operands {
      let end = offset + site.type(of: part).shape[axis]
      if site.symbols.isAtMost(offset, low) == .yes, site.symbols.isAtMost(high, end) == .yes {
        var starts = op.starts
        starts[axis] = starts[axis] - offset
        return [try site.one(Slice(starts: starts, sizes: op.sizes, steps: op.steps), part)]
      }
      offset = end
    }
    return nil
  }

  private static let concatOfOne = Rule("concat-of-one", on: Concat.self) { _, site in
    site.operation.operands.count == 1 ? site.operation.operands.compactMap { $0 } : nil
  }

  private static let concatOfConcat = Rule("concat-of-concat", on: Concat.self) { op, site in
    var parts: [ValueID?] = []
    for id in site.operation.operands {
      if let inner = site.producer(of: id, as: Concat.self), inner.op.axis == op.axis, site.isUsedOnce(id) {
        parts += inner.operation.operands
      } else {
        parts.append(id)
      }
    }
    return parts.count == site.operation.operands.count ? nil : try site.add(op, parts)
  }

  /// Parts without elements.
  private static let concatOfNothing = Rule("concat-of-nothing", on: Concat.self) { op, site in
    let all = site.operation.operands
    let kept = all.filter { id in id.map { site.type(of: $0).shape[op.axis] != 0 } ?? true }
    return kept.isEmpty || kept.count == all.count ? nil : try site.add(op, kept)
  }

  private static let padByNothing = Rule("pad-by-nothing", on: Pad.self) { op, site in
    (op.before + op.after).allSatisfy { $0 == 0 } ? [site.operand(0)].compactMap { $0 } : nil
  }
}
