import TensorIR
import TensorOps

/// How ONNX's shape operators work out shapes from their inputs and attributes; shared by the evaluation of shapes
/// and the converters.
enum ShapeRules {
  /// The axes of `Squeeze`, `Unsqueeze` and others: an attribute before opset 13, an input since.
  static func axes(_ node: NodeConversion) throws -> [Int]? {
    if node.opset < 13 { return try node.integers("axes") }
    return node.hasInput(1) ? try node.integers(1) : nil
  }

  /// Without axes all of extent 1 go. One that may be 1 stays.
  static func squeezed(_ node: NodeConversion) throws -> [Dimension] {
    let shape = try node.shape(0)
    guard let given = try axes(node) else { return shape.filter { $0 != 1 } }
    let axes = try node.axes(given, rank: shape.count)
    if let axis = axes.first(where: { node.symbols.isEqual(shape[$0], 1) == .no }) {
      throw OnnxError("onnx-squeeze", "axis \(axis) has extent \(shape[axis]), not 1, and cannot go")
    }
    return shape.indices.filter { !axes.contains($0) }.map { shape[$0] }
  }

  static func unsqueezed(_ node: NodeConversion) throws -> [Dimension] {
    var rest = try node.shape(0)[...]
    guard let given = try axes(node) else { throw OnnxError("onnx-missing-attribute", "its axes are missing") }
    let rank = rest.count + given.count
    let axes = try node.axes(given, rank: rank)
    return (0..<rank).map { axes.contains($0) ? 1 : rest.removeFirst() }
  }

  static func concatAxis(_ node: NodeConversion, rank: Int) throws -> Int {
    guard let axis = try node.integer("axis") ?? (node.opset < 4 ? 1 : nil) else {
      throw OnnxError("onnx-missing-attribute", "its axis is missing")
    }
    return try node.axis(axis, rank: rank)
  }

  static func flattened(_ node: NodeConversion) throws -> [Dimension] {
    let shape = try node.shape(0)
    let given = try node.integer("axis") ?? 1
    let axis = given == shape.count ? given : try node.axis(given, rank: max(shape.count, 1))
    return [shape.prefix(axis).reduce(1, *), shape.suffix(from: axis).reduce(1, *)]
  }

  static func permutation(_ node: NodeConversion) throws -> [Int] {
    let rank = try node.rank(0)
    let permutation = try node.integers("perm") ?? Array((0..<rank).reversed())
    guard permutation.sorted() == Array(0..<rank) else {
      throw OnnxError("onnx-permutation", "\(permutation) is not an order of the axes of a tensor of rank \(rank)")
    }
    return permutation
  }

  /// The target of `Reshape`, with 0 and -1 replaced by what they stand for.
  static func reshaped(_ node: NodeConversion) throws -> [Dimension] {
    let shape = try node.shape(0)
    let allowZero = try node.flag("allowzero")
    let given = node.opset < 5 ? try node.integers("shape").map { $0.map { Dimension($0) } } : nil
    if given == nil, try node.input(1).symbolic(node.graph.known) == nil, let found = try ComputedReshape(node).target()
    {
      return found
    }
    var target = try given ?? node.computedDimensions(1)
    for (axis, extent) in target.enumerated() where extent == 0 && !allowZero {
      guard axis < shape.count else {
        throw OnnxError("onnx-reshape", "0 at axis \(axis) stands for an extent that shape \(shape) lacks")
      }
      target[axis] = shape[axis]
    }
    let open = target.indices.filter { target[$0] == -1 }
    if let negative = target.first(where: { $0 != -1 && node.symbols.isAtMost(0, $0) == .no }) {
      throw OnnxError("onnx-reshape", "\(target) holds the negative extent \(negative)")
    }
    guard let unknown = open.first else { return target }
    guard open.count == 1 else { throw OnnxError("onnx-reshape", "\(target) leaves more than one extent open") }
    target.remove(at: unknown)
    target.insert(try remaining(shape, without: target, node.symbols), at: unknown)
    return target
  }

  /// The extent that makes up the elements of `shape` together with `target`. Where the division is not known to be
  /// exact, `Reshape` itself has a guard that nothing is lost.
  private static func remaining(
    _ shape: [Dimension], without target: [Dimension], _ symbols: SymbolTable
  ) throws -> Dimension {
    var (above, below) = (shape, target)
    // Equal extents cancel whatever they are, sums that a division of polynomials would not find among them.
    for extent in target {
      guard let index = above.firstIndex(of: extent), let other = below.firstIndex(of: extent) else { continue }
      above.remove(at: index)
      below.remove(at: other)
    }
    let (count, known) = (above.reduce(1, *), below.reduce(1, *))
    if known == 0 { return 0 }
    if let x = count.constant, let y = known.constant, x % y != 0 {
      throw OnnxError("onnx-reshape", "\(x) elements cannot be divided into parts of \(y)")
    }
    return symbols.quotient(count, known)
  }

  /// The ranges of `Slice` on every axis; nil where they are computed from data.
  static func knownSliceRanges(_ node: NodeConversion) throws -> [SliceRange]? {
    if node.opset >= 10 {
      for index in 1..<5 where node.hasInput(index) && node.symbolic(index) == nil { return nil }
    }
    return try sliceRanges(node)
  }

  static func sliceRanges(_ node: NodeConversion) throws -> [SliceRange] {
    let shape = try node.shape(0)
    var ranges = try shape.map { try SliceRange(0, $0, step: 1, extent: $0, node.symbols) }
    let (starts, ends, given, steps) = try sliceOperands(node)
    let axes = try node.axes(given ?? Array(starts.indices), rank: shape.count)
    guard starts.count == ends.count, axes.count == starts.count, steps?.count ?? starts.count == starts.count else {
      throw OnnxError("onnx-slice", "its starts, ends, axes and steps differ in number")
    }
    for (index, axis) in axes.enumerated() {
      ranges[axis] = try SliceRange(
        starts[index], ends[index], step: steps?[index] ?? 1, extent: shape[axis], node.symbols)
    }
    return ranges
  }

  /// Attributes before opset 10, inputs since.
  private static func sliceOperands(
    _ node: NodeConversion
  ) throws -> (starts: [Dimension], ends: [Dimension], axes: [Int]?, steps: [Int]?) {
    if node.opset >= 10 {
      return (
        try node.dimensions(1), try node.dimensions(2), node.hasInput(3) ? try node.integers(3) : nil,
        node.hasInput(4) ? try node.integers(4) : nil
      )
    }
    guard let starts = try node.integers("starts"), let ends = try node.integers("ends") else {
      throw OnnxError("onnx-missing-attribute", "its starts or ends are missing")
    }
    return (starts.map { Dimension($0) }, ends.map { Dimension($0) }, try node.integers("axes"), nil)
  }

  /// The axis and the extents of the parts of `Split`.
  static func splitSizes(_ node: NodeConversion) throws -> (axis: Int, sizes: [Dimension]) {
    let shape = try node.shape(0)
    let axis = try node.axis(node.integer("axis") ?? 0, rank: shape.count)
    let given =
      try node.opset < 13 && !node.hasInput(1)
      ? node.integers("split").map { $0.map { Dimension($0) } } : node.hasInput(1) ? node.computedDimensions(1) : nil
    let parts = node.node.output.count
    if let stated = try node.integer("num_outputs"), stated != parts {
      throw OnnxError("onnx-split", "num_outputs is \(stated), but it has \(parts) outputs")
    }
    guard let sizes = given else {
      guard parts > 0 else { throw OnnxError("onnx-split", "it has no outputs") }
      // The last part is smaller where the extent is not a multiple.
      let size = shape[axis].ceilingDivided(by: Dimension(parts))
      return (axis, Array(repeating: size, count: parts - 1) + [shape[axis] - size * Dimension(parts - 1)])
    }
    guard !sizes.contains(where: { node.symbols.isAtMost(0, $0) == .no }),
      node.symbols.isEqual(sizes.reduce(0, +), shape[axis]) != .no
    else {
      throw OnnxError("onnx-split", "parts of \(sizes) do not make up axis \(axis) of extent \(shape[axis])")
    }
    return (axis, sizes)
  }

  /// The number of elements of `Range` from its start, limit and step.
  static func rangeCount(_ operands: [[Dimension]], _ symbols: SymbolTable) throws -> Dimension {
    guard operands.count == 3, operands.allSatisfy({ $0.count == 1 }) else {
      throw OnnxError("onnx-range", "it takes a start, a limit and a step, each one number")
    }
    let (start, limit, step) = (operands[0][0], operands[1][0], operands[2][0])
    guard let number = step.constant, number != 0, number != .min else {
      throw OnnxError("onnx-range", "its step is \(step); it must be a number other than 0")
    }
    let length = number > 0 ? limit - start : start - limit
    return symbols.maximum(length.ceilingDivided(by: Dimension(abs(number))), 0)
  }
}
