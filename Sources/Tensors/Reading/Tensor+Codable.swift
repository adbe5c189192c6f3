import Foundation
import TensorIR
import TensorOps
import TensorRuntime

/// A tensor as its element type, its shape and its elements, which are the bytes as they lie in memory, little-endian, row-major. Encoding
/// computes it first.
extension Tensor: Codable {
  private enum Key: String, CodingKey { case elementType, shape, elements }

  public func encode(to encoder: any Encoder) throws {
    let array = try evaluate().hostArray()
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(elementType, forKey: .elementType)
    try container.encode(array.shape, forKey: .shape)
    try container.encode(try array.withUnsafeBytes { Data($0) }, forKey: .elements)
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    let type = try container.decode(ElementType.self, forKey: .elementType)
    let shape = try container.decode([Int].self, forKey: .shape)
    let bytes = try container.decode(Data.self, forKey: .elements)
    do {
      self.init(try bytes.withUnsafeBytes { try HostArray(bytes: $0, shape: shape, type.hostType) })
    } catch {
      throw DecodingError.dataCorruptedError(
        forKey: .elements, in: container, debugDescription: "a tensor's elements do not fit its shape: \(error)")
    }
  }
}
