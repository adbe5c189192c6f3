import Foundation
import TensorIR

/// A constant in a layout of its own: weights packed when the function is compiled.
public struct PackedConstant: StoredOp, NotDifferentiable {
  public static let name = "packed_constant"
  public static let summary = "A constant whose elements are stored in another order than row-major."
  public static let signature = Signature.operands(0)
  /// The elements as they are stored.
  public var value: TensorLiteral
  public var shape: [Int]
  public var layout: Layout

  public var stored: TensorLiteral { value }

  /// Packs a constant.
  public init?(_ constant: TensorLiteral, _ layout: Layout) {
    let type = constant.type.with(layout: layout)
    let stored = layout.storedShape(type.shape).compactMap(\.constant)
    guard constant.elementType.bitWidth >= 8,
      let packed = TensorLiteral(
        constant.elementType, shape: stored, bytes: Packing(type: type, layout: layout).packed(constant.bytes))
    else { return nil }
    value = packed
    shape = constant.shape
    self.layout = layout
  }

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    let type = TensorType(value.elementType, shape.map { Dimension($0) }, layout: layout)
    guard layout.fits(rank: shape.count), shape.allSatisfy({ $0 >= 0 }), value.elementType.bitWidth >= 8 else {
      throw Diagnostic("bad-attribute", "a constant of \(value.elementType)\(shape) cannot be packed as \(layout)")
    }
    guard layout.storedShape(type.shape) == value.type.shape else {
      throw Diagnostic("bad-attribute", "a constant of \(value.shape) does not hold \(type)")
    }
    return [type]
  }

  public func checkLayouts(_ operands: [TensorType], _ results: [TensorType]) throws {
    guard results[0].layout == layout else {
      throw Diagnostic("layout", "'packed_constant' is \(layout), and its type says \(results[0])")
    }
  }

  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    let stored = ReferenceTensor(value)
    let type = TensorType(value.elementType, shape.map { Dimension($0) }, layout: layout)
    return [stored.picking(Packing(type: type, layout: layout).positions(), shape: shape)]
  }
}

/// Where each element of a tensor lies in a layout.
struct Packing {
  let type: TensorType
  let layout: Layout

  /// For each element in row-major order, its position in memory.
  func positions() -> [Int] {
    let shape = type.shape.compactMap(\.constant)
    let stored = layout.storedShape(type.shape).compactMap(\.constant)
    let strides = ReferenceTensor.strides(stored)
    let axes = layout.axes(rank: shape.count)
    // An element's position is a sum over axes, so each axis has a table of its own.
    let tables = shape.indices.map { axis -> [Int] in
      (0..<shape[axis]).map { place in
        var rest = place
        var position = 0
        for (number, block) in layout.blocks.enumerated().reversed() where block.axis == axis {
          position += rest % block.size * strides[axes.count + number]
          rest /= block.size
        }
        return position + rest * (axes.firstIndex(of: axis).map { strides[$0] } ?? 0)
      }
    }
    if shape.contains(0) { return [] }
    var positions = [0]
    for table in tables {
      var next: [Int] = []
      next.reserveCapacity(positions.count * table.count)
      for base in positions { for place in table { next.append(base + place) } }
      positions = next
    }
    return positions
  }

  /// Dense row-major bytes in this layout, padding zero.
  func packed(_ bytes: Data) -> Data {
    let width = type.elementType.bitWidth / 8
    let count = layout.storedShape(type.shape).compactMap(\.constant).reduce(1, *)
    var result = Data(count: count * width)
    let positions = positions()
    result.withUnsafeMutableBytes { (target: UnsafeMutableRawBufferPointer) in
      bytes.withUnsafeBytes { (source: UnsafeRawBufferPointer) in
        switch width {
        case 1: Packing.move(source, target, positions, as: UInt8.self)
        case 2: Packing.move(source, target, positions, as: UInt16.self)
        case 4: Packing.move(source, target, positions, as: UInt32.self)
        default: Packing.move(source, target, positions, as: UInt64.self)
        }
      }
    }
    return result
  }

  private static func move<T: BitwiseCopyable>(
    _ source: UnsafeRawBufferPointer, _ target: UnsafeMutableRawBufferPointer, _ positions: [Int], as type: T.Type
  ) {
    let width = MemoryLayout<T>.size
    for (index, position) in positions.enumerated() {
      let element = source.loadUnaligned(fromByteOffset: index * width, as: T.self)
      target.storeBytes(of: element, toByteOffset: position * width, as: T.self)
    }
  }
}
