import TensorIR
import TensorOps

extension ExportTable {
  /// Ops that take or put elements by indices.
  static let indexing: [ExportRule] = [
    .nodes(Gather.self) { op, node in try node.result("Gather", node.inputs, ["axis": .int(op.axis)]) },
    .nodes(GatherElements.self) { op, node in
      try node.result("GatherElements", node.inputs, ["axis": .int(op.axis)])
    },
    .nodes(GatherND.self) { op, node in
      // onnxruntime takes tuples of i64 alone.
      try node.result("GatherND", [node.input(0), longIndices(node)], ["batch_dims": .int(op.batchDimensions)])
    },
    .nodes(ScatterElements.self) { op, node in
      try node.result(
        "ScatterElements", node.inputs, ["axis": .int(op.axis), "reduction": .string(name(op.reduction))])
    },
    .nodes(ScatterND.self, when: { op, _ in op.batchDimensions == 0 }) { op, node in
      try node.result(
        "ScatterND", [node.input(0), longIndices(node), node.input(2)], ["reduction": .string(name(op.reduction))])
    }.otherwise(ScatterND.self) { op, x in
      let indices = x[1].cast(to: .i64)
      let lead = indices.shape.dropLast() + [1]
      let batches = (0..<op.batchDimensions).map { indices.iota(.i64, Array(lead), axis: $0) }
      let tuples = batches.isEmpty ? indices : Tensor.concat(batches + [indices], axis: lead.count - 1)
      return recorded(ScatterND(reduction: op.reduction), [x[0], tuples, x[2]])
    },
    .other(ScatterSlices.self) { op, x in scattered(x[0], x[1], x[2], axis: op.axis, op.reduction) },
    .other(GatherGradient.self) { op, x in
      let (values, indices) = (x[0], x[1])
      let count = indices.shape.reduce(1, *)
      let (lead, rest) = (values.shape.prefix(op.axis), values.shape.dropFirst(op.axis + indices.rank))
      let lines = values.reshaped(to: lead + [count] + rest)
      let zeros = values.full(0, lead + [op.extent] + rest)
      return scattered(zeros, indices.reshaped(to: [count]), lines, axis: op.axis, .add)
    },
    .other(SliceAssign.self) { op, x in assigned(op, x[0], x[1]) },
    .nodes(Nonzero.self, when: { $1[0]?.rank != 0 }) { op, node in try nonzero(op, node) }
      .otherwise(Nonzero.self) { op, x in x[0].iota(.i64, [0, op.count], axis: 0) },
    .other(GatherPlanes.self) { _, x in
      let places = planePlaces(x[0], x[1], extent: x[0].shape[2])
      let padded = x[0].padded(before: [0, 0, 0], after: [0, 0, 1])
      return recorded(GatherElements(axis: 2), [padded, places])
    },
    .other(GatherPlanesGradient.self) { op, x in
      let places = planePlaces(x[0], x[1], extent: op.extent)
      let zeros = x[0].full(0, [x[0].shape[0], x[0].shape[1], op.extent + 1])
      return recorded(ScatterElements(axis: 2, reduction: .add), [zeros, places, x[0]])
        .sliced(axis: 2, start: 0, size: op.extent)
    },
  ]

  private static func name(_ reduction: ScatterReduction) -> String {
    switch reduction {
    case .replace: "none"
    case .add: "add"
    case .multiply: "mul"
    case .maximum: "max"
    case .minimum: "min"
    }
  }

  private static func longIndices(_ node: ExportNode) throws -> String {
    if node.type(1).elementType == .i64 { return try node.input(1) }
    return try node.put("Cast", [node.input(1)], ["to": .int(try ElementType.i64.onnx.rawValue)])
  }

  /// An operation with one result, recorded beside its operands.
  static func recorded(_ op: any TensorOp, _ operands: [Tensor]) -> Tensor {
    (try? Tensor.record(op, operands).first) ?? operands[0]
  }

  /// Slices put along an axis, which stands in front meanwhile.
  private static func scattered(
    _ x: Tensor, _ indices: Tensor, _ values: Tensor, axis: Int, _ reduction: ScatterReduction
  ) -> Tensor {
    let order = [axis] + (0..<x.rank).filter { $0 != axis }
    let back = (0..<x.rank).map { order.firstIndex(of: $0) ?? $0 }
    let lines = [axis..<axis + indices.rank].flatMap { Array($0) }
    let valueOrder = lines + (0..<values.rank).filter { !lines.contains($0) }
    func moved(_ tensor: Tensor, _ order: [Int]) -> Tensor {
      order == Array(0..<tensor.rank) ? tensor : tensor.transposed(order)
    }
    let tuples = indices.cast(to: .i64).reshaped(to: indices.shape + [1])
    let result = recorded(ScatterND(reduction: reduction), [moved(x, order), tuples, moved(values, valueOrder)])
    return moved(result, back)
  }

  /// The places of planes' elements for all channels; one behind the last for those that are not there.
  private static func planePlaces(_ x: Tensor, _ indices: Tensor, extent: Dimension) -> Tensor {
    let places = indices.cast(to: .i64)
    let end = places.dimensionValue(extent)
    let safe = Tensor.select((places .>= places.like(0)) .& (places .< end), places, end)
    return safe.reshaped(to: [indices.shape[0], 1, indices.shape[1]])
      .broadcast(to: [indices.shape[0], x.shape[1], indices.shape[1]])
  }

  /// Values where the slice would take elements, the tensor's own elsewhere.
  private static func assigned(_ op: SliceAssign, _ x: Tensor, _ values: Tensor) -> Tensor {
    var (spread, isTaken) = (values, Tensor?.none)
    for axis in x.shape.indices
    where op.starts[axis] != 0 || op.steps[axis] != 1 || values.shape[axis] != x.shape[axis] {
      let places = ExportPlaces(
        values, axis: axis, start: op.starts[axis], step: op.steps[axis], extent: x.shape[axis])
      var after = x.shape.map { _ in Dimension(0) }
      after[axis] = 1
      // One more, so that there is something to take where there are no values.
      spread = spread.padded(before: x.shape.map { _ in 0 }, after: after).gather(places.source, axis: axis)
      let line = places.isTaken.reshaped(to: x.shape.indices.map { $0 == axis ? x.shape[axis] : 1 })
      isTaken = isTaken.map { $0 .& line } ?? line
    }
    return isTaken.map { .select($0, spread, x) } ?? values
  }

  /// `NonZero` finds all; the op gives as many as it says, zeros behind those that there are.
  private static func nonzero(_ op: Nonzero, _ node: ExportNode) throws {
    let count = try node.graph.size(op.count)
    let zero = try node.integers([0])
    let types: [ElementType] = [.f32, .i32, .i64, .u8, .bool]
    let isTaken = types.contains(node.type(0).elementType)
    let x = try node.input(0)
    let asked = try isTaken ? x : node.put("Cast", [x], ["to": .int(try ElementType.bool.onnx.rawValue)])
    let found = try node.put("NonZero", [asked])
    let margins = try node.put("Concat", [try node.integers([0, 0, 0]), count], ["axis": .int(0)])
    let padded = try node.put("Pad", [found, margins])
    try node.result("Slice", [padded, zero, count, try node.integers([1])])
  }
}
