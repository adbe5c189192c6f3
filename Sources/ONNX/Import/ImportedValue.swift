import TensorData
import TensorIR
import TensorOps

/// What a name in the graph stands for while the graph is imported.
///
/// Initialisers and shapes stay out of the function until an operation needs them as tensors.
final class ImportedValue {
  enum Content {
    /// A value of the function.
    case tensor(Tensor)
    /// A tensor of the file.
    case literal(HostTensor)
    /// Integers that are dimensions.
    case dimensions(SymbolicTensor)
    /// A list whose length is known; no operation ever sees it.
    case list([ImportedValue])
    /// A list of elements of one shape, as a tensor with an axis in front that may be as long as the run finds.
    case stack(Tensor)
    /// An optional value that is not there.
    case nothing
    /// The result of a node that could not be imported; said of it once.
    case failed
  }

  let content: Content
  let name: String
  /// The format that the file gives it where its elements are stored in one of few bits.
  private(set) var format: SmallFormat?
  /// Where it is text, the texts that may occur; its elements are places among them.
  let texts: [String]?
  /// What it was dequantised from, where it was.
  private(set) var quantised: QuantisedTensor?
  /// Why it failed, where nobody has been told yet: the first node that needs the value tells it, and where none does
  /// it does not matter.
  private var untold: OnnxError?
  /// The tensors that it has become, one for each recorder that asked.
  private var recorded: [Tensor] = []
  private var read: SymbolicTensor??

  init(
    _ content: Content, name: String = "", format: SmallFormat? = nil, texts: [String]? = nil,
    quantised: QuantisedTensor? = nil
  ) {
    self.content = content
    self.texts = texts
    self.name = name
    self.format = format
    self.quantised = quantised
  }

  convenience init(_ tensor: Tensor) { self.init(.tensor(tensor)) }

  /// The same elements as places among some texts, or as the numbers that they are.
  func with(texts: [String]?) -> ImportedValue { ImportedValue(content, format: format, texts: texts) }

  /// A value that could not be made, which only matters to whoever needs it.
  convenience init(failed reason: OnnxError, name: String) {
    self.init(.failed, name: name)
    untold = reason
  }

  /// Why the value failed, the first time that somebody asks.
  func reason() -> OnnxError? {
    defer { untold = nil }
    return untold
  }

  var isFailed: Bool {
    if case .failed = content { return true }
    return false
  }

  /// Whether it is one tensor, however it is held.
  var isTensor: Bool {
    switch content {
    case .tensor, .literal, .dimensions: true
    case .list, .stack, .nothing, .failed: false
    }
  }

  var isList: Bool {
    switch content {
    case .list, .stack: true
    default: false
    }
  }

  /// The function's values in it.
  var tensors: [Tensor] {
    switch content {
    case .tensor(let tensor), .stack(let tensor): [tensor]
    case .list(let values): values.flatMap(\.tensors)
    case .literal, .dimensions, .nothing, .failed: []
    }
  }

  /// The value with the first of `replacements`, which are taken from it, in place of its ``tensors``.
  func replacing(_ replacements: inout ArraySlice<Tensor>) -> ImportedValue {
    switch content {
    case .tensor(let tensor):
      let replacement = replacements.removeFirst()
      return replacement.id == tensor.id
        ? self : ImportedValue(.tensor(replacement), name: name, format: format, texts: texts)
    case .list(let values): return ImportedValue(.list(values.map { $0.replacing(&replacements) }), name: name)
    case .stack: return ImportedValue(.stack(replacements.removeFirst()), name: name)
    case .literal, .dimensions, .nothing, .failed: return self
    }
  }

  /// The type, without making an operation for it.
  func type() throws -> TensorType {
    switch content {
    case .tensor(let tensor): return tensor.type
    case .literal(let literal): return TensorType(try ElementType(literal.type), literal.shape.map { Dimension($0) })
    case .dimensions(let values): return TensorType(values.elementType, values.shape.map { Dimension($0) })
    case .list, .stack, .nothing: throw notTensor
    case .failed: throw Diagnostic("poison", "")
    }
  }

  private var notTensor: OnnxError {
    OnnxError("onnx-not-a-tensor", "a list or an optional value stands where a tensor is needed")
  }

  /// The elements as dimensions, where they are integers known now.
  /// - Parameter known: what is known of the function's values.
  func symbolic(_ known: KnownValues) -> SymbolicTensor? {
    switch content {
    case .dimensions(let values): return values
    case .list, .stack, .nothing, .failed: return nil
    case .tensor(let tensor):
      if tensor.elementType.isFloat { return nil }
      if let read { return read }
      let found = known.literal(tensor).flatMap { SymbolicTensor($0) }
      read = .some(found)
      return found
    case .literal(let literal):
      if let read { return read }
      let found = SymbolicTensor(literal)
      read = .some(found)
      return found
    }
  }

  /// The value as a tensor of the function; a constant or a tensor of dimensions is recorded at its first use.
  func tensor(in recorder: TraceRecorder) throws -> Tensor {
    if let known = recorded.first(where: { $0.recorder === recorder }) { return known }
    let tensor: Tensor
    switch content {
    // One of the graph around becomes a parameter.
    case .tensor(let present): tensor = try recorder.adopt(present)
    case .failed: throw Diagnostic("poison", "")
    case .list, .stack, .nothing: throw notTensor
    case .literal(let literal): tensor = try ImportedValue.constant(literal, in: recorder)
    case .dimensions(let values): tensor = try ImportedValue.record(values, in: recorder)
    }
    if case .tensor = content {} else if !name.isEmpty { recorder.setName(name, of: tensor) }
    recorded.append(tensor)
    return tensor
  }

  /// A list as a tensor with an axis in front; nil where its elements differ in shape or type, or where there are none.
  func stack(in recorder: TraceRecorder) throws -> Tensor? {
    if case .stack(let tensor) = content { return try recorder.adopt(tensor) }
    guard case .list(let values) = content, let first = values.first, values.allSatisfy(\.isTensor) else { return nil }
    if let known = recorded.first { return try recorder.adopt(known) }
    let type = try first.type().plain
    guard try values.allSatisfy({ try $0.type().plain == type }) else { return nil }
    // Once where the elements are, rather than in every trip of a loop that picks some of them.
    let homes = values.flatMap(\.tensors).map { $0.recorder as? TraceRecorder }
    let home = homes.first.flatMap { home in homes.allSatisfy { $0 === home } ? home : nil } ?? recorder
    let stack = try Composition.apart {
      let parts = try values.map { try home.add(Reshape([1] + type.shape), [$0.tensor(in: home)])[0] }
      return parts.count == 1 ? parts[0] : try home.add(Concat(axis: 0), parts)[0]
    }
    recorded.append(stack)
    return try recorder.adopt(stack)
  }

  /// A constant that shares the bytes of a tensor of the file.
  static func constant(_ literal: HostTensor, in recorder: TraceRecorder) throws -> Tensor {
    guard
      let value = TensorLiteral(try ElementType(literal.type), shape: literal.shape, bytes: literal.bytes),
      let tensor = try recorder.add(Constant(value), []).first
    else { throw OnnxError("onnx-size-mismatch", "a constant's bytes do not fill its shape \(literal.shape)") }
    return tensor
  }

  private static func record(_ values: SymbolicTensor, in recorder: TraceRecorder) throws -> Tensor {
    if let literal = try values.hostTensor() { return try constant(literal, in: recorder) }
    let sizes = try recorder.add(DimensionValues(values.elements, values.shape), [])[0]
    return values.elementType == .i64 ? sizes : try recorder.add(Cast(to: values.elementType), [sizes])[0]
  }
}
