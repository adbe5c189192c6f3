import Foundation
import TensorIR

import struct TensorIR.Dimension

/// Rows of a recurrent layer's weights, biases or peepholes as ``RecurrentSequence`` wants them: along axis
/// 1, blocks of `hidden` rows, one for each gate, become panels of sixteen units, in each of which every gate
/// has its sixteen rows.
///
/// Blocks `first ..< first + count` are taken; `gates` may be greater than `count` and adds gates of zeros.
/// The last panel is filled with zeros.
public struct GatePanels: ElementOp, PackingOp {
  public static let name = "gate_panels"
  public static let summary =
    "Blocks of rows on axis 1, one for each gate, interleaved in panels of sixteen units."
  public static let signature = Signature.operands(1)
  public var hidden: Int
  public var first: Int
  public var count: Int
  public var gates: Int

  public init(hidden: Int, first: Int = 0, count: Int, gates: Int) {
    self.hidden = hidden
    self.first = first
    self.count = count
    self.gates = gates
  }

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    guard hidden > 0, first >= 0, count > 0, gates >= count else {
      throw Diagnostic("bad-attribute", "'\(name)' needs positive sizes and at least as many gates as blocks")
    }
    let wanted = Dimension(first + count) * Dimension(hidden)
    guard operands[0].rank >= 2, let rows = operands[0].shape[1].constant, rows >= wanted.constant ?? .max else {
      throw Diagnostic(
        "shape-mismatch", "\(operands[0]) has not \(first + count) blocks of \(hidden) rows on axis 1")
    }
    var shape = operands[0].shape
    shape[1] = Dimension(RecurrentSequence.paddedSize(hidden) * gates)
    return [operands[0].with(shape: shape)]
  }

  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    guard let result = packed(operands[0].literal) else {
      throw Diagnostic("element-type", "'\(name)' does not take \(operands[0].elementType)")
    }
    return [ReferenceTensor(result)]
  }

  /// The result for a constant, row by row: fast enough for weights, which are packed at compile time. Nil
  /// for elements that share bytes.
  public func packed(_ constant: TensorLiteral) -> TensorLiteral? {
    let (type, shape) = (constant.elementType, constant.shape)
    guard shape.count >= 2, type.bitWidth >= 8 else { return nil }
    let rows = RecurrentSequence.paddedSize(hidden) * gates
    let size = shape.dropFirst(2).reduce(type.bitWidth / 8, *)
    var bytes = Data(capacity: shape[0] * rows * size)
    for outer in 0..<shape[0] {
      for row in 0..<rows {
        guard let source = source(of: row) else {
          bytes.append(Data(count: size))
          continue
        }
        let start = constant.bytes.startIndex + (outer * shape[1] + source) * size
        bytes.append(constant.bytes[start..<start + size])
      }
    }
    return TensorLiteral(type, shape: [shape[0], rows] + shape.dropFirst(2), bytes: bytes)
  }

  /// The row that becomes row `row`; nil for zeros.
  func source(of row: Int) -> Int? {
    let width = RecurrentSequence.panelWidth
    let (gate, unit) = (row / width % gates, row / (width * gates) * width + row % width)
    return gate < count && unit < hidden ? (first + gate) * hidden + unit : nil
  }

  public func source(_ operands: [TensorType], _ result: TensorType) -> ElementSource {
    let width = Dimension(RecurrentSequence.panelWidth)
    let row = Place.axis(1)
    let gate = Place.remainder(.quotient(row, width), Dimension(gates))
    let unit = Place.quotient(row, width * Dimension(gates)) * width + .remainder(row, width)
    var places = result.shape.indices.map { Place.axis($0) }
    places[1] = (gate + .size(Dimension(first))) * hidden + unit
    let conditions = [PlaceCondition.less(gate, Dimension(count)), .less(unit, Dimension(hidden))]
    return .read(.moved([.init(0, places, if: conditions)], otherwise: 0))
  }
}

extension Tensor {
  /// Blocks of rows interleaved in panels of units; see ``GatePanels``.
  func gatePanels(hidden: Int, first: Int = 0, count: Int, of gates: Int? = nil) -> Tensor {
    .one(GatePanels(hidden: hidden, first: first, count: count, gates: gates ?? count), self)
  }
}
