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
    /// The result of a node that could not be imported; said of it once.
    case failed
  }

  let content: Content
  let name: String
  private var recorded: Tensor?
  private var read: SymbolicTensor??

  init(_ content: Content, name: String = "") {
    self.content = content
    self.name = name
  }

  var isFailed: Bool {
    if case .failed = content { return true }
    return false
  }

  /// The type, without making an operation for it.
  func type() throws -> TensorType {
    switch content {
    case .tensor(let tensor): return tensor.type
    case .literal(let literal): return TensorType(try ElementType(literal.type), literal.shape.map { Dimension($0) })
    case .dimensions(let values): return TensorType(values.elementType, values.shape.map { Dimension($0) })
    case .failed: throw Diagnostic("poison", "")
    }
  }

  /// The elements as dimensions, where they are integers known now.
  func symbolic() -> SymbolicTensor? {
    switch content {
    case .dimensions(let values): return values
    case .tensor, .failed: return nil
    case .literal(let literal):
      if let read { return read }
      let found = SymbolicTensor(literal)
      read = .some(found)
      return found
    }
  }

  /// The value as a tensor of the function; a constant or a tensor of dimensions is recorded at its first use.
  func tensor(in recorder: TraceRecorder) throws -> Tensor {
    if let recorded { return recorded }
    let tensor: Tensor
    switch content {
    case .tensor(let present): tensor = present
    case .failed: throw Diagnostic("poison", "")
    case .literal(let literal): tensor = try ImportedValue.constant(literal, in: recorder)
    case .dimensions(let values): tensor = try ImportedValue.record(values, in: recorder)
    }
    if case .tensor = content {} else if !name.isEmpty { recorder.setName(name, of: tensor) }
    recorded = tensor
    return tensor
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
