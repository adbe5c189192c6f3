import TensorIR
import TensorOps

/// A list of elements of one shape, as a tensor with an axis in front: what a loop carries, and what is picked from by a
/// position that is computed.
struct ListStack {
  /// Lists of more parts are not written out.
  static let mostParts = 4096

  private let node: NodeConversion
  private let stack: Tensor

  init(_ node: NodeConversion, _ stack: Tensor) { (self.node, self.stack) = (node, stack) }

  private var count: Dimension { stack.shape[0] }
  private var extents: [Dimension] { Array(stack.shape.dropFirst()) }

  func part(at position: Dimension) throws -> Tensor {
    try node.reshape(stack.sliced(axis: 0, start: position, size: 1), extents)
  }

  /// `SequenceAt`; the run refuses a position that is not there.
  func element() throws -> Tensor {
    if let position = try known(1, isEnd: false) { return try part(at: position) }
    return try node.add(Gather(axis: 0), stack, node.reshape(node.cast(node.tensor(1), to: .i64), []))
  }

  /// A position that is known as a dimension, counted from the start; nil where it is computed from data.
  private func known(_ input: Int, isEnd: Bool) throws -> Dimension? {
    guard let given = node.symbolic(input)?.elements.first else { return nil }
    let position = node.symbols.isAtMost(0, given) == .no ? given + count : given
    let last = isEnd ? count : count - 1
    guard node.symbols.isAtMost(0, position) != .no, node.symbols.isAtMost(position, last) != .no else {
      throw OnnxError("onnx-index", "position \(given) is not one of a list of \(count)")
    }
    // The sign of others is for the run to say.
    return node.symbols.isAtMost(0, position) == .yes ? position : nil
  }

  /// `SequenceInsert`.
  func inserting(_ value: Tensor) throws -> ImportedValue {
    let row = try node.reshape(value, [1] + value.shape)
    guard value.elementType == stack.elementType, value.rank + 1 == stack.rank else {
      let own = TensorType(stack.elementType, extents)
      throw OnnxError("onnx-list", "\(value.type) does not fit a list of \(own), whose length is computed")
    }
    guard node.hasInput(2) else { return try joined([stack, row]) }
    let position = try place(2, isEnd: true)
    return try joined([part(from: 0, to: position), row, part(from: position, to: count)])
  }

  /// `SequenceErase`.
  func erasing() throws -> ImportedValue {
    let position = node.hasInput(1) ? try place(1, isEnd: false) : count - 1
    return try joined([part(from: 0, to: position), part(from: position + 1, to: count)])
  }

  private func place(_ input: Int, isEnd: Bool) throws -> Dimension {
    if let position = try known(input, isEnd: isEnd) { return position }
    let given = try node.reshape(node.cast(node.tensor(input), to: .i64), [])
    let length = try node.add(DimensionValues([count], []), list: [])[0]
    let isNegative = try node.add(Less(), given, node.scalar(0, .i64))
    let position = try node.add(Select(), isNegative, node.add(Add(), given, length), given)
    return try node.size("position", of: position, bound: isEnd ? count : node.symbols.maximum(count - 1, 0))
  }

  private func part(from start: Dimension, to end: Dimension) -> Tensor {
    stack.sliced(axis: 0, start: start, size: end - start)
  }

  private func joined(_ parts: [Tensor]) throws -> ImportedValue {
    ImportedValue(.stack(try node.add(Concat(axis: 0), list: parts)[0]))
  }

  /// `ConcatFromSequence`.
  func joined(axis given: Int, isNew: Bool) throws -> Tensor {
    let axis = try node.axis(given, rank: isNew ? stack.rank : stack.rank - 1)
    var order = Array(1..<stack.rank)
    order.insert(0, at: axis)
    let moved = try node.transpose(stack, order)
    if isNew { return moved }
    var shape = extents
    shape[axis] = count * shape[axis]
    return try node.reshape(moved, shape)
  }

  // MARK: Making and mapping

  /// `SplitToSequence` into many parts of one size, or into as many as an extent that is a symbol says; nil for others.
  static func splitting(_ x: Tensor, _ axis: Int, _ node: NodeConversion) throws -> ImportedValue? {
    var size = 1
    if node.hasInput(1) {
      guard try node.rank(1) == 0, let given = node.symbolic(1)?.numbers?.first, given > 0 else { return nil }
      size = given
    }
    let extent = x.shape[axis]
    if let number = extent.constant {
      guard number % size == 0, number / size > UnrolledLoop.always else { return nil }
    } else if size != 1 {
      return nil
    }
    let drops = try !node.hasInput(1) && !node.flag("keepdims", default: true)
    let count = extent.floorDivided(by: Dimension(size))
    let before = x.shape.prefix(axis)
    let after = x.shape.dropFirst(axis + 1)
    let parts = try node.reshape(x, before + [count] + (drops ? [] : [Dimension(size)]) + after)
    var order = Array(0..<parts.rank)
    order.insert(order.remove(at: axis), at: 0)
    return ImportedValue(.stack(try node.transpose(parts, order)))
  }

  /// `SequenceMap` as a loop over lists that are long or of computed length; nil where they are neither.
  static func mapping(_ body: Onnx_GraphProto, _ node: NodeConversion) throws -> [ImportedValue]? {
    let values = try node.inputs.indices.map { try node.input($0) }
    let isLong = values.contains {
      if case .stack = $0.content { true } else { false }
    }
    guard isLong, !RandomNodes.stand(in: body) else { return nil }
    let stacks = try values.map { $0.isTensor ? nil : try $0.stack(in: node.graph.recorder) }
    guard let count = stacks.compactMap({ $0?.shape[0] }).first,
      zip(values, stacks).allSatisfy({ $0.isTensor || $1 != nil })
    else { return nil }
    let results = try LoopPlan(node.graph).results(of: .dimension(count), carrying: []) { trip, _ in
      let arguments = try zip(values, stacks).map { value, stack in
        try stack.map { ImportedValue(try node.add(Gather(axis: 0), $0, trip)) } ?? value
      }
      return try node.graph.inline(body, arguments).map { try $0.tensor(in: node.graph.recorder) }
    }
    for stack in stacks.compactMap({ $0 }) where stack.shape[0] != count {
      try node.require(stack.shape[0], equals: count, "its lists differ in length")
    }
    return results.map { ImportedValue(.stack($0)) }
  }
}

/// The lists among what a loop carries. Each is a tensor with an axis in front, which may grow from trip to trip.
struct CarriedLists {
  private let graph: GraphImport
  private let isList: [Bool]

  /// - Parameter values: what is carried at first.
  init(_ graph: GraphImport, _ values: [ImportedValue]) {
    self.graph = graph
    isList = values.map(\.isList)
  }

  /// What is carried at first as tensors. What an empty list will hold is what a trip puts into it.
  /// - Parameter trip: what a trip makes of the carried values.
  func initial(
    _ values: [ImportedValue], _ trip: (Tensor, [ImportedValue]) throws -> [ImportedValue]
  ) throws -> [Tensor] {
    var found = try values.enumerated().map { place, value in
      isList[place] ? try value.stack(in: graph.recorder) : try value.tensor(in: graph.recorder)
    }
    guard found.contains(where: { $0 == nil }) else { return found.compactMap { $0 } }
    let outside = graph.recorder.symbols
    var types: [TensorType?] = []
    let known = found.compactMap { $0?.type }
    _ = try graph.traced([TensorType(.i64, [])] + known) { parameters in
      var rest = parameters.dropFirst()
      let arguments = found.enumerated().map { place, tensor in
        tensor == nil ? ImportedValue(.list([])) : wrapped(rest.removeFirst(), place)
      }
      let results = try trip(parameters[0], arguments)
      types = try results.map { value in try value.stack(in: graph.recorder)?.type }
      return []
    }
    for place in found.indices where found[place] == nil {
      guard let type = types[place], type.shape.dropFirst().allSatisfy({ $0.symbols.allSatisfy { outside[$0] != nil } })
      else {
        throw OnnxError("onnx-loop", "an empty list that it carries has elements of shapes that are not known before")
      }
      found[place] = try graph.recorder.add(Full(0, type.elementType, [0] + type.shape.dropFirst()), [])[0]
    }
    return found.compactMap { $0 }
  }

  /// A carried tensor as the body sees it.
  func wrapped(_ tensor: Tensor, _ place: Int) -> ImportedValue {
    ImportedValue(isList[place] ? .stack(tensor) : .tensor(tensor))
  }

  /// What a trip gives for a carried value, as a tensor.
  func unwrapped(_ value: ImportedValue, _ place: Int) throws -> ImportedValue {
    guard isList[place] else { return value }
    guard let stack = try value.stack(in: graph.recorder) else {
      throw OnnxError("onnx-loop", "a list that it carries has elements of different shapes, or none after a trip")
    }
    return ImportedValue(stack)
  }

  /// A list behind the loop, whose length follows where each trip adds as many elements.
  /// - Parameters:
  ///   - growth: how many each trip adds; nil where that is not known.
  ///   - trips: how many trips there are; nil where that is not known.
  func behind(
    _ value: ImportedValue, _ place: Int, from first: Tensor, growth: Int?, trips: Dimension?
  ) throws
    -> ImportedValue
  {
    guard isList[place] else { return value }
    let stack = try value.tensor(in: graph.recorder)
    guard let growth, let trips else { return ImportedValue(.stack(stack)) }
    let count = first.shape[0] + graph.recorder.symbols.maximum(trips, 0) * Dimension(growth)
    if count == stack.shape[0] { return ImportedValue(.stack(stack)) }
    return ImportedValue(.stack(try graph.recorder.add(Reshape([count] + stack.shape.dropFirst()), [stack])[0]))
  }
}
