import Foundation
import TensorData
import TensorOps

/// Reads the elements of a tensor as numbers, whatever their type.
struct NumberReader {
  private let bytes: [UInt8]
  private let type: DataType

  init(_ tensor: HostTensor) {
    bytes = [UInt8](tensor.bytes)
    type = tensor.type
  }

  /// The element as a float; integers beyond 2^53 are rounded.
  func number(_ position: Int) -> Double {
    switch type {
    case .f64: load(position, as: Double.self)
    case .f32: Double(load(position, as: Float.self))
    case .bf16: Double(Float(bitPattern: UInt32(load(position, as: UInt16.self)) << 16))
    case .f16: ReferenceTensor.half(load(position, as: UInt16.self))
    case .u64: Double(load(position, as: UInt64.self))
    default: Double(integer(position))
    }
  }

  /// The element of an integer or bool tensor; u64 as its bit pattern.
  func integer(_ position: Int) -> Int {
    switch type {
    case .i8: Int(load(position, as: Int8.self))
    case .i16: Int(load(position, as: Int16.self))
    case .i32: Int(load(position, as: Int32.self))
    case .i64, .u64: Int(load(position, as: Int64.self))
    case .u8: Int(load(position, as: UInt8.self))
    case .u16: Int(load(position, as: UInt16.self))
    case .u32: Int(load(position, as: UInt32.self))
    case .i4: ((nibble(position) ^ 8) - 8)
    case .u4: nibble(position)
    case .bool: bytes[position] == 0 ? 0 : 1
    case .f64, .f32, .f16, .bf16: 0
    }
  }

  private func nibble(_ position: Int) -> Int {
    let byte = Int(bytes[position / 2])
    return position % 2 == 0 ? byte & 15 : byte >> 4
  }

  private func load<Element: BitwiseCopyable>(_ position: Int, as type: Element.Type) -> Element {
    bytes.withUnsafeBytes {
      $0.loadUnaligned(fromByteOffset: position * MemoryLayout<Element>.stride, as: type)
    }
  }
}
