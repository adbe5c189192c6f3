import Foundation
import SwiftProtobuf
import TensorData

/// A tensor of an ONNX file: an initialiser, an attribute or a file of test data.
public struct OnnxTensor: Equatable, Sendable {
  /// What a tensor holds. ONNX has tensors of text, which no compiled code computes with.
  public enum Value: Equatable, Sendable {
    case numbers(HostTensor)
    /// The texts in row-major order, as many as the shape has elements.
    case strings([String], shape: [Int])
  }

  /// Empty for attributes.
  public var name: String
  public var value: Value

  public init(name: String, value: Value) {
    self.name = name
    self.value = value
  }

  /// The extent of each axis, outermost first.
  public var shape: [Int] {
    switch value {
    case .numbers(let tensor): return tensor.shape
    case .strings(_, let shape): return shape
    }
  }

  /// The tensor of numbers.
  /// - Throws: `OnnxError` when it holds text.
  public func numbers() throws -> HostTensor {
    guard case .numbers(let tensor) = value else {
      throw OnnxError(
        id: "onnx-strings", message: "tensor '\(name)' holds text, with which compiled code does not compute")
    }
    return tensor
  }

  /// Decodes a serialised `TensorProto`, such as an `input_0.pb` of ONNX test data. External data is refused.
  /// - Throws: `OnnxError`, whatever the bytes are.
  public init(serialized bytes: Data) throws {
    let proto: Onnx_TensorProto
    do {
      var options = BinaryDecodingOptions()
      options.discardUnknownFields = true
      proto = try Onnx_TensorProto(serializedBytes: bytes, extensions: nil, partial: true, options: options)
    } catch {
      throw OnnxError(id: "onnx-tensor-malformed", message: "the file is not a serialised tensor, or it is damaged")
    }
    self = try OnnxTensorDecoder(externalData: nil, keepsBits: true).decode(proto)
  }

  /// The bytes of a `TensorProto` that holds this tensor in `raw_data`, or text in `string_data`.
  /// - Throws: `OnnxError` when it is over the 2 GiB that protobuf allows.
  public func serialized() throws -> Data {
    do {
      return try proto.serializedData(partial: true)
    } catch {
      throw OnnxError(id: "onnx-too-large", message: "tensor '\(name)' cannot be written as protobuf: it is over 2 GiB")
    }
  }

  /// The message that holds this tensor.
  var proto: Onnx_TensorProto {
    var proto = Onnx_TensorProto()
    proto.name = name
    proto.dims = shape.map(Int64.init)
    switch value {
    case .numbers(let tensor):
      proto.dataType = Onnx_TensorProto.DataType(tensor.type)
      proto.rawData = tensor.bytes
    case .strings(let strings, _):
      proto.dataType = .string
      proto.stringData = strings.map { Data($0.utf8) }
    }
    return proto
  }
}

extension OnnxModel {
  /// The tensors that the main graph's initialisers give, sparse ones made dense, in the file's order.
  /// - Throws: `OnnxError`, naming the initialiser.
  public func initializers() throws -> [OnnxTensor] { try initializers(of: graph) }

  /// The tensors that the initialisers of `graph`, the main one or one in an attribute, give; those alone whose names are
  /// needed, for nobody asks what the others hold.
  func initializers(of graph: Onnx_GraphProto, needed: Set<String>? = nil) throws -> [OnnxTensor] {
    try namingFile {
      let decoder = OnnxTensorDecoder(externalData: externalData)
      let dense = graph.initializer.filter { needed?.contains($0.name) ?? true }
      let sparse = graph.sparseInitializer.filter { needed?.contains($0.values.name) ?? true }
      return try dense.map(decoder.decode) + sparse.map(decoder.decode)
    }
  }

  /// The values of the initialisers of a graph, sparse ones made dense. What is wrong with one is kept in the value: one that
  /// nothing reads does not matter.
  func decodedInitializers(of graph: Onnx_GraphProto) -> [(name: String, value: ImportedValue)] {
    let decoder = OnnxTensorDecoder(externalData: externalData)
    func value(
      _ name: String, _ type: Onnx_TensorProto.DataType, _ decode: () throws -> OnnxTensor
    ) -> (name: String, value: ImportedValue) {
      do { return (name, try ImportedValue(decode(), format: SmallFormat(type))) } catch {
        let reason = OnnxError.list(error).first ?? OnnxError("internal", "\(error)")
        return (name, ImportedValue(failed: reason, name: name))
      }
    }
    return graph.initializer.map { tensor in
      value(tensor.name, tensor.dataType) { try decoder.decode(tensor) }
    }
      + graph.sparseInitializer.map { tensor in
        value(tensor.values.name, tensor.values.dataType) { try decoder.decode(tensor) }
      }
  }

  /// The tensor of an attribute; only a model knows where external data stands.
  func tensor(_ proto: Onnx_TensorProto) throws -> OnnxTensor {
    try namingFile { try OnnxTensorDecoder(externalData: externalData).decode(proto) }
  }

  /// Runs `body`; the errors it throws name the model's file.
  func namingFile<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as OnnxError {
      throw error.naming(file: name)
    }
  }
}

extension DataDirectory {
  /// Lists a directory of ONNX test data whose `.pb` files hold tensors of numbers.
  /// - Throws: `TensorDataError` when the directory cannot be listed, a number is missing or is there twice.
  public init(onnx path: String) throws {
    try self.init(path) { bytes in
      do {
        return try OnnxTensor(serialized: bytes).numbers()
      } catch let error as OnnxError {
        throw TensorDataError(id: error.id, message: error.message)
      }
    }
  }
}

extension DataDirectory {
  /// The tensor of an expected output. Where the output is text, the places of its texts among `labels`, i64, with -1 for a text
  /// that is none of them.
  /// - Throws: `TensorDataError` or `OnnxError`.
  public func readOutput(_ entry: Entry, labels: [String]?) throws -> HostTensor {
    guard let labels, entry.format == .pb else { return try read(entry) }
    let tensor = try OnnxTensor(serialized: try FileAccess.map(entry.path))
    guard case .strings(let texts, let shape) = tensor.value else { return try tensor.numbers() }
    let places = Dictionary(zip(labels, labels.indices), uniquingKeysWith: { first, _ in first })
    return try HostTensor(type: .i64, shape: shape, elements: texts.map { Int64(places[$0] ?? -1) })
  }
}
