import TensorIR
import TensorOps

extension ExportTable {
  /// Pools, and windows side by side.
  static let windows: [ExportRule] = [
    .nodes(AveragePool.self, when: { op, _ in isNarrow(op.window) }) { op, node in
      var attributes = describe(op.window)
      attributes["count_include_pad"] = .int(op.countIncludePad ? 1 : 0)
      try node.result("AveragePool", node.inputs, attributes)
    }.otherwise(AveragePool.self) { op, x in
      let axes = op.window.kernel.indices.map { $0 + 2 }
      let sums = unfolded(x[0], op.window, margin: 0).sum(axes: axes)
      return sums / windowCounts(x[0], Array(x[0].shape.dropFirst(2)), op.window, op.countIncludePad)
    },
    .nodes(MaxPool.self, when: { poolTakes($1[0]) && isNarrow($0.window) }) { op, node in
      try node.result("MaxPool", node.inputs, describe(op.window))
    }.otherwise(MaxPool.self) { op, x in
      let axes = op.window.kernel.indices.map { $0 + 2 }
      return recorded(Max(axes: axes, keepAxes: false), [unfolded(x[0], op.window, margin: x[0].elementType.least)])
    },
    .nodes(MaxPoolIndices.self, when: { $0.overAll && poolTakes($1[0]) && isNarrow($0.window) }) { op, node in
      var attributes = describe(op.window)
      attributes["storage_order"] = .int(op.columnMajor ? 1 : 0)
      try node.result(0, at: 1, "MaxPool", node.inputs, attributes)
    },
    .other(MaxPoolTaps.self) { op, x in
      let windows = unfolded(x[0], op.window, margin: x[0].elementType.least)
      let lead = x[0].rank - op.window.kernel.count
      let taps = Dimension(op.window.kernel.reduce(1, *))
      let lines = windows.reshaped(
        to: windows.shape[..<lead] + [taps] + windows.shape[(lead + op.window.kernel.count)...])
      return recorded(ArgMax(axis: lead, keepAxes: false), [lines]).cast(to: .i32)
    },
    .other(Unfold.self) { op, x in unfolded(x[0], op.window, margin: 0) },
    .nodes(Fold.self, when: { op, operands in !op.window.ceilMode && operands[0]?.elementType.isFloat ?? false }) {
      op, node in try fold(op, node)
    }.otherwise(Fold.self) { op, x in
      // Whole numbers are added up as floats, which have those of 53 bits; windows that reach beyond the padding as if there were
      // more of it.
      let type = x[0].elementType
      let floats = type.isFloat ? x[0] : x[0].cast(to: .f64)
      let window = try withoutCeiling(op.window, x[0].shape.suffix(op.window.kernel.count), op.sizes)
      return recorded(Fold(window, sizes: op.sizes), [floats]).cast(to: type)
    },
  ]

  private static func describe(_ window: Window) -> [String: NodeAttribute] {
    [
      "kernel_shape": .ints(window.kernel), "strides": .ints(window.strides),
      "pads": .ints(window.before + window.after), "dilations": .ints(window.dilations),
      "ceil_mode": .int(window.ceilMode ? 1 : 0),
    ]
  }

  /// A window with as much padding behind as its outputs reach, so that none is left out without rounding up.
  private static func withoutCeiling(
    _ window: Window, _ outputs: ArraySlice<Dimension>, _ sizes: [Dimension]
  ) throws -> Window {
    var plain = window
    guard window.ceilMode else { return plain }
    plain.ceilMode = false
    for (axis, (count, size)) in zip(outputs, sizes).enumerated() {
      let span = (window.kernel[axis] - 1) * window.dilations[axis] + 1
      guard let count = count.constant, let size = size.constant else {
        throw Diagnostic("onnx-export", "'fold' with windows beyond the padding needs extents that are numbers")
      }
      plain.after[axis] = max(0, (count - 1) * window.strides[axis] + span - size - window.before[axis])
    }
    return plain
  }

  /// Whether there is less padding than a window takes, which onnxruntime asks for.
  private static func isNarrow(_ window: Window) -> Bool {
    window.kernel.indices.allSatisfy { max(window.before[$0], window.after[$0]) < window.kernel[$0] }
  }

  /// How many elements each window has, from windows of ones [1, 1, sizes…].
  static func windowCounts(_ x: Tensor, _ sizes: [Dimension], _ window: Window, _ countsPadding: Bool) -> Tensor {
    var counted = window
    var whole = x.full(1, [1, 1] + sizes)
    if countsPadding {
      let margins = { (list: [Int]) in [Dimension(0), 0] + list.map { Dimension($0) } }
      whole = whole.padded(before: margins(window.before), after: margins(window.after), value: 1)
      (counted.before, counted.after) = (window.before.map { _ in 0 }, window.after.map { _ in 0 })
    }
    return unfolded(whole, counted, margin: 0).sum(axes: window.kernel.indices.map { $0 + 2 })
  }

  private static func poolTakes(_ type: TensorType?) -> Bool {
    switch type?.elementType {
    case .f16, .f32, .f64, .i8, .u8: true
    default: false
    }
  }

  /// Every window side by side, [lead…, kernel…, outputs…], by the places of their elements on each axis.
  static func unfolded(_ x: Tensor, _ window: Window, margin: Double) -> Tensor {
    let count = window.kernel.count
    let lead = x.rank - count
    var (before, after) = (x.shape.map { _ in Dimension(0) }, x.shape.map { _ in Dimension(0) })
    for axis in 0..<count {
      before[lead + axis] = Dimension(window.before[axis])
      // A last window may reach beyond the padding.
      after[lead + axis] = Dimension(window.after[axis] + (window.ceilMode ? window.strides[axis] - 1 : 0))
    }
    var result = x.padded(before: before, after: after, value: margin)
    for axis in (0..<count).reversed() {
      let table = [Dimension(window.kernel[axis]), outputs(window, axis, x.shape[lead + axis])]
      let tap = x.iota(.i64, table, axis: 0)
      let start = x.iota(.i64, table, axis: 1) * tap.like(Double(window.strides[axis]))
      result = result.gather(start + tap * tap.like(Double(window.dilations[axis])), axis: lead + axis)
    }
    // [lead…, kernel 0, outputs 0, kernel 1, outputs 1, …]
    let order = Array(0..<lead) + (0..<count).map { lead + 2 * $0 } + (0..<count).map { lead + 2 * $0 + 1 }
    return result.transposed(order)
  }

  /// The number of windows along an axis.
  private static func outputs(_ window: Window, _ axis: Int, _ extent: Dimension) -> Dimension {
    let span = (window.kernel[axis] - 1) * window.dilations[axis] + 1
    let stride = Dimension(window.strides[axis])
    let room = extent + Dimension(window.before[axis] + window.after[axis] - span)
    if !window.ceilMode { return room.floorDivided(by: stride) + 1 }
    let starts = (extent + Dimension(window.before[axis])).ceilingDivided(by: stride)
    return .minimum(room.ceilingDivided(by: stride) + 1, starts)
  }

  /// `Col2Im` takes a column for each window, and one channel here.
  private static func fold(_ op: Fold, _ node: ExportNode) throws {
    let (x, count) = (node.type(0), op.window.kernel.count)
    let lead = x.rank - 2 * count
    let planes = x.shape[..<lead].reduce(1, *)
    let taps = Dimension(op.window.kernel.reduce(1, *))
    let columns = try node.put(
      "Reshape", [node.input(0), node.sizes([planes, taps, x.shape[(lead + count)...].reduce(1, *)])],
      ["allowzero": .int(1)])
    let images = try node.put(
      "Col2Im", [columns, node.sizes(op.sizes), node.integers(op.window.kernel)],
      [
        "strides": .ints(op.window.strides), "pads": .ints(op.window.before + op.window.after),
        "dilations": .ints(op.window.dilations),
      ])
    try node.result("Reshape", [images, node.sizes(node.resultType().shape)], ["allowzero": .int(1)])
  }
}
