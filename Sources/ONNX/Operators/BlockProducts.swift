import Foundation
import TensorData
import TensorIR
import TensorOps

/// Products of floats with weights of 4 or 8 bits that were dequantised in blocks, each with a scale: one op, in which the weights
/// stay codes until they are in registers.
struct BlockProducts {
  let node: NodeConversion

  /// The product of x f32 [.., m, k] with weights [k, n] whose blocks lie on k, or, where they are transposed, [n, k]; nil where the
  /// operands are no such.
  func product(_ x: Tensor, _ weights: QuantisedTensor, transposed: Bool) throws -> Tensor? {
    guard let literal = weights.literal, literal.shape.count == 2, let (bits, isSigned) = literal.type.codes,
      let scale = weights.scale, scale.elementType == .f32, x.elementType == .f32, x.rank >= 2
    else { return nil }
    let (k, n) = transposed ? (literal.shape[1], literal.shape[0]) : (literal.shape[0], literal.shape[1])
    let isBlocked = weights.block != nil && scale.rank == 2 && weights.axis == (transposed ? 1 : 0)
    let isWhole = weights.block == nil && bits == 4 && scale.rank > 0 && weights.axis == (transposed ? 0 : 1)
    let block = weights.block ?? k
    guard isBlocked || isWhole, k > 0, k % block == 0, block % (32 / bits) == 0 else { return nil }
    let rows = transposed ? literal.bytes : BlockProducts.turned(literal.bytes, rows: k, columns: n, bits: bits)
    let half: UInt8 = isSigned ? 0 : bits == 4 ? 0x88 : 0x80
    let codes = try HostTensor(
      type: .u8, shape: [n, k * bits / 8], bytes: isSigned ? rows : Data(rows.map { $0 ^ half }))
    let shape = [Dimension(n), Dimension(k / block)]
    func beside(_ factor: Tensor) throws -> Tensor {
      let wide = factor.cast(to: .f32)
      return try node.reshape(isBlocked && !transposed ? wide.transposed([1, 0]) : wide, shape)
    }
    var operands = [x, try ImportedValue.constant(codes, in: node.graph.recorder), try beside(scale)]
    if weights.zero != nil || !isSigned {
      let zero = try weights.zero.map { try beside($0) } ?? operands[2].like(0).broadcast(to: shape)
      operands.append(isSigned ? zero : zero - zero.like(Double(1 << (bits - 1))))
    }
    return try node.add(MatmulNBits(bits: bits, block: block), list: operands)[0]
  }

  /// The bytes of a matrix of codes with its axes exchanged; each of its rows, in both orders, begins at a whole byte.
  private static func turned(_ bytes: Data, rows: Int, columns: Int, bits: Int) -> Data {
    var result = Data(count: rows * columns * bits / 8)
    result.withUnsafeMutableBytes { (target: UnsafeMutableRawBufferPointer) in
      bytes.withUnsafeBytes { (source: UnsafeRawBufferPointer) in
        for row in 0..<rows {
          for column in 0..<columns {
            let (from, to) = (row * columns + column, column * rows + row)
            if bits == 8 {
              target[to] = source[from]
            } else {
              target[to / 2] |= (source[from / 2] >> (from % 2 * 4) & 15) << (to % 2 * 4)
            }
          }
        }
      }
    }
    return result
  }
}

extension DataType {
  /// Of integers of 4 and 8 bits, their bits and whether they have a sign.
  fileprivate var codes: (bits: Int, isSigned: Bool)? {
    switch self {
    case .i4: (4, true)
    case .u4: (4, false)
    case .i8: (8, true)
    case .u8: (8, false)
    default: nil
    }
  }
}
