import TensorIR

/// One axis of an ONNX `Slice`: which elements `start..<end` with a step means on an axis of some extent.
struct SliceRange: Equatable {
  let start: Dimension
  let size: Dimension
  let step: Int

  /// Exporters write the greatest 32- or 64-bit integer, or a round number near the former, for "to the end".
  private static let limit = 1_000_000_000

  /// ONNX's rule: negative positions count from the end, then all are clamped to the axis.
  init(_ start: Dimension, _ end: Dimension, step: Int, extent: Dimension, _ symbols: SymbolTable) throws {
    guard step != 0, step != .min else { throw OnnxError("onnx-slice-step", "a step of \(step) is not possible") }
    let least: Dimension = step > 0 ? 0 : -1
    let greatest = step > 0 ? extent : extent - 1
    // A start is an element even of a reversed slice, an end may stand one before the first.
    let first = SliceRange.clamp(start, least: 0, greatest: greatest, extent, symbols)
    let last = SliceRange.clamp(end, least: least, greatest: greatest, extent, symbols)
    let length = step > 0 ? last - first : first - last
    self.start = first
    self.step = step
    size = symbols.maximum(length.ceilingDivided(by: Dimension(abs(step))), 0)
  }

  private static func clamp(
    _ position: Dimension, least: Dimension, greatest: Dimension, _ extent: Dimension, _ symbols: SymbolTable
  ) -> Dimension {
    if let number = position.constant {
      if number >= limit { return greatest }
      if number <= -limit { return least }
    }
    let counted: Dimension
    switch symbols.isAtMost(0, position) {
    case .yes: counted = position
    case .no: counted = position + extent
    // 1 where the position is negative, else 0.
    case .unknown: counted = position + extent * .minimum(1, .maximum(0, -position))
    }
    return symbols.maximum(symbols.minimum(counted, greatest), least)
  }
}
