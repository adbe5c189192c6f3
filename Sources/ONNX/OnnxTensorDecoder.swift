import Foundation
import TensorData

/// Turns the messages that hold tensors into tensors.
struct OnnxTensorDecoder {
  /// Where external data is found, or nil where it is refused.
  let externalData: OnnxExternalData?
  /// Whether floats of eight bits and fewer stay the bits that they are in the file; see ``SmallFormat``.
  var keepsBits = false

  /// The tensor that `proto` holds, without copying it when it stands in `raw_data` or in an external file.
  /// - Throws: `OnnxError`, naming the tensor.
  func decode(_ proto: Onnx_TensorProto) throws -> OnnxTensor {
    try about(proto.name) {
      guard !proto.hasSegment else {
        throw OnnxError(id: "onnx-segment", message: "tensors in segments are not supported")
      }
      let shape = try OnnxTensorDecoder.shape(proto.dims)
      if proto.dataType == .string {
        return OnnxTensor(name: proto.name, value: .strings(try strings(proto, shape: shape), shape: shape))
      }
      if let format = SmallFormat(proto.dataType) {
        let count = try HostTensor.elementCount(shape: shape)
        let bytes = try stored(proto, type: .u8, shape: [(count + format.perByte - 1) / format.perByte])
        let tensor = try keepsBits ? format.bits(bytes, shape: shape) : format.numbers(bytes, shape: shape)
        return OnnxTensor(name: proto.name, value: .numbers(tensor))
      }
      let type = try DataType.supported(proto.dataType)
      let bytes = OnnxTensorDecoder.withTruthValues(try stored(proto, type: type, shape: shape), type: type)
      return OnnxTensor(name: proto.name, value: .numbers(try HostTensor(type: type, shape: shape, bytes: bytes)))
    }
  }

  /// Runs `body`; the errors it throws begin with the tensor's name.
  func about<Result>(_ name: String, _ body: () throws -> Result) throws -> Result {
    let subject = name.isEmpty ? "tensor" : "tensor '\(name)'"
    do {
      return try body()
    } catch let error as OnnxError {
      throw error.about(subject)
    } catch let error as TensorDataError {
      throw OnnxError(id: error.id, message: "\(subject): \(error.message)")
    }
  }

  /// The extents of a shape that a file states.
  static func shape(_ dims: [Int64]) throws -> [Int] {
    let shape = dims.map { Int($0) }
    _ = try HostTensor.elementCount(shape: shape)
    return shape
  }

  private func stored(_ proto: Onnx_TensorProto, type: DataType, shape: [Int]) throws -> Data {
    let needed = try HostTensor.byteCount(type: type, shape: shape)
    switch proto.dataLocation {
    case .default: break
    case .external:
      guard let externalData else {
        throw OnnxError(id: "onnx-external-refused", message: "its data stands in another file, which is not read here")
      }
      return try externalData.bytes(proto.externalData, needed: needed)
    case .UNRECOGNIZED(let number):
      throw OnnxError(id: "onnx-data-location", message: "data location \(number) is unknown")
    }
    // Some writers leave an empty raw_data beside the typed field.
    if proto.hasRawData, !proto.rawData.isEmpty || needed == 0 { return proto.rawData }
    return try OnnxTypedData.bytes(proto, type: type, count: HostTensor.elementCount(shape: shape))
  }

  private func strings(_ proto: Onnx_TensorProto, shape: [Int]) throws -> [String] {
    let count = try HostTensor.elementCount(shape: shape)
    guard proto.stringData.count == count else {
      throw OnnxError(
        id: "onnx-size-mismatch",
        message: "its shape \(shape) needs \(count) texts, but \(proto.stringData.count) are there")
    }
    return try proto.stringData.map { bytes in
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw OnnxError(id: "onnx-string", message: "a text in it is not UTF-8")
      }
      return text
    }
  }

  /// `bytes`, with 1 for every true that is written otherwise: C that reads such a byte as a truth value is undefined.
  private static func withTruthValues(_ bytes: Data, type: DataType) -> Data {
    guard type == .bool, bytes.contains(where: { $0 > 1 }) else { return bytes }
    return Data(bytes.map { $0 == 0 ? 0 : 1 })
  }
}
