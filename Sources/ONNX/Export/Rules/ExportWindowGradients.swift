import TensorIR
import TensorOps

extension ExportTable {
  /// What pools take back.
  static let windowGradients: [ExportRule] = [
    .other(TapValues.self) { op, x in
      let windows = unfolded(x[0], op.window, margin: 0)
      let isTaken = chosen(x[1], op.window, windows)
      let axes = (0..<op.window.kernel.count).map { $0 + 2 }
      return Tensor.select(isTaken, windows, windows.like(0)).sum(axes: axes)
    },
    .other(MaxPoolGradient.self) { op, x in
      let count = op.window.kernel.count
      let outputs = x[0].shape.dropFirst(2)
      let shape = x[0].shape.prefix(2) + op.window.kernel.map { Dimension($0) } + outputs
      let windows = spreadOver(x[0], count).broadcast(to: Array(shape))
      let shares = Tensor.select(chosen(x[1], op.window, windows), windows, windows.like(0))
      return recorded(Fold(op.window, sizes: Array(op.shape.dropFirst(2))), [shares])
    },
    .other(AveragePoolGradient.self) { op, x in
      let count = op.window.kernel.count
      let sizes = Array(op.shape.dropFirst(2))
      let divisors = windowCounts(x[0], sizes, op.window, op.countIncludePad)
      let shape = x[0].shape.prefix(2) + op.window.kernel.map { Dimension($0) } + x[0].shape.dropFirst(2)
      let shares = spreadOver(x[0] / divisors, count).broadcast(to: Array(shape))
      return recorded(Fold(op.window, sizes: sizes), [shares])
    },
  ]

  /// [n, c, outputs…] with axes for the taps in between.
  private static func spreadOver(_ x: Tensor, _ count: Int) -> Tensor {
    x.reshaped(to: x.shape.prefix(2) + Array(repeating: 1, count: count) + x.shape.dropFirst(2))
  }

  /// Which taps of windows [n, c, kernel…, outputs…] are those of a number.
  private static func chosen(_ taps: Tensor, _ window: Window, _ windows: Tensor) -> Tensor {
    let kernel = window.kernel.map { Dimension($0) }
    let count = kernel.count
    let number = taps.iota(.i32, [kernel.reduce(1, *)], axis: 0)
      .reshaped(to: [1, 1] + kernel + Array(repeating: 1, count: count))
    return spreadOver(taps, count) .== number
  }
}
