import Foundation
import TensorIR
import TensorOps

/// Moves the elements of constants by their bytes, fast enough for weights.
enum BulkBytes {
  /// The elements that a map reads, for operands and a result of known sizes. Nil where it does more than view one operand by
  /// strides, reshape it, or join several.
  static func moved(_ map: AccessMap, _ literals: [TensorLiteral], _ type: TensorType) -> TensorLiteral? {
    guard let shape = type.constantShape, let source = literals.first else { return nil }
    if let axis = map.joinedAxis { return concat(literals, axis: axis, shape: shape) }
    guard let read = map.onlyRead, read.operand == 0 else { return nil }
    var steps = [Int](repeating: 0, count: shape.count)
    var offset = 0
    for (place, stride) in zip(read.places, ReferenceTensor.strides(source.shape)) {
      guard let (start, own) = place.linear(rank: shape.count), let start = start.constant else {
        return map.isReshape && source.count == TensorLiteral.count(of: shape) ? reshape(source, shape) : nil
      }
      // A slice of nothing may start anywhere.
      offset = offset &+ start &* stride
      for (axis, step) in own.enumerated() {
        guard let step = step.constant else { return nil }
        steps[axis] = steps[axis] &+ step &* stride
      }
    }
    return view(source, shape: shape, strides: steps, offset: offset)
  }

  /// The elements `offset + Σ index · stride` of a literal, for every index of a shape in row-major order. Nil for
  /// packed types, and where an element is not there.
  static func view(_ literal: TensorLiteral, shape: [Int], strides: [Int], offset: Int = 0) -> TensorLiteral? {
    guard literal.elementType.bitWidth >= 8, let count = TensorLiteral.count(of: shape),
      isInside(literal.count, shape, strides, offset)
    else { return nil }
    let width = literal.elementType.bitWidth / 8
    var result = Data(count: count * width)
    if count > 0 {
      result.withUnsafeMutableBytes { target in
        literal.bytes.withUnsafeBytes { source in
          switch width {
          case 1: copy(UInt8.self, source, target, shape, strides, offset)
          case 2: copy(UInt16.self, source, target, shape, strides, offset)
          case 4: copy(UInt32.self, source, target, shape, strides, offset)
          default: copy(UInt64.self, source, target, shape, strides, offset)
          }
        }
      }
    }
    return TensorLiteral(literal.elementType, shape: shape, bytes: result)
  }

  private static func isInside(_ count: Int, _ shape: [Int], _ strides: [Int], _ offset: Int) -> Bool {
    if shape.contains(0) { return true }
    var (low, high) = (offset, offset)
    for (extent, stride) in zip(shape, strides) {
      if stride < 0 { low += (extent - 1) * stride } else { high += (extent - 1) * stride }
    }
    return low >= 0 && high < count
  }

  private static func copy<T>(
    _ type: T.Type, _ source: UnsafeRawBufferPointer, _ target: UnsafeMutableRawBufferPointer, _ shape: [Int],
    _ strides: [Int], _ offset: Int
  ) {
    let width = MemoryLayout<T>.size
    let inner = shape.last ?? 1
    let step = (strides.last ?? 0) * width
    var index = [Int](repeating: 0, count: max(shape.count - 1, 0))
    var (from, to) = (offset * width, 0)
    while true {
      var place = from
      for _ in 0..<inner {
        target.storeBytes(
          of: source.loadUnaligned(fromByteOffset: place, as: type), toByteOffset: to, as: type)
        place += step
        to += width
      }
      // The next row: as an odometer turns.
      var axis = index.count - 1
      while axis >= 0 {
        index[axis] += 1
        from += strides[axis] * width
        if index[axis] < shape[axis] { break }
        from -= strides[axis] * width * shape[axis]
        index[axis] = 0
        axis -= 1
      }
      if axis < 0 { return }
    }
  }

  static func reshape(_ literal: TensorLiteral, _ shape: [Int]) -> TensorLiteral? {
    TensorLiteral(literal.elementType, shape: shape, bytes: literal.bytes)
  }

  static func concat(_ parts: [TensorLiteral], axis: Int, shape: [Int]) -> TensorLiteral? {
    guard let type = parts.first?.elementType, type.bitWidth >= 8 else { return nil }
    let width = type.bitWidth / 8
    var result = Data(capacity: shape.reduce(width, *))
    for row in 0..<shape.prefix(axis).reduce(1, *) {
      for part in parts {
        let size = part.shape.suffix(from: axis).reduce(width, *)
        let start = part.bytes.startIndex + row * size
        result.append(part.bytes[start..<start + size])
      }
    }
    return TensorLiteral(type, shape: shape, bytes: result)
  }
}
