import TensorData
import TensorIR
import TensorOps

/// What a converter sees of its node, and how it records operations.
final class NodeConversion {
  let node: Onnx_NodeProto
  /// Nil where an optional input is left out.
  private(set) var inputs: [ImportedValue?]
  let graph: GraphImport
  private let attributes: OnnxAttributes
  /// The names that were asked for. The first versions named the operands whose memory a result took, which nobody needs
  /// to know now.
  private var read: Set = ["consumed_inputs"]

  init(_ node: Onnx_NodeProto, in graph: GraphImport) throws {
    self.node = node
    self.graph = graph
    attributes = try OnnxAttributes(node)
    inputs = try node.input.map { $0.isEmpty ? nil : try graph.value($0) }
    guard OnnxModel.canonicalDomain(node.domain).isEmpty else { return }
    if let operand = try LegacyBroadcast.aligned(self) { inputs[1] = operand }
  }

  /// The version of the operators.
  var opset: Int { graph.opset }
  var symbols: SymbolTable { graph.recorder.symbols }

  // MARK: Inputs

  func hasInput(_ index: Int) -> Bool { index < inputs.count && inputs[index] != nil }

  func input(_ index: Int) throws -> ImportedValue {
    guard index < inputs.count, let input = inputs[index] else {
      throw OnnxError("onnx-missing-input", "its input \(index) is missing")
    }
    return input
  }

  /// An input as a tensor of the function.
  func tensor(_ index: Int) throws -> Tensor { try input(index).tensor(in: graph.recorder) }

  /// All inputs as tensors; none may be left out.
  func tensors() throws -> [Tensor] {
    guard !inputs.isEmpty else { throw OnnxError("onnx-missing-input", "it has no inputs") }
    return try inputs.indices.map(tensor)
  }

  /// An optional input; absent where it is left out.
  func optionalTensor(_ index: Int) throws -> Tensor { hasInput(index) ? try tensor(index) : .absent }

  func type(_ index: Int) throws -> TensorType { try input(index).type() }
  func shape(_ index: Int) throws -> [Dimension] { try type(index).shape }
  func rank(_ index: Int) throws -> Int { try type(index).rank }

  /// An input whose elements are known as dimensions; nil where they are not, or it is left out.
  func symbolic(_ index: Int) -> SymbolicTensor? {
    hasInput(index) ? inputs[index]?.symbolic(graph.known) : nil
  }

  /// The elements of an input that must be integers known at import, up to symbols.
  func dimensions(_ index: Int) throws -> [Dimension] {
    guard let values = try input(index).symbolic(graph.known) else {
      if let whole = try wholeNumbers(index) { return whole }
      throw OnnxError(
        "onnx-data-dependent",
        "its input \(index) '\(node.input[index])' shapes the result but is computed from data\(hint(index))")
    }
    return values.elements
  }

  /// The elements of an input, as ``dimensions(_:)`` gives them; those that are not known at import are sizes that the run
  /// finds, which cannot be negative.
  /// - Parameter takesFloats: whether the operator takes floats for them, whose whole part counts.
  func computedDimensions(_ index: Int, takesFloats: Bool = false) throws -> [Dimension] {
    if try input(index).symbolic(graph.known) == nil, try wholeNumbers(index) == nil {
      let values = try tensor(index)
      return try ComputedElements(self).sizes(of: takesFloats ? cast(values, to: .i64) : values)
    }
    return try dimensions(index)
  }

  /// The elements of an input of floats that are known and whole, as some operators allow for counts.
  private func wholeNumbers(_ index: Int) throws -> [Dimension]? {
    guard try type(index).elementType.isFloat, let found = try? literal(index) else { return nil }
    let values = (0..<found.elementCount).compactMap { found.number($0).flatMap { Int(exactly: $0) } }
    return values.count == found.elementCount ? values.map { Dimension($0) } : nil
  }

  /// The elements of an input that are extents, none negative. Those that follow from data are sizes that the run finds.
  func extents(_ index: Int, takesFloats: Bool = false) throws -> [Dimension] {
    let values = try computedDimensions(index, takesFloats: takesFloats)
    if let negative = values.first(where: { symbols.isAtMost(0, $0) == .no }) {
      throw OnnxError("onnx-negative-extent", "its input \(index) holds the negative extent \(negative)")
    }
    return values
  }

  /// The elements of an input that must be numbers known at import.
  func integers(_ index: Int) throws -> [Int] {
    try dimensions(index).map { value in
      guard let number = value.constant else {
        throw OnnxError(
          "onnx-symbolic-structure",
          "its input \(index) '\(node.input[index])' must be a number and is \(value)\(hint([value]))")
      }
      return number
    }
  }

  /// The elements of an input that the file holds; nil where the input is left out.
  /// - Throws: where it is computed.
  func literal(_ index: Int) throws -> HostTensor? {
    guard hasInput(index) else { return nil }
    switch try input(index).content {
    case .literal(let literal): return literal
    case .dimensions(let values):
      if let literal = try values.hostTensor() { return literal }
    case .tensor(let tensor):
      if let literal = graph.known.literal(tensor) { return literal }
    case .list, .stack, .nothing, .failed: break
    }
    throw OnnxError(
      "onnx-data-dependent",
      "its input \(index) '\(node.input[index])' must be a constant and is computed\(hint(index))")
  }

  /// The one number that an input of the file holds; nil where the input is left out or computed.
  func number(_ index: Int) -> Double? {
    guard let found = try? literal(index), found.elementCount == 1 else { return nil }
    return found.number(0)
  }

  /// Takes other values for its inputs.
  func replaceInputs(_ values: [ImportedValue?]) { inputs = values }

  // MARK: Attributes

  func integer(_ name: String) throws -> Int? {
    read.insert(name)
    return try attributes.integer(name).map { Int($0) }
  }
  func integers(_ name: String) throws -> [Int]? {
    read.insert(name)
    return try attributes.integers(name)?.map { Int($0) }
  }
  func flag(_ name: String, default fallback: Bool = false) throws -> Bool {
    try integer(name).map { $0 != 0 } ?? fallback
  }
  func float(_ name: String) throws -> Double? {
    read.insert(name)
    return try attributes.float(name).map { Double($0) }
  }
  func floats(_ name: String) throws -> [Double]? {
    read.insert(name)
    return try attributes.floats(name)?.map { Double($0) }
  }
  func string(_ name: String) throws -> String? {
    read.insert(name)
    return try attributes.string(name)
  }
  func strings(_ name: String) throws -> [String]? {
    read.insert(name)
    return try attributes.strings(name)
  }
  func literal(attribute name: String) throws -> HostTensor? {
    read.insert(name)
    return try attributes.tensor(name).map { try graph.model.tensor($0).numbers() }
  }
  /// The texts of a tensor in an attribute; nil where it is not there or holds numbers.
  func texts(attribute name: String) throws -> OnnxTensor? {
    guard let proto = try attributes.tensor(name), proto.dataType == .string else { return nil }
    read.insert(name)
    return try graph.model.tensor(proto)
  }
  /// The format of a tensor in an attribute that is stored in few bits.
  func format(attribute name: String) throws -> SmallFormat? {
    try attributes.tensor(name).flatMap { SmallFormat($0.dataType) }
  }
  func subgraph(_ name: String) throws -> Onnx_GraphProto {
    read.insert(name)
    guard let inner = try attributes.graph(name) else {
      throw OnnxError("onnx-missing-attribute", "its attribute '\(name)' is missing")
    }
    return inner
  }
  func hasAttribute(_ name: String) -> Bool { attributes.names.contains(name) }
  /// Notes attributes that say nothing the importer needs.
  func ignore(_ names: String...) { read.formUnion(names) }

  /// An axis counted from 0.
  func axis(_ axis: Int, rank: Int) throws -> Int {
    let normal = axis < 0 ? axis + rank : axis
    guard (0..<rank).contains(normal) else {
      throw OnnxError("onnx-axis", "axis \(axis) is not one of a tensor of rank \(rank)")
    }
    return normal
  }

  /// Axes counted from 0, in the order given.
  func axes(_ axes: [Int], rank: Int) throws -> [Int] {
    let normal = try axes.map { try axis($0, rank: rank) }
    guard Set(normal).count == normal.count else { throw OnnxError("onnx-axis", "axes \(axes) name one axis twice") }
    return normal
  }

  /// Tells the user something of this node that is no fault.
  func note(_ text: String) {
    let place = OnnxError.Node(node)
    graph.note("node '\(place.name)' (\(place.operation)): \(text)")
  }

  // MARK: Results

  /// Records an operation with one result.
  func add(_ op: any TensorOp, _ operands: Tensor...) throws -> Tensor {
    guard let result = try graph.recorder.add(op, operands).first else {
      throw OnnxError("internal", "'\(op.name)' has no result")
    }
    return result
  }

  func add(_ op: any TensorOp, list operands: [Tensor]) throws -> [Tensor] {
    try graph.recorder.add(op, operands)
  }

  /// Has an equality of extents checked before the operation that was recorded last.
  /// - Throws: where it never holds.
  func require(_ left: Dimension, equals right: Dimension, _ message: String) throws {
    var context = InferenceContext(symbols: symbols)
    try context.require(left, equals: right, message)
    graph.recorder.addGuards(context.guards)
  }

  /// A scalar constant.
  func scalar(_ value: Double, _ type: ElementType) throws -> Tensor {
    guard type.isFloat || value.magnitude < 9e15 else {
      throw OnnxError("element-type", "\(value) is not a number of type \(type)")
    }
    return try add(Full(value, type, []))
  }

  /// Refuses attributes that nothing looked at, outputs that nothing computes and extents out of reach.
  func checkResults(_ results: [ImportedValue]) throws {
    let symbolic = results.allSatisfy { if case .dimensions = $0.content { true } else { false } }
    let unread = attributes.names.filter { !read.contains($0) }
    if !symbolic, !unread.isEmpty {
      let names = unread.map { "'\($0)'" }.joined(separator: ", ")
      throw OnnxError(
        "onnx-unsupported-attribute",
        unread.count == 1 ? "its attribute \(names) is not supported" : "its attributes \(names) are not supported")
    }
    if let missing = node.output.indices.first(where: { $0 >= results.count && !node.output[$0].isEmpty }) {
      throw OnnxError("onnx-unsupported-output", "its output \(missing) '\(node.output[missing])' is not supported")
    }
  }
}
