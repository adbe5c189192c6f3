import TensorIR

/// Neighbouring axes of two shapes that hold the same number of elements, extents of 1 left out.
package struct ReshapeRun {
  var from: [Int]
  var to: [Int]

  /// Splits two shapes of equal count into the smallest runs that can be told apart.
  static func runs(_ from: [Dimension], _ to: [Dimension]) -> [ReshapeRun] {
    var left = from.indices.filter { from[$0] != 1 }[...]
    var right = to.indices.filter { to[$0] != 1 }[...]
    var result: [ReshapeRun] = []
    while let a = left.popFirst() {
      guard let b = right.popFirst() else { return result + [ReshapeRun(from: [a] + left, to: [])] }
      var run = ReshapeRun(from: [a], to: [b])
      var (p, q) = (from[a], to[b])
      while p != q {
        if q.exactQuotient(by: p) != nil, let next = left.popFirst() {
          run.from.append(next)
          p = p * from[next]
        } else if p.exactQuotient(by: q) != nil, let next = right.popFirst() {
          run.to.append(next)
          q = q * to[next]
        } else {
          run.from += left
          run.to += right
          return result + [run]
        }
      }
      result.append(run)
    }
    return right.isEmpty ? result : result + [ReshapeRun(from: [], to: Array(right))]
  }

  /// The axes of two shapes of equal count taken apart into the fewest that both are made of, outermost first; an extent of 1 is
  /// made of none. Nil where neither extent divides the other, or that is not known.
  package static func factors(
    _ first: [Dimension], _ second: [Dimension]
  ) -> (first: [[Dimension]], second: [[Dimension]])? {
    var result = (
      first: [[Dimension]](repeating: [], count: first.count), second: [[Dimension]](repeating: [], count: second.count)
    )
    var (i, j) = (first.count - 1, second.count - 1)
    var (p, q) = (first.last ?? 1, second.last ?? 1)
    while i >= 0, j >= 0 {
      if p == 1 {
        i -= 1
        p = i < 0 ? 1 : first[i]
      } else if q == 1 {
        j -= 1
        q = j < 0 ? 1 : second[j]
      } else {
        let (rest, other) = (p.exactQuotient(by: q), q.exactQuotient(by: p))
        guard let factor = rest != nil ? q : other != nil ? p : nil else { return nil }
        result.first[i].insert(factor, at: 0)
        result.second[j].insert(factor, at: 0)
        (p, q) = (rest ?? 1, rest != nil ? 1 : other ?? 1)
      }
    }
    return (first[..<max(i, 0)] + second[..<max(j, 0)]).allSatisfy { $0 == 1 } && p == 1 && q == 1 ? result : nil
  }
}
