import TensorIR
import TensorOps

/// Writes the kernel of a group in which every operation is computed element by element.
struct ElementwiseSchedule {
  let group: Group
  let sink: any KernelSink

  init(_ group: Group, _ sink: any KernelSink) {
    self.group = group
    self.sink = sink
  }

  func lower() throws {
    let layout = group.type(of: group.outputs[0]).layout
    if !layout.blocks.isEmpty, let source = group.operations[0].operands.first ?? nil {
      return try PackedOperand.pack(source, group, into: try sink.buffer(of: group.outputs[0]), layout: layout, sink)
    }
    if let pad = PadSchedule(group, sink) { return try pad.lower() }
    if let gather = GatherSchedule(group, sink) { return try gather.lower() }
    if let (flat, memory) = try ConcatRegions.flattened(group, sink) ?? ReorderedPlanes.flattened(group, sink) {
      return try ElementwiseSchedule(flat, memory).lower(flat.outputs, flat.type(of: flat.outputs[0]))
    }
    // Results of different shapes do not share loops.
    var remaining = group.outputs
    while let first = remaining.first {
      let type = group.type(of: first)
      let together = remaining.filter {
        group.type(of: $0).shape == type.shape && group.type(of: $0).layout == type.layout
      }
      remaining.removeAll { together.contains($0) }
      try lower(together, type)
    }
  }

  private func lower(_ outputs: [ValueID], _ type: TensorType) throws {
    if try lowerInParts(outputs, type) { return }
    let (evaluator, results, buffers) = try begin(outputs, type, leaves: usedLeaves(outputs))
    let builder = evaluator.builder
    let isPointwise = group.operations.allSatisfy(\.isPointwise)
    if isPointwise,
      let domain = LoopDomain(type, values: (usedLeaves(outputs) + outputs).map { ($0, group.type(of: $0)) })
    {
      try JoinedLoops(group: group, leaves: usedLeaves(outputs), evaluator: evaluator, domain: domain).write(
        results, lanes: lanes(type))
    } else {
      try writeMoved(evaluator, results, type)
    }
    sink.call(
      builder, buffers: buffers, work: type.count * Dimension(Work.element * max(group.operations.count, 1)),
      at: group.location)
  }

  /// A kernel for results that reads some leaves.
  private func begin(
    _ outputs: [ValueID], _ type: TensorType, leaves: [ValueID]
  ) throws -> (ElementEvaluator, [(ValueID, Buffer)], [BufferReference]) {
    let builder = KernelBuilder(name: group.name, comments: group.comments, for: sink.target)
    let evaluator = ElementEvaluator(group, builder, sink.target)
    var buffers: [BufferReference] = []
    try evaluator.bindParameters(leaves, &buffers, sink)
    var results: [(ValueID, Buffer)] = []
    for output in outputs {
      results.append((output, builder.parameter("y\(results.count)", group.type(of: output).elementType, .write)))
      buffers.append(try sink.buffer(of: output))
    }
    for (_, buffer) in results { builder.stream(buffer, elements: type.count) }
    return (evaluator, results, buffers)
  }

  /// A concatenation of many parts, by several kernels; whether it is one that can be.
  private func lowerInParts(_ outputs: [ValueID], _ type: TensorType) throws -> Bool {
    let kernels = ConcatRegions.kernels(of: group)
    var made: [(KernelBuilder, [BufferReference])] = []
    for parts in kernels {
      let leaves = usedLeaves(outputs, through: parts.result, from: parts.sources)
      let (evaluator, results, buffers) = try begin(outputs, type, leaves: leaves)
      guard let concat = ConcatRegions(group, evaluator, type) else { return false }
      let statements = try ifVectors {
        try evaluator.builder.block {
          try concat.write(type, parts: parts.range) { operand, part, shift in
            try writePart(operand, evaluator, results, part, shift)
          }
        }
      }
      guard let statements else { return false }
      statements.forEach(evaluator.builder.emit)
      made.append((evaluator.builder, buffers))
    }
    let work = type.count * Dimension(Work.element * max(group.operations.count / max(kernels.count, 1), 1))
    for (builder, buffers) in made {
      let share = work.floorDivided(by: Dimension(kernels.count))
      sink.call(builder, buffers: buffers, work: share, at: group.location)
    }
    return !made.isEmpty
  }

  /// A group that moves elements about.
  private func writeMoved(_ evaluator: ElementEvaluator, _ results: [(ValueID, Buffer)], _ type: TensorType) throws {
    let builder = evaluator.builder
    if let concat = ConcatRegions(group, evaluator, type) {
      let parts = try ifVectors {
        try builder.block {
          try concat.write(type) { operand, part, shift in
            try writePart(operand, evaluator, results, part, shift)
          }
        }
      }
      if let parts { return parts.forEach(builder.emit) }
    }
    if let tiles = TransposeTiles(group, evaluator, type, lanes: lanes(type)) {
      let statements = try ifVectors { try builder.block { try tiles.write(results) } }
      if let statements { return statements.forEach(builder.emit) }
    }
    try writeByAxes(evaluator, results, type) { $0 }
  }

  /// A part of a concatenation: in tiles where it is read across its rows.
  private func writePart(
    _ operand: ValueID, _ evaluator: ElementEvaluator, _ results: [(ValueID, Buffer)], _ type: TensorType,
    _ shift: @escaping ([Index]) -> [Index]
  ) throws {
    if let tiles = TransposeTiles(group, evaluator, type, lanes: lanes(type), result: operand) {
      let builder = evaluator.builder
      let statements = try ifVectors { try builder.block { try tiles.write(results, shift) } }
      if let statements { return statements.forEach(builder.emit) }
    }
    try writeByAxes(evaluator, results, type, shift)
  }

  /// One loop axis for each axis of a part of the result; `shift` gives the place in the result.
  private func writeByAxes(
    _ evaluator: ElementEvaluator, _ results: [(ValueID, Buffer)], _ type: TensorType, _ shift: ([Index]) -> [Index]
  ) throws {
    let builder = evaluator.builder
    let order = type.layout.axes(rank: type.rank)
    guard let innermost = order.last else { return try writeScalar(evaluator, results) }
    let outer = Array(order.dropLast())
    if try writeShort(evaluator, results, type, shift) { return }
    try LoopNest.pieces(builder, outer: outer.map { type.shape[$0] }, inner: type.shape[innermost]) {
      positions, from, to in
      try PadInterior(group, evaluator, type, axis: innermost).vectors(lanes: lanes(type), from, to) { column, count in
        var index = [Index](repeating: .zero, count: type.rank)
        for (axis, position) in zip(outer, positions) { index[axis] = Index(position) }
        index[innermost] = column
        index = shift(index)
        // All are computed before any is stored: a result may take over the memory of an operand of another.
        let values = try results.map { try evaluator.value($0.0, at: index) }
        for ((id, buffer), value) in zip(results, values) {
          let (offset, step) = try evaluator.offset(group.type(of: id), at: index)
          guard column.step == 0 || step.constantIndex == 1 else { throw NotVectorizable() }
          let wide = column.step == 0 ? value : try evaluator.filled(value)
          builder.store(buffer, offset, wide, count: count)
        }
      }
    }
  }

  /// The most places of an innermost axis for which its loop is written out inside of that of the next axis.
  private static let fewPlaces = 4

  /// Loops whose innermost axis is a few places: they are written out for each place of the axis before, so that a compiler sees
  /// what lies side by side. Whether the shape is of that kind.
  private func writeShort(
    _ evaluator: ElementEvaluator, _ results: [(ValueID, Buffer)], _ type: TensorType, _ shift: ([Index]) -> [Index]
  ) throws -> Bool {
    let order = type.layout.axes(rank: type.rank)
    guard order.count > 1, let last = order.last, let count = type.shape[last].constant,
      (2...ElementwiseSchedule.fewPlaces).contains(count)
    else { return false }
    let (outer, next) = (Array(order.dropLast(2)), order[order.count - 2])
    try LoopNest.pieces(evaluator.builder, outer: outer.map { type.shape[$0] }, inner: type.shape[next]) {
      positions, from, to in
      try LoopNest.scalars(evaluator, from: from, to: to) { column, _ in
        for place in 0..<count {
          var index = [Index](repeating: .zero, count: type.rank)
          for (axis, position) in zip(outer, positions) { index[axis] = Index(position) }
          (index[next], index[last]) = (column, Index(.integer(place)))
          index = shift(index)
          let values = try results.map { try evaluator.value($0.0, at: index) }
          for ((id, buffer), value) in zip(results, values) {
            evaluator.builder.store(buffer, try evaluator.offset(group.type(of: id), at: index).0, value)
          }
        }
      }
    }
    return true
  }

  private func writeScalar(_ evaluator: ElementEvaluator, _ results: [(ValueID, Buffer)]) throws {
    try evaluator.builder.branch(.binary(.equal, evaluator.builder.thread, 0)) {
      let values = try results.map { try evaluator.value($0.0, at: []) }
      for (result, value) in zip(results, values) { evaluator.builder.store(result.1, 0, value) }
    }
  }

  private func lanes(_ type: TensorType) -> Int { sink.target.lanes(of: type.elementType) }

  /// The leaves that these outputs need; only some of the operands of the operation that makes `through`.
  private func usedLeaves(
    _ outputs: [ValueID], through result: ValueID? = nil, from sources: [ValueID] = []
  ) -> [ValueID] {
    var needed = Set(outputs)
    for operation in group.operations.reversed() where operation.results.contains(where: { needed.contains($0) }) {
      let isResult = result.map(operation.results.contains) ?? false
      needed.formUnion(isResult ? sources : operation.operands.compactMap { $0 })
    }
    return group.leaves.filter { needed.contains($0) }
  }
}

/// Loops over joined axes for a pointwise group: all values are addressed by strides over the same positions.
struct JoinedLoops {
  let group: Group
  /// What is read.
  let leaves: [ValueID]
  let evaluator: ElementEvaluator
  let domain: LoopDomain

  func write(_ results: [(ValueID, Buffer)], lanes: Int) throws {
    let builder = evaluator.builder
    guard let inner = domain.extents.last else {
      return try builder.branch(.binary(.equal, builder.thread, 0)) {
        let values = try results.map { try value($0.0, at: []) }
        for (result, value) in zip(results, values) { builder.store(result.1, 0, value) }
      }
    }
    try LoopNest.pieces(builder, outer: Array(domain.extents.dropLast()), inner: inner) { positions, from, to in
      try LoopNest.vectors(evaluator, lanes: lanes, from: from, to: to) { column, count in
        let index = positions.map { Index($0) } + [column]
        if column.step == 1 && count == nil { prefetch(leaves, at: index) }
        let values = try results.map { try self.value($0.0, at: index) }
        for ((id, buffer), value) in zip(results, values) {
          let (offset, step) = self.offset(id, index)
          guard column.step == 0 || step.constantIndex == 1 else { throw NotVectorizable() }
          let wide = column.step == 0 ? value : try evaluator.filled(value)
          builder.store(buffer, offset, wide, count: count)
        }
      }
    }
  }

  /// The value at a position on the joined axes; operands are at the same position.
  private func value(_ id: ValueID, at index: [Index]) throws -> Expression {
    try evaluator.joinedValue(id, at: index) { leaf in self.offset(leaf, index) }
  }

  private func offset(_ id: ValueID, _ index: [Index]) -> (Expression, step: Expression) {
    domain.offset(id, index, evaluator.builder)
  }
}
