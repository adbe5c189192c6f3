import Foundation

/// A dense tensor in the host's memory: an element type, a shape and the elements in row-major order.
///
/// An instance always satisfies `bytes.count == type.byteCount(elements: elementCount)`.
public struct HostTensor: Equatable, Sendable {
  public let type: DataType
  /// The extent of each axis, outermost first; empty for a scalar. None is negative.
  public let shape: [Int]
  /// The elements, little-endian and packed as `DataType` says. It may be a slice of a mapped file: indices need not
  /// start at 0, and nothing is promised about alignment. `withUnsafeBytes` and `elements(as:)` hide both.
  public let bytes: Data

  /// The number of elements: 1 for a scalar.
  public var elementCount: Int { shape.reduce(1, *) }

  /// - Throws: `TensorDataError` when an extent is negative, when the number of elements or of bytes overflows, and
  ///   when `bytes` is not exactly as long as the type and the shape need.
  public init(type: DataType, shape: [Int], bytes: Data) throws {
    let needed = try HostTensor.byteCount(type: type, shape: shape)
    guard bytes.count == needed else {
      throw TensorDataError(
        id: "tensor-size-mismatch",
        message: "\(type.rawValue)\(shape) needs \(needed) bytes, but \(bytes.count) are there")
    }
    self.type = type
    self.shape = shape
    self.bytes = bytes
  }

  /// The number of elements of `shape`.
  ///
  /// An extent of 0 does not excuse an overflow of the others, because strides are products of them.
  /// - Throws: `TensorDataError` when an extent is negative or the product overflows.
  public static func elementCount(shape: [Int]) throws -> Int {
    var count = 1
    for extent in shape {
      guard extent >= 0 else {
        throw TensorDataError(id: "tensor-negative-extent", message: "shape \(shape) has a negative extent")
      }
      let (product, overflow) = count.multipliedReportingOverflow(by: max(extent, 1))
      guard !overflow else {
        throw TensorDataError(id: "tensor-overflow", message: "shape \(shape) has more elements than 64 bits count")
      }
      count = product
    }
    return shape.contains(0) ? 0 : count
  }

  /// The number of bytes that a tensor of `type` and `shape` takes.
  /// - Throws: `TensorDataError` as `elementCount(shape:)` does, and when the size in bytes overflows.
  public static func byteCount(type: DataType, shape: [Int]) throws -> Int {
    guard let size = type.byteCount(elements: try elementCount(shape: shape)) else {
      throw TensorDataError(
        id: "tensor-overflow", message: "\(type.rawValue)\(shape) has more bytes than 64 bits count")
    }
    return size
  }
}

extension HostTensor {
  /// A tensor of `elements`, whose representation in memory must be that of `type`: `[Float]` for f32, `[UInt16]` for
  /// the bits of f16 and bf16, `[UInt8]` for bool.
  /// - Throws: `TensorDataError` when the number of bytes is not what the type and the shape need.
  public init<Element: BitwiseCopyable>(type: DataType, shape: [Int], elements: [Element]) throws {
    try self.init(type: type, shape: shape, bytes: elements.withUnsafeBytes { Data($0) })
  }

  /// The elements, read as values of a type of the same width.
  /// - Throws: `TensorDataError` when the width of `Element` is not that of the tensor's type.
  public func elements<Element: BitwiseCopyable>(as element: Element.Type) throws -> [Element] {
    guard MemoryLayout<Element>.stride * 8 == type.bitWidth else {
      throw TensorDataError(
        id: "tensor-element-width", message: "elements of \(type.rawValue) cannot be read as \(element)")
    }
    return bytes.withUnsafeBytes { buffer in
      (0..<elementCount).map {
        buffer.loadUnaligned(fromByteOffset: $0 * MemoryLayout<Element>.stride, as: element)
      }
    }
  }
}
