import Foundation

extension NpyFile {
  /// `bytes` itself, or, where a bool holds something other than 0 and 1, a copy with 1 in its place: C code that
  /// reads such a byte as a truth value would be undefined.
  static func normalised(_ bytes: Data, type: DataType) -> Data {
    guard type == .bool, bytes.contains(where: { $0 > 1 }) else { return bytes }
    return Data(bytes.map { $0 == 0 ? 0 : 1 })
  }

  /// The elements of a column-major tensor in row-major order. The rank is at least 2.
  static func rowMajor(_ bytes: Data, shape: [Int], elementSize: Int) -> Data {
    guard !bytes.isEmpty else { return bytes }
    var strides: [Int] = []
    var stride = elementSize
    for extent in shape {
      strides.append(stride)
      stride *= extent
    }
    var result = Data(count: bytes.count)
    result.withUnsafeMutableBytes { (target: UnsafeMutableRawBufferPointer) in
      bytes.withUnsafeBytes { (source: UnsafeRawBufferPointer) in
        var index = [Int](repeating: 0, count: shape.count)
        var from = 0
        for to in Swift.stride(from: 0, to: target.count, by: elementSize) {
          for byte in 0..<elementSize { target[to + byte] = source[from + byte] }
          advance(&index, &from, shape: shape, strides: strides)
        }
      }
    }
    return result
  }

  /// Moves `index` to the next one in row-major order and `offset` with it; past the last it starts over.
  private static func advance(_ index: inout [Int], _ offset: inout Int, shape: [Int], strides: [Int]) {
    for axis in shape.indices.reversed() {
      index[axis] += 1
      offset += strides[axis]
      if index[axis] < shape[axis] { return }
      offset -= strides[axis] * shape[axis]
      index[axis] = 0
    }
  }

  /// The elements of an i4 or u4 tensor, one to a byte, with the sign extended.
  static func widened(_ tensor: HostTensor) -> Data {
    let packed = [UInt8](tensor.bytes)
    let isSigned = tensor.type == .i4
    return Data(
      (0..<tensor.elementCount).map { position in
        let nibble = position % 2 == 0 ? packed[position / 2] & 0xF : packed[position / 2] >> 4
        return isSigned && nibble >= 8 ? nibble | 0xF0 : nibble
      })
  }
}
