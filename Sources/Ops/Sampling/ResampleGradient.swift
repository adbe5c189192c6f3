import TensorIR

/// What ``Resample`` takes back: each element of the operand is added, times its weights, at the places that its row of indices
/// names. Operands: x, indices [m, taps] and weights [m, taps], where m is the extent of the axis in x.
public struct ResampleGradient: ScheduledOp {
  public static let name = "resample_gradient"
  public static let summary =
    "Elements along an axis added, times weights, where tables of indices say: resample's transpose."
  public static let signature = Signature.operands(3)
  public var axis: Int
  /// The extent of the axis in the result.
  public var extent: Dimension

  public init(axis: Int, extent: Dimension) {
    self.axis = axis
    self.extent = extent
  }

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    let (x, indices) = (operands[0], operands[1])
    try context.require(axis: axis, of: x, name)
    try Resample.requireTables(x, indices, operands[2], name, &context)
    try context.require(
      x.shape[axis], equals: indices.shape[0], "'\(name)' takes as many rows of \(indices) as axis \(axis) of \(x) has")
    try context.require(0, atMost: extent, "'\(name)' makes an axis of \(extent) elements")
    var shape = x.shape
    shape[axis] = extent
    return [x.with(shape: shape)]
  }

  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    let (x, indices, weights) = (operands[0], operands[1], operands[2])
    let shape = try Evaluator.numbers(types[0])
    let strides = ReferenceTensor.strides(shape)
    let taps = indices.shape[1]
    var sums = [Double](repeating: 0, count: shape.reduce(1, *))
    for (source, index) in ReferenceTensor.indices(x.shape).enumerated() {
      for table in index[axis] * taps..<(index[axis] + 1) * taps {
        var target = index
        target[axis] = indices.integers[table]
        guard (0..<shape[axis]).contains(target[axis]) else { continue }
        sums[ReferenceTensor.position(target, strides)] += weights.floats[table] * x.floats[source]
      }
    }
    return [ReferenceTensor(x.elementType, shape, floats: sums)]
  }

  public func differentiate(_ operands: [Tensor]) throws -> Differentiated {
    let (x, indices, weights) = (operands[0], operands[1], operands[2])
    return Differentiated(try Tensor.record(self, operands)) { cotangents in
      guard let dy = cotangents[0] else { return [nil, nil, nil] }
      // The same tables in both directions: what a weight scales is x here and the cotangent's element there.
      let forward = try Resample(axis: axis).differentiate([dy, indices, weights])
      return [forward.results[0], nil, try forward.pull([x])[2]]
    }
  }

  /// A piece owns the whole axis for some of the other places, so that sums have one order.
  public func lower(_ group: Group, anchor: Operation, into sink: any KernelSink) throws {
    let kernel = try GroupKernel(group, sink)
    let builder = kernel.builder
    guard let result = kernel.results.first else { return }
    let type = group.type(of: result.id)
    let inner = type.shape[(axis + 1)...].reduce(1, *)
    let rows = builder.extent(type.shape[..<axis].reduce(1, *))
    let (size, columns) = (builder.extent(extent), builder.extent(inner))
    let width = Expression.integer(256)
    let chunks = builder.declare("chunks", (columns + width - 1) / width)
    try builder.parallel("piece", count: rows * chunks) { piece in
      let row = builder.declare("row", piece / .maximum(1, chunks))
      let from = builder.declare("from", (piece - row * chunks) * width)
      let to = builder.declare("to", .minimum(from + width, columns))
      let start = builder.declare("start", row * size * columns)
      let zero = Expression.constant(0, LoopType(type.elementType.computeType))
      builder.loop("j", to: size) { j in
        builder.loop("i", from: from, to: to) { builder.store(result.buffer, start + j * columns + $0, zero) }
      }
      try add(kernel, anchor, (row, start, columns, size), from, to)
    }
    let source = group.type(of: anchor.operands[0])
    kernel.finish(
      work: (type.count + source.count * group.type(of: anchor.operands[1]).shape[1]) * Dimension(Work.element))
  }

  private func add(
    _ kernel: GroupKernel, _ anchor: Operation,
    _ plane: (row: Expression, start: Expression, columns: Expression, size: Expression), _ from: Expression,
    _ to: Expression
  ) throws {
    let (builder, evaluator) = (kernel.builder, kernel.evaluator)
    guard let x = anchor.operands[0], let indices = anchor.operands[1], let weights = anchor.operands[2],
      let source = evaluator.buffer(of: x), let result = kernel.results.first
    else { return }
    let type = kernel.group.type(of: x)
    let rows = builder.extent(type.shape[axis])
    try builder.loop("j", to: rows) { j in
      try builder.loop("t", to: builder.extent(kernel.group.type(of: indices).shape[1])) { tap in
        try evaluator.scope(lanes: 1) {
          let entry = [Index(j), Index(tap)]
          let raw = try evaluator.value(indices, at: entry)
          let place = builder.declare("place", raw.data)
          let isThere = Expression.binary(
            .logicalAnd, .binary(.greaterEqual, place, Expression.integer(0).data), .less(place, plane.size.data))
          try builder.branch(isThere) {
            try evaluator.scope(lanes: 1) {
              let weight = try evaluator.value(weights, at: entry)
              let there = builder.declare("there", plane.start + place.index * plane.columns)
              let here = builder.declare("here", (plane.row * rows + j) * plane.columns)
              try LoopNest.vectors(evaluator, lanes: kernel.lanes(type), from: from, to: to) { column, count in
                let lanes = column.step == 0 ? 1 : evaluator.lanes
                let own = try evaluator.load(source, offset: here + column.base, step: .integer(column.step))
                let old = try evaluator.load(result.buffer, offset: there + column.base, step: .integer(column.step))
                let more = Expression.binary(.multiply, evaluator.widened(weight, lanes: lanes), own)
                builder.store(result.buffer, there + column.base, .binary(.add, old, more), count: count)
              }
            }
          }
        }
      }
    }
  }
}
