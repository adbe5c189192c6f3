import TensorIR
import TensorOps

extension OnnxOperators {
  /// Operators on lists of tensors and on optional values. A list of known length computes nothing; one of elements of one
  /// shape may be a tensor with an axis in front.
  static let lists: [String: Converter] = [
    "SequenceEmpty": { node in
      node.ignore("dtype")
      return [ImportedValue(.list([]))]
    },
    "SequenceConstruct": { node in [ImportedValue(.list(try node.inputs.indices.map(node.input)))] },
    "SequenceLength": { node in
      if case .stack(let stack) = try node.input(0).content {
        return [ImportedValue(.dimensions(.scalar(stack.shape[0])))]
      }
      return [ImportedValue(.dimensions(.scalar(Dimension(try node.list(0).count))))]
    },
    "SequenceAt": { node in
      if let stack = try node.stack(0, position: 1) { return [ImportedValue(try ListStack(node, stack).element())] }
      let list = try node.list(0)
      return [list[try place(node, 1, count: list.count)]]
    },
    "SequenceInsert": { node in
      if let stack = try node.stack(0, position: 2) { return [try ListStack(node, stack).inserting(node.tensor(1))] }
      var list = try node.list(0)
      let position = node.hasInput(2) ? try place(node, 2, count: list.count, isEnd: true) : list.count
      list.insert(try node.input(1), at: position)
      return [ImportedValue(.list(list))]
    },
    "SequenceErase": { node in
      if let stack = try node.stack(0, position: 1) { return [try ListStack(node, stack).erasing()] }
      var list = try node.list(0)
      let position = node.hasInput(1) ? try place(node, 1, count: list.count) : list.count - 1
      guard list.indices.contains(position) else { throw OnnxError("onnx-index", "the list is empty") }
      list.remove(at: position)
      return [ImportedValue(.list(list))]
    },
    "ConcatFromSequence": one(concat),
    "SplitToSequence": split,
    "Optional": { node in
      node.ignore("type")
      return [node.hasInput(0) ? try node.input(0) : ImportedValue(.nothing)]
    },
    "OptionalHasElement": { node in
      var isThere = node.hasInput(0)
      if isThere, case .nothing = try node.input(0).content { isThere = false }
      guard let answer = SymbolicTensor(.bool, [], [isThere ? 1 : 0]) else { return [] }
      return [ImportedValue(.dimensions(answer))]
    },
    "OptionalGetElement": { node in
      let value = try node.input(0)
      if case .nothing = value.content { throw OnnxError("onnx-optional", "the optional value is not there") }
      return [value]
    },
  ]

  /// A position in a list, counted from the end if negative.
  private static func place(
    _ node: NodeConversion, _ input: Int, count: Int, isEnd: Bool = false
  ) throws -> Int {
    guard let given = try node.integers(input).first else {
      throw OnnxError("onnx-index", "its position is missing")
    }
    let position = given < 0 ? given + count : given
    guard position >= 0, position < count || isEnd && position == count else {
      throw OnnxError("onnx-index", "position \(given) is not one of a list of \(count)")
    }
    return position
  }

  private static func concat(_ node: NodeConversion) throws -> Tensor {
    guard let axis = try node.integer("axis") else { throw OnnxError("onnx-list", "its axis is missing") }
    if case .stack(let own) = try node.input(0).content {
      let stack = ListStack(node, try node.graph.recorder.adopt(own))
      return try stack.joined(axis: axis, isNew: node.flag("new_axis"))
    }
    let list = try node.list(0)
    if list.isEmpty { throw OnnxError("onnx-list", "the list is empty") }
    if try node.flag("new_axis") { return try node.stacked(list, axis: axis, like: Onnx_ValueInfoProto()) }
    let tensors = try list.map { try $0.tensor(in: node.graph.recorder) }
    return try node.add(Concat(axis: node.axis(axis, rank: tensors[0].rank)), list: tensors)[0]
  }

  /// Each part is an operation.
  private static var mostParts: Int { ListStack.mostParts }

  /// Parts of an axis as a list: of the sizes given, of one size, or of 1.
  private static func split(_ node: NodeConversion) throws -> [ImportedValue] {
    let x = try node.tensor(0)
    let axis = try node.axis(node.integer("axis") ?? 0, rank: x.rank)
    if let stack = try ListStack.splitting(x, axis, node) { return [stack] }
    guard let extent = x.shape[axis].constant else {
      throw OnnxError("onnx-symbolic-structure", "the extent it splits must be a number\(node.hint([x.shape[axis]]))")
    }
    let keeps = try node.flag("keepdims", default: true)
    guard extent <= mostParts || node.hasInput(1) else {
      throw OnnxError("onnx-split", "it splits into \(extent) parts; \(mostParts) are the most that are supported")
    }
    var sizes = node.hasInput(1) ? try node.integers(1) : Array(repeating: 1, count: extent)
    if node.hasInput(1), try node.rank(1) == 0 {
      guard let size = sizes.first, size > 0 else { throw OnnxError("onnx-split", "it splits into parts of 0") }
      guard extent / size < mostParts else {
        throw OnnxError(
          "onnx-split", "it splits into \(extent / size) parts; \(mostParts) are the most that are supported")
      }
      let rest = extent % size
      sizes = Array(repeating: size, count: extent / size) + (rest > 0 ? [rest] : [])
    }
    guard sizes.allSatisfy({ 0...extent ~= $0 }), sizes.map({ Dimension($0) }).reduce(0, +).constant == extent else {
      throw OnnxError("onnx-split", "parts of \(sizes) do not make up an axis of extent \(extent)")
    }
    var start = 0
    let parts = try sizes.map { size in
      var part = x.sliced(axis: axis, start: Dimension(start), size: Dimension(size))
      start += size
      if !node.hasInput(1), !keeps { part = try node.reshape(part, x.shape.removing(axis)) }
      return ImportedValue(part)
    }
    return [ImportedValue(.list(parts))]
  }

  /// The body once for each place of the lists; what is no list is the same for all.
  static func mapList(_ node: NodeConversion) throws -> [ImportedValue] {
    let body = try node.subgraph("body")
    if let results = try ListStack.mapping(body, node) { return results }
    let count = try node.list(0).count
    let rows = try (0..<count).map { place in
      let arguments = try node.inputs.indices.map { index -> ImportedValue in
        let value = try node.input(index)
        if value.isTensor { return value }
        let list = try node.list(index)
        guard list.count == count else { throw OnnxError("onnx-list", "its lists differ in length") }
        return list[place]
      }
      return try node.graph.inline(body, arguments)
    }
    return body.output.indices.map { output in ImportedValue(.list(rows.map { $0[output] })) }
  }
}

extension NodeConversion {
  /// An input that is a list, element by element.
  func list(_ index: Int) throws -> [ImportedValue] {
    switch try input(index).content {
    case .list(let list): return list
    case .stack(let own):
      let stack = try graph.recorder.adopt(own)
      guard let count = stack.shape[0].constant, count <= ListStack.mostParts else {
        throw OnnxError("onnx-list", "its list must have a known length here, and has \(stack.shape[0]) elements")
      }
      return try (0..<count).map { ImportedValue(try ListStack(self, stack).part(at: Dimension($0))) }
    default: throw OnnxError("onnx-not-a-list", "its input \(index) is not a list")
    }
  }

  /// An input as a list of elements of one shape, where it is one or a position that is computed asks for it.
  fileprivate func stack(_ index: Int, position: Int) throws -> Tensor? {
    let value = try input(index)
    if case .stack = value.content { return try value.stack(in: graph.recorder) }
    let isKnown = !hasInput(position) || symbolic(position)?.elements.first?.constant != nil
    return isKnown ? nil : try value.stack(in: graph.recorder)
  }
}

extension Array where Element == Dimension {
  /// The shape without an axis.
  func removing(_ axis: Int) -> [Dimension] {
    var copy = self
    copy.remove(at: axis)
    return copy
  }
}
