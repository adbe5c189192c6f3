import TensorIR
import TensorOps

extension ExportTable {
  /// Ops that put elements elsewhere, and those that make tensors of nothing.
  static let movement: [ExportRule] = [
    .node(Copy.self, "Identity"), .node(StopGradient.self, "Identity"),
    .nodes(Reshape.self) { op, node in try reshape(op, node) },
    .nodes(Transpose.self) { op, node in
      try node.result("Transpose", node.inputs, ["perm": .ints(op.permutation)])
    },
    .nodes(BroadcastTo.self) { op, node in try node.result("Expand", [node.input(0), node.sizes(op.shape)]) },
    .nodes(Concat.self) { op, node in try node.result("Concat", node.inputs, ["axis": .int(op.axis)]) },
    .nodes(Slice.self) { op, node in try slice(op, node) },
    .nodes(Reverse.self) { op, node in
      let axes = op.axes
      try node.result(
        "Slice",
        [
          node.input(0), node.integers(axes.map { _ in -1 }), node.integers(axes.map { _ in beforeFirst }),
          node.integers(axes), node.integers(axes.map { _ in -1 }),
        ])
    }.otherwise(Reverse.self) { _, x in x[0] },
    .nodes(Pad.self, when: padFits) { op, node in try pad(op, node) }.otherwise(Pad.self) { op, x in
      padByTable(op, x[0])
    },
    .nodes(Constant.self) { op, node in
      let name = node.graph.function[node.operation.results[0]].name
      node.graph.set(
        node.operation.results[0],
        to: try node.graph.names.initializer(op.value, name: name.isEmpty ? "constant" : name))
    },
    .nodes(Full.self) { op, node in try full(op, node) },
    .nodes(Iota.self) { op, node in try iota(op, node) },
    .nodes(DimensionValues.self) { op, node in
      try node.result("Reshape", [node.sizes(op.values), node.integers(op.shape)])
    },
    .other(SliceGradient.self) { op, x in spread(x[0], op.starts, op.steps, op.shape) },
  ]

  /// An end in front of the first element, which -1 would not be.
  private static let beforeFirst = Int.min + 1

  /// An extent that stays where it is is 0 in the target, so that nothing need be worked out.
  private static func reshape(_ op: Reshape, _ node: ExportNode) throws {
    let own = node.type(0).shape
    let stays = op.shape.indices.map {
      op.shape[$0].constant == nil && own.indices.contains($0) && own[$0] == op.shape[$0]
    }
    let target = op.shape.indices.map { stays[$0] ? Dimension(0) : op.shape[$0] }
    let isEmpty = op.shape.contains(0)
    let isShort = target.allSatisfy { $0.constant != nil } && !(isEmpty && stays.contains(true))
    let shape = try isShort ? node.integers(target.compactMap(\.constant)) : node.sizes(op.shape)
    // Extents that are worked out may turn out to be 0, and mean it.
    let meansZero = isShort ? isEmpty : true
    try node.result("Reshape", [node.input(0), shape], meansZero ? ["allowzero": .int(1)] : [:])
  }

  private static func slice(_ op: Slice, _ node: ExportNode) throws {
    let own = node.type(0).shape
    let axes = own.indices.filter { op.starts[$0] != 0 || op.steps[$0] != 1 || op.sizes[$0] != own[$0] }
    if axes.isEmpty { return try node.result("Identity", node.inputs) }
    let ends = axes.map { axis -> Dimension in
      let end = op.starts[axis] + op.sizes[axis] * Dimension(op.steps[axis])
      if op.steps[axis] > 0 { return end }
      // Counted from the end, for a place in front of the first is -1 otherwise, which means the last.
      return (end.constant ?? 0) < 0 ? Dimension(beforeFirst) : end - own[axis]
    }
    try node.result(
      "Slice",
      [
        node.input(0), node.sizes(axes.map { op.starts[$0] }), node.sizes(ends), node.integers(Array(axes)),
        node.integers(axes.map { op.steps[$0] }),
      ])
  }

  // MARK: Margins

  /// ONNX cuts off by negative margins where the others are constant; repeated and mirrored ones are to be positive.
  private static func padFits(_ op: Pad, _ operands: ExportOperands) -> Bool {
    let margins = op.before + op.after
    if op.mode == .constant { return true }
    return margins.allSatisfy { ($0.constant ?? -1) >= 0 } && op.mode != .wrap
  }

  private static func pad(_ op: Pad, _ node: ExportNode) throws {
    let type = node.type(0).elementType
    let mode = op.mode == .constant ? "constant" : op.mode.rawValue
    let value = op.mode == .constant && op.value != 0 ? try node.scalar(op.value, type) : ""
    try node.result(
      "Pad", [node.input(0), node.sizes(op.before + op.after), value], ["mode": .string(mode)])
  }

  /// Margins that repeat elements, by the places of the elements on each axis.
  private static func padByTable(_ op: Pad, _ x: Tensor) -> Tensor {
    var result = x
    for axis in x.shape.indices where op.before[axis] != 0 || op.after[axis] != 0 {
      let extent = x.dimensionValue(x.shape[axis])
      let count = op.before[axis] + x.shape[axis] + op.after[axis]
      let place = x.iota(.i64, [count], axis: 0) - x.dimensionValue(op.before[axis])
      let last = extent - extent.like(1)
      let source: Tensor
      switch op.mode {
      case .wrap: source = place % extent
      case .reflect:
        let mirrored = place.absolute()
        source = Tensor.select(mirrored .> last, last + last - mirrored, mirrored)
      case .constant, .edge: source = Tensor.minimum(Tensor.maximum(place, place.like(0)), last)
      }
      result = result.gather(source, axis: axis)
    }
    return result
  }

  /// The elements of a tensor put into zeros where a slice would take them: a zero behind the last on each axis is what
  /// stands everywhere else.
  static func spread(_ x: Tensor, _ starts: [Dimension], _ steps: [Int], _ shape: [Dimension]) -> Tensor {
    var result = x
    for axis in shape.indices where starts[axis] != 0 || steps[axis] != 1 || x.shape[axis] != shape[axis] {
      let places = ExportPlaces(x, axis: axis, start: starts[axis], step: steps[axis], extent: shape[axis])
      var after = shape.map { _ in Dimension(0) }
      after[axis] = 1
      let padded = result.padded(before: shape.map { _ in 0 }, after: after)
      result = padded.gather(.select(places.isTaken, places.source, x.dimensionValue(x.shape[axis])), axis: axis)
    }
    return result
  }

  // MARK: Tensors of nothing

  /// What is short is stored; what is long is made while the model runs.
  private static let longest = 4096

  private static func stored(_ op: any KnownOp, _ node: ExportNode) throws -> Bool {
    guard let shape = node.resultType().constantShape, shape.reduce(1, *) <= longest else { return false }
    let value = try op.evaluate([], [node.resultType()])[0].literal
    node.graph.set(node.operation.results[0], to: try node.graph.names.initializer(value, name: op.name))
    return true
  }

  private static func full(_ op: Full, _ node: ExportNode) throws {
    if try stored(op, node) { return }
    try node.result("Expand", [node.scalar(op.value, op.elementType), node.sizes(op.shape)])
  }

  private static func iota(_ op: Iota, _ node: ExportNode) throws {
    if try stored(op, node) { return }
    let extent = op.shape[op.axis]
    let range = try node.put("Range", [node.scalar(0, .i64), node.size(extent), node.scalar(1, .i64)])
    let places =
      op.elementType == .i64 ? range : try node.put("Cast", [range], ["to": .int(try op.elementType.onnx.rawValue)])
    if op.shape.count == 1 { return try node.result("Identity", [places]) }
    let line = op.shape.indices.map { $0 == op.axis ? -1 : 1 }
    try node.result("Expand", [node.put("Reshape", [places, node.integers(line)]), node.sizes(op.shape)])
  }
}

/// For each place on an axis, whether a slice takes its element, and as which.
struct ExportPlaces {
  var isTaken: Tensor
  /// 0 where it is not taken.
  var source: Tensor

  /// - Parameter x: what the slice gives, whose extent says how many it takes.
  init(_ x: Tensor, axis: Int, start: Dimension, step: Int, extent: Dimension) {
    let place = x.iota(.i64, [extent], axis: 0)
    let zero = place.like(0)
    let first = x.dimensionValue(start)
    let distance = step > 0 ? place - first : first - place
    let width = place.like(Double(step.magnitude))
    let number = Tensor.select(distance .< zero, zero, distance) / width
    let isThere = (distance .>= zero) .& (number .< x.dimensionValue(x.shape[axis]))
    isTaken = isThere .& (number * width .== distance)
    source = Tensor.select(isTaken, number, zero)
  }
}
