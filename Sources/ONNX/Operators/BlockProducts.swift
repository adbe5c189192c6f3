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
    let turned =
      bits == 8 ? literal.transposedBytes?.bytes : BlockProducts.turnedNibbles(literal.bytes, rows: k, columns: n)
    guard let rows = transposed ? literal.bytes : turned else { return nil }
    let shape = [Dimension(n), Dimension(k / block)]
    func beside(_ factor: Tensor) throws -> Tensor {
      let wide = factor.cast(to: .f32)
      return try node.reshape(isBlocked && !transposed ? wide.transposed([1, 0]) : wide, shape)
    }
    let scales = try beside(scale)
    let zero = try weights.zero.map { try beside($0) }
    let codes = Codes(rows: rows, bits: bits, block: block, isSigned: isSigned)
    return try product(x, codes, scales, zero: zero ?? (isSigned ? nil : scales.like(0).broadcast(to: shape)))
  }

  /// Weights [n, k] as bytes, the first number in the low bits.
  struct Codes {
    var rows: Data
    var bits: Int
    var block: Int
    /// Whether they are in two's complement; otherwise they count from 0.
    var isSigned: Bool
    /// What the weights are called.
    var name = ""
  }

  /// The product of x f32 [.., m, k] with weights whose scales, and the codes that stand for zero, are f32 [n, k / block]. Without
  /// those zero is the middle of the codes' range.
  func product(_ x: Tensor, _ codes: Codes, _ scales: Tensor, zero: Tensor?) throws -> Tensor {
    let half: UInt8 = codes.isSigned ? 0 : codes.bits == 2 ? 0xAA : codes.bits == 4 ? 0x88 : 0x80
    let rows = scales.shape[0].constant ?? 0
    let bytes = try HostTensor(
      type: .u8, shape: [rows, codes.rows.count / max(rows, 1)],
      bytes: codes.isSigned ? codes.rows : Data(codes.rows.map { $0 ^ half }))
    let constant = try ImportedValue.constant(bytes, in: node.graph.recorder)
    if !codes.name.isEmpty { node.graph.recorder.setName(codes.name, of: constant) }
    var operands = [x, constant, scales]
    if let zero { operands.append(codes.isSigned ? zero : zero - zero.like(Double(1 << (codes.bits - 1)))) }
    return try node.add(MatmulNBits(bits: codes.bits, block: codes.block), list: operands)[0]
  }

  /// The bytes of a matrix of codes of 4 bits with its axes exchanged; each row of the result begins at a whole byte.
  private static func turnedNibbles(_ bytes: Data, rows: Int, columns: Int) -> Data {
    var result = Data(count: rows * columns / 2)
    result.withUnsafeMutableBytes { (target: UnsafeMutableRawBufferPointer) in
      bytes.withUnsafeBytes { (source: UnsafeRawBufferPointer) in
        for row in 0..<rows {
          for column in 0..<columns {
            let (from, to) = (row * columns + column, column * rows + row)
            target[to / 2] |= (source[from / 2] >> (from % 2 * 4) & 15) << (to % 2 * 4)
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
