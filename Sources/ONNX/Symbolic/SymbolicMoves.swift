import TensorIR
import TensorOps

extension SymbolicOperators {
  /// Operators that ask for shapes, and those that move elements about.
  static let moves: [String: Evaluation] = [
    "Shape": shape,
    "Size": { node in scalar(try node.shape(0).reduce(1, *)) },
    "Identity": { node in node.symbolic(0).map { [$0] } },
    "Gather": gather,
    "Slice": slice,
    "Concat": concat,
    "Squeeze": { node in try reshaped(node) { try ShapeRules.squeezed($0) } },
    "Unsqueeze": { node in try reshaped(node) { try ShapeRules.unsqueezed($0) } },
    "Reshape": { node in
      guard node.symbolic(1)?.numbers != nil else { return nil }
      return try reshaped(node) { try ShapeRules.reshaped($0) }
    },
    "Flatten": { node in try reshaped(node) { try ShapeRules.flattened($0) } },
    "Transpose": transpose,
    "Expand": expand,
    "ConstantOfShape": constantOfShape,
    "Range": range,
    "Split": split,
    "ReduceProd": { node in try reduce(node) { $0 * $1 } },
    "ReduceSum": { node in try reduce(node) { $0 + $1 } },
    "ReduceMax": { node in try reduce(node) { node.symbols.maximum($0, $1) } },
    "ReduceMin": { node in try reduce(node) { node.symbols.minimum($0, $1) } },
  ]

  private static func scalar(_ value: Dimension) -> [SymbolicTensor]? {
    SymbolicTensor(.i64, [], [value]).map { [$0] }
  }

  private static func shape(_ node: NodeConversion) throws -> [SymbolicTensor]? {
    let shape = try node.shape(0)
    func clamped(_ position: Int) -> Int {
      min(max(position < 0 ? position + shape.count : position, 0), shape.count)
    }
    let start = clamped(try node.integer("start") ?? 0)
    let end = clamped(try node.integer("end") ?? shape.count)
    let part = start < end ? Array(shape[start..<end]) : []
    return SymbolicTensor(.i64, [part.count], part).map { [$0] }
  }

  private static func gather(_ node: NodeConversion) throws -> [SymbolicTensor]? {
    guard let data = node.symbolic(0), let indices = node.symbolic(1), let places = indices.numbers else {
      return nil
    }
    let axis = try node.axis(node.integer("axis") ?? 0, rank: data.rank)
    let extent = data.shape[axis]
    let inner = data.shape.suffix(from: axis + 1).reduce(1, *)
    var positions: [Int] = []
    for row in 0..<data.shape.prefix(axis).reduce(1, *) {
      for place in places {
        let normal = place < 0 ? place + extent : place
        guard (0..<extent).contains(normal) else {
          throw OnnxError("onnx-index", "index \(place) is not one of an axis of extent \(extent)")
        }
        positions += (0..<inner).map { (row * extent + normal) * inner + $0 }
      }
    }
    return data.picking(positions, data.shape.prefix(axis) + indices.shape + data.shape.suffix(from: axis + 1))
      .map { [$0] }
  }

  private static func slice(_ node: NodeConversion) throws -> [SymbolicTensor]? {
    guard let data = node.symbolic(0), let ranges = try ShapeRules.knownSliceRanges(node) else { return nil }
    let starts = ranges.compactMap(\.start.constant)
    let sizes = ranges.compactMap(\.size.constant)
    guard starts.count == data.rank, sizes.count == data.rank else { return nil }
    return pick(data, shape: sizes) { index in index.indices.map { starts[$0] + index[$0] * ranges[$0].step } }
  }

  /// Elements of `data` for every index of a result, where the closure says which.
  private static func pick(
    _ data: SymbolicTensor, shape: [Int], _ source: ([Int]) -> [Int]
  ) -> [SymbolicTensor]? {
    let strides = ReferenceTensor.strides(data.shape)
    let positions = ReferenceTensor.indices(shape).map { index in
      zip(source(index), strides).reduce(0) { $0 + $1.0 * $1.1 }
    }
    return data.picking(positions, shape).map { [$0] }
  }

  private static func concat(_ node: NodeConversion) throws -> [SymbolicTensor]? {
    guard let operands = operands(node) else { return nil }
    let axis = try ShapeRules.concatAxis(node, rank: operands[0].rank)
    var shape = operands[0].shape
    shape[axis] = operands.reduce(0) { $0 + ($1.rank > axis ? $1.shape[axis] : 0) }
    guard
      operands.allSatisfy({ other in
        other.rank == shape.count && shape.indices.allSatisfy { $0 == axis || other.shape[$0] == shape[$0] }
      })
    else { return nil }
    var elements: [Dimension] = []
    let inner = shape.suffix(from: axis + 1).reduce(1, *)
    for row in 0..<shape.prefix(axis).reduce(1, *) {
      for operand in operands {
        let size = operand.shape[axis] * inner
        elements += operand.elements[row * size..<(row + 1) * size]
      }
    }
    return SymbolicTensor(operands[0].elementType, shape, elements).map { [$0] }
  }

  /// The same elements under a shape that a rule gives.
  private static func reshaped(
    _ node: NodeConversion, _ rule: (NodeConversion) throws -> [Dimension]
  ) throws -> [SymbolicTensor]? {
    guard let data = node.symbolic(0) else { return nil }
    let target = try rule(node)
    let shape = target.compactMap(\.constant)
    guard shape.count == target.count, TensorLiteral.count(of: shape) == data.elements.count else {
      throw OnnxError("onnx-reshape", "\(data.elements.count) elements cannot take the shape \(shape)")
    }
    return SymbolicTensor(data.elementType, shape, data.elements).map { [$0] }
  }

  private static func transpose(_ node: NodeConversion) throws -> [SymbolicTensor]? {
    guard let data = node.symbolic(0) else { return nil }
    let permutation = try ShapeRules.permutation(node)
    var inverse = permutation
    for (axis, from) in permutation.enumerated() { inverse[from] = axis }
    return pick(data, shape: permutation.map { data.shape[$0] }) { index in inverse.map { index[$0] } }
  }

  private static func expand(_ node: NodeConversion) throws -> [SymbolicTensor]? {
    guard let data = node.symbolic(0), let target = node.symbolic(1)?.numbers,
      let ones = SymbolicTensor(.bool, target, Array(repeating: 1, count: count(target)))
    else { return nil }
    return pointwise([data, ones], data.elementType) { $0[0] }
  }

  /// The number of elements, or 0 where it is more than is followed.
  private static func count(_ shape: [Int]) -> Int {
    guard let count = TensorLiteral.count(of: shape), count <= SymbolicTensor.maximumCount else { return 0 }
    return count
  }

  private static func constantOfShape(_ node: NodeConversion) throws -> [SymbolicTensor]? {
    guard let shape = node.symbolic(0)?.numbers, let count = TensorLiteral.count(of: shape),
      count <= SymbolicTensor.maximumCount,
      let literal = try node.literal(attribute: "value"), let value = literal.integers?.first
    else { return nil }
    return SymbolicTensor(try ElementType(literal.type), shape, Array(repeating: Dimension(value), count: count))
      .map { [$0] }
  }

  private static func range(_ node: NodeConversion) throws -> [SymbolicTensor]? {
    guard let operands = operands(node), operands.count == 3,
      let start = operands[0].elements.first, let step = operands[2].elements.first?.constant, step != 0,
      let size = try ShapeRules.rangeCount(operands.map(\.elements), node.symbols).constant,
      size <= SymbolicTensor.maximumCount
    else { return nil }
    let places = (0..<size).map { start + Dimension($0 * step) }
    return SymbolicTensor(operands[0].elementType, [size], places).map { [$0] }
  }

  private static func split(_ node: NodeConversion) throws -> [SymbolicTensor]? {
    guard let data = node.symbolic(0) else { return nil }
    let (axis, sizes) = try ShapeRules.splitSizes(node)
    var start = 0
    var results: [SymbolicTensor] = []
    for size in sizes.compactMap(\.constant) {
      var shape = data.shape
      shape[axis] = size
      let offset = start
      let part = pick(data, shape: shape) { index in index.indices.map { index[$0] + ($0 == axis ? offset : 0) } }
      guard let part else { return nil }
      results += part
      start += size
    }
    return results
  }

  private static func reduce(
    _ node: NodeConversion, _ combine: (Dimension, Dimension) -> Dimension
  ) throws -> [SymbolicTensor]? {
    guard let data = node.symbolic(0), !data.elements.isEmpty,
      let reduction = try ReductionAxes.known(node, rank: data.rank)
    else { return nil }
    let kept = data.shape.indices.map { reduction.axes.contains($0) ? 1 : data.shape[$0] }
    let strides = ReferenceTensor.strides(kept)
    var elements = [Dimension?](repeating: nil, count: kept.reduce(1, *))
    for (position, index) in ReferenceTensor.indices(data.shape).enumerated() {
      let target = ReferenceTensor.broadcastPosition(index, in: kept, strides)
      elements[target] = elements[target].map { combine($0, data.elements[position]) } ?? data.elements[position]
    }
    let shape = kept.indices.filter { reduction.keepAxes || !reduction.axes.contains($0) }.map { kept[$0] }
    return SymbolicTensor(data.elementType, shape, elements.compactMap { $0 }).map { [$0] }
  }
}
