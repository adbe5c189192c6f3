import TensorIR

/// What flows back through a ``Pad``: margins are dropped, or added to the elements that they repeat.
enum PadGradient {
  /// The tensor without margins. A slice where they are known not to be negative, because it fuses best.
  static func cut(_ tensor: Tensor, _ before: [Dimension], _ after: [Dimension]) -> Tensor {
    let symbols = tensor.recorder?.symbols ?? SymbolTable()
    guard (before + after).allSatisfy({ symbols.isAtMost(0, $0) == .yes }) else {
      return tensor.padded(before: before.map { -$0 }, after: after.map { -$0 })
    }
    let sizes = tensor.shape.indices.map { tensor.shape[$0] - before[$0] - after[$0] }
    return tensor.sliced(starts: before, sizes: sizes)
  }

  /// The tensor without the margins on one axis, which are added where they came from.
  static func folded(
    _ tensor: Tensor, _ axis: Int, _ before: Dimension, _ size: Dimension, _ after: Dimension, _ mode: PadMode
  ) -> Tensor {
    func alone(_ value: Dimension) -> [Dimension] { tensor.shape.indices.map { $0 == axis ? value : 0 } }
    var result = cut(tensor, alone(before), alone(after))
    let margins = [(start: Dimension(0), width: before), (start: before + size, width: after)]
    for (number, margin) in margins.enumerated() where isPositive(margin.width) {
      var part = tensor.sliced(axis: axis, start: margin.start, size: margin.width)
      part = mode == .edge ? part.sum(axes: [axis], keepAxes: true) : part.reversed(axes: [axis])
      let width = mode == .edge ? 1 : margin.width
      // The mirrored margins leave out the element at the edge.
      let near: Dimension = mode == .edge ? 0 : 1
      let far = size - width - near
      result =
        result
        + part.padded(
          before: alone(number == 0 ? near : far), after: alone(number == 0 ? far : near))
    }
    return result
  }

  /// The sum over all places on an axis that come from one element when the elements repeat without end.
  static func unwrapped(_ tensor: Tensor, _ axis: Int, _ before: Dimension, _ size: Dimension) -> Tensor {
    let places = tensor.iota(.i64, [tensor.shape[axis]], axis: 0)
    let sources = (places - tensor.dimensionValue(before)) % tensor.dimensionValue(size)
    return .one(GatherGradient(axis: axis, extent: size), tensor, sources)
  }

  /// Margins that may be negative have nothing to give back but what was cut off.
  private static func isPositive(_ width: Dimension) -> Bool { width.constant.map { $0 > 0 } ?? true }
}
