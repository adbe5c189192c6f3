import Foundation
import TensorData
import TensorIR
import TensorOps
import TensorRuntime

/// The layers below share no tensor type, so that an application ships none it does not need. Their element types
/// have the same names.
extension HostTensor {
  /// As a constant of the IR.
  public func literal() throws -> TensorLiteral {
    guard let element = ElementType(rawValue: type.rawValue),
      let literal = TensorLiteral(element, shape: shape, bytes: bytes)
    else {
      throw TensorDataError(id: "tensor-type", message: "\(type.rawValue)\(shape) cannot be a constant")
    }
    return literal
  }

  /// As an argument of a compiled library; copied, hence aligned.
  public func array() throws -> HostArray {
    guard let element = HostArray.ElementType.allCases.first(where: { $0.description == type.rawValue })
    else {
      throw TensorDataError(id: "tensor-type", message: "\(type.rawValue) is no element type of a library")
    }
    return try bytes.withUnsafeBytes { try HostArray(bytes: $0, shape: shape, element) }
  }

  public init(_ array: HostArray) throws {
    try self.init(
      name: array.elementType.description, shape: array.shape, bytes: try array.withUnsafeBytes { Data($0) })
  }

  public init(_ literal: TensorLiteral) throws {
    try self.init(name: literal.elementType.rawValue, shape: literal.shape, bytes: literal.bytes)
  }

  private init(name: String, shape: [Int], bytes: Data) throws {
    guard let type = DataType(rawValue: name) else {
      throw TensorDataError(id: "tensor-type", message: "\(name) is no element type of a file")
    }
    try self.init(type: type, shape: shape, bytes: bytes)
  }

  /// The tensor for where `type` is wanted. NumPy has no bf16, so ONNX's test data, and what NumPy writes, hold its bits
  /// as u16; nothing else is converted.
  func standing(for type: String) throws -> HostTensor {
    guard type == DataType.bf16.rawValue, self.type == .u16 else { return self }
    return try HostTensor(type: .bf16, shape: shape, bytes: bytes)
  }

  /// `f32[2, 784]`
  public var typeText: String { "\(type.rawValue)[\(shape.map(String.init).joined(separator: ", "))]" }

  var tensorShape: TensorShape? { ElementType(rawValue: type.rawValue).map { TensorShape($0, shape) } }
}
