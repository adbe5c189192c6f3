import Foundation
import TensorData

extension OnnxTensorDecoder {
  /// A few kilobytes of a sparse tensor can ask for any amount of memory when it is made dense; this much it gets.
  static let maximumDenseSize = 1 << 30

  /// The dense tensor that a sparse one stands for. Its values are a vector; its indices either as many positions in
  /// row-major order, or a matrix of one row of coordinates for each value.
  /// - Throws: `OnnxError`, naming the tensor.
  func decode(_ proto: Onnx_SparseTensorProto) throws -> OnnxTensor {
    let values = try decode(proto.values).numbers()
    let indices = try decode(proto.indices).numbers()
    return try about(proto.values.name) {
      let shape = try OnnxTensorDecoder.shape(proto.dims)
      let size = try HostTensor.byteCount(type: values.type, shape: shape)
      guard size <= OnnxTensorDecoder.maximumDenseSize else {
        throw OnnxError(id: "onnx-sparse-size", message: "it would take \(size) bytes when made dense")
      }
      guard values.type.bitWidth >= 8, values.shape.count == 1 else {
        throw OnnxError(id: "onnx-sparse-values", message: "its values are no vector of whole bytes")
      }
      let positions = try OnnxTensorDecoder.positions(indices, count: values.elementCount, shape: shape)
      let width = values.type.bitWidth / 8
      var dense = [UInt8](repeating: 0, count: size)
      let source = [UInt8](values.bytes)
      for (number, position) in positions.enumerated() {
        for byte in 0..<width { dense[position * width + byte] = source[number * width + byte] }
      }
      let tensor = try HostTensor(type: values.type, shape: shape, bytes: Data(dense))
      return OnnxTensor(name: proto.values.name, value: .numbers(tensor))
    }
  }

  private static func positions(_ indices: HostTensor, count: Int, shape: [Int]) throws -> [Int] {
    let isLinear = indices.shape == [count]
    guard indices.type == .i64, isLinear || indices.shape == [count, shape.count] else {
      throw OnnxError(
        id: "onnx-sparse-indices",
        message: "its indices are \(indices.type.rawValue)\(indices.shape) for \(count) values")
    }
    let numbers = try indices.elements(as: Int64.self)
    let extents = isLinear ? [try HostTensor.elementCount(shape: shape)] : shape
    return try (0..<count).map { row in
      try extents.indices.reduce(0) { position, axis in
        let index = numbers[row * extents.count + axis]
        guard index >= 0, index < extents[axis] else {
          throw OnnxError(id: "onnx-sparse-indices", message: "its index \(index) is outside the shape \(shape)")
        }
        return position * extents[axis] + Int(index)
      }
    }
  }
}
