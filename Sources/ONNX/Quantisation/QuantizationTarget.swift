import Foundation
import TensorData

/// A product with constant weights in a graph.
struct QuantizationTarget {
  /// Why a node stays as it is.
  struct Reason: Error {
    var text: String
    init(_ text: String) { self.text = text }
  }

  /// Its place among the graph's nodes.
  let place: Int
  let input: String
  let weights: String
  let shape: [Int]
  /// The axis of the weights along which output channels lie.
  let channels: Int
  /// The bias, where it is a constant of one number for each channel.
  let bias: String?

  static func kinds(_ scheme: QuantizationScheme) -> Set<String> {
    scheme == .int8 ? ["MatMul", "Gemm", "Conv"] : ["MatMul", "Gemm"]
  }

  init(
    _ node: Onnx_NodeProto, at place: Int, _ scheme: QuantizationScheme, _ constants: [String: Onnx_TensorProto],
    _ model: OnnxModel
  ) throws {
    guard node.input.count >= 2, let tensor = constants[node.input[1]] else {
      throw Reason("has weights that are computed")
    }
    guard tensor.dataType == .float else { throw Reason("has weights that are not of f32") }
    (self.place, input, weights, shape) = (place, node.input[0], node.input[1], tensor.dims.map { Int($0) })
    func flag(_ name: String) -> Bool { node.attribute.first { $0.name == name }?.i ?? 0 != 0 }
    func factor(_ name: String) -> Float { node.attribute.first { $0.name == name }?.f ?? 1 }
    switch node.opType {
    case "Conv": channels = 0
    case "Gemm":
      guard !flag("transA"), factor("alpha") == 1, factor("beta") == 1 else {
        throw Reason("has factors, or a transposed left operand")
      }
      channels = flag("transB") ? 0 : 1
    default: channels = 1
    }
    guard node.opType == "Conv" ? shape.count >= 3 : shape.count == 2, shape.allSatisfy({ $0 > 0 }) else {
      throw Reason("has weights of the shape \(shape)")
    }
    if case .int4Weights(let block) = scheme, shape[1 - channels] % block != 0 {
      throw Reason("has weights whose \(shape[1 - channels]) rows are no whole blocks of \(block)")
    }
    let third = node.input.count > 2 && !node.input[2].isEmpty ? node.input[2] : nil
    let (own, outputs) = (third.flatMap { constants[$0] }, [Int64(shape[channels])])
    bias = own?.dataType == .float && own?.dims == outputs ? third : nil
    if scheme != .int8, node.opType == "Gemm", third != nil, bias == nil { throw Reason("adds what is no bias") }
  }

  /// The weights, read by output channels: each with the elements of its sum in order.
  func rows(of values: [Float]) -> [[Float]] {
    let count = shape[channels]
    if channels == 0 {
      let size = values.count / count
      return (0..<count).map { Array(values[$0 * size..<($0 + 1) * size]) }
    }
    let steps = values.count / count
    return (0..<count).map { column in (0..<steps).map { values[$0 * count + column] } }
  }
}

extension OnnxModel {
  /// The numbers of an initializer of f32.
  func floats(_ tensor: Onnx_TensorProto) throws -> [Float] {
    let numbers = try self.tensor(tensor).numbers()
    return numbers.bytes.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
  }
}
