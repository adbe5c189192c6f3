import TensorIR

/// The same elements in row-major order under another shape. Where it is a kernel of its own it costs nothing between
/// plain tensors (``AliasOp``); inside a group it maps indices.
public struct Reshape: ElementOp {
  public static let name = "reshape"
  public static let summary = "The same elements, in row-major order, under another shape."
  public static let signature = Signature.operands(1)
  public var shape: [Dimension]
  public init(_ shape: [Dimension]) { self.shape = shape }

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    if let extent = shape.first(where: { ($0.constant ?? 0) < 0 }) {
      throw Diagnostic("bad-attribute", "\(operands[0]) cannot be reshaped to \(shape): there is no extent \(extent)")
    }
    let count = shape.reduce(1, *)
    try context.require(
      operands[0].count, equals: count,
      "\(operands[0]) has \(operands[0].count) elements and cannot be reshaped to \(shape), which has \(count)")
    return [operands[0].with(shape: shape)]
  }

  public func checkLayouts(_ operands: [TensorType], _ results: [TensorType]) throws {
    try requireStrides(operands + results)
  }

  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    let shape = try Evaluator.numbers(types[0])
    return [operands[0].picking(Array(0..<operands[0].count), shape: shape)]
  }

  public func source(_ operands: [TensorType], _ result: TensorType) -> ElementSource {
    let from = operands[0].shape
    var places = [Place](repeating: .zero, count: from.count)
    for run in ReshapeRun.runs(from, shape) where !run.from.isEmpty {
      // The run's axes of the result as one number, taken apart for the operand's.
      var rest = run.to.reduce(Place.zero) { $0 * shape[$1] + .axis($1) }
      for axis in run.from.dropFirst().reversed() {
        places[axis] = .remainder(rest, from[axis])
        rest = .quotient(rest, from[axis])
      }
      places[run.from[0]] = rest
    }
    return .read(.moved(places))
  }

  public func differentiate(_ operands: [Tensor]) throws -> Differentiated {
    let x = operands[0]
    return Differentiated(try Tensor.record(self, operands)) { [$0[0]?.reshaped(to: x.shape)] }
  }
}

extension Reshape: AliasOp {
  /// Where the axes of each run lie together and in order on both sides, and the runs in one order.
  public func isView(_ operand: TensorType, _ result: TensorType) -> Bool {
    if operand.isRowMajorInMemory && result.isRowMajorInMemory { return true }
    guard let orders = ordered(operand), let from = operand.memoryAxes, let to = result.memoryAxes else { return false }
    return orders.operand == from && orders.result == to
  }

  public func viewLayouts(of operand: TensorType) -> (operand: Layout?, result: Layout?) {
    if operand.isRowMajorInMemory { return (nil, nil) }
    guard let orders = ordered(operand) ?? keepingInnermost(operand) else { return (.plain, nil) }
    let isThere = orders.operand == operand.memoryAxes
    return (
      isThere ? nil : Layout(memoryAxes: orders.operand, of: operand.shape),
      Layout(memoryAxes: orders.result, of: shape)
    )
  }

  /// The axes in memory, on both sides, in which nothing moves and which is nearest to how an operand lies; nil where the axes of
  /// a run lie apart.
  private func ordered(_ operand: TensorType) -> (operand: [Int], result: [Int])? {
    guard var rest = operand.memoryAxes?[...] else { return nil }
    let runs = ReshapeRun.runs(operand.shape, shape)
    guard runs.allSatisfy({ !$0.from.isEmpty && !$0.to.isEmpty }) else { return nil }
    var (from, to): ([Int], [Int]) = ([], [])
    while let axis = rest.first {
      guard let run = runs.first(where: { $0.from.contains(axis) }), rest.count >= run.from.count,
        Set(rest.prefix(run.from.count)) == Set(run.from)
      else { return nil }
      rest = rest.dropFirst(run.from.count)
      (from, to) = (from + run.from, to + run.to)
    }
    return (from, to)
  }

  /// Row-major but for the innermost axis, where something has to move but not that axis: whole rows of it do, and what wants it
  /// innermost finds it there. Nil where it is not the last axis of its run, or row-major is as good.
  private func keepingInnermost(_ operand: TensorType) -> (operand: [Int], result: [Int])? {
    let runs = ReshapeRun.runs(operand.shape, shape)
    guard let innermost = operand.memoryAxes?.last, runs.allSatisfy({ !$0.from.isEmpty && !$0.to.isEmpty }),
      let place = runs.firstIndex(where: { $0.from.last == innermost }), place + 1 < runs.count
    else { return nil }
    let order = runs[..<place] + runs[(place + 1)...] + [runs[place]]
    return (order.flatMap(\.from), order.flatMap(\.to))
  }
}

extension Layout {
  /// Axes in the order of memory; those of extent 1, which may lie anywhere, are the outermost.
  fileprivate init(memoryAxes: [Int], of shape: [Dimension]) {
    let order = shape.indices.filter { !memoryAxes.contains($0) } + memoryAxes
    self = order == order.sorted() ? .plain : Layout(order: order)
  }
}

extension Tensor {
  /// Axes of extent 1 put in, at positions counted in the result; negative ones count from its end. Positions that are not
  /// there, or are named twice, give `bad-attribute` (NumPy `expand_dims`).
  public func unsqueezed(axes: [Int]) -> Tensor {
    let total = rank + axes.count
    let added = Set(axes.map { $0 < 0 ? $0 + total : $0 })
    guard isPoison || added.count == axes.count && added.allSatisfy((0..<total).contains) else {
      return refusing(axes: axes, of: "unsqueezed")
    }
    var rest = shape[...]
    return reshaped(to: (0..<total).map { added.contains($0) ? 1 : rest.popFirst() ?? 1 })
  }

  /// Axes of extent 1 taken out; negative ones count from the end. Axes that are not there, or are named twice, give
  /// `bad-attribute`, another extent `shape-mismatch` (NumPy `squeeze`).
  public func squeezed(axes: [Int]) -> Tensor {
    let dropped = normalised(axes)
    guard isPoison || Set(dropped).count == dropped.count && dropped.allSatisfy(shape.indices.contains) else {
      return refusing(axes: axes, of: "squeezed")
    }
    if !isPoison, let axis = dropped.first(where: { shape[$0].constant ?? 1 != 1 }) {
      return refusing("shape-mismatch", "axis \(axis) of \(type) cannot be taken out, for its extent is not 1")
    }
    return reshaped(to: shape.indices.filter { !dropped.contains($0) }.map { shape[$0] })
  }
}
