import Foundation
import TensorData
import TensorIR
import TensorOps

extension OnnxOperators {
  /// Weights of few bits in blocks, each with a scale.
  static let blockQuantised: [String: Converter] = [
    "MatMulNBits": one(blockProduct),
    "GatherBlockQuantized": one(blockGather),
  ]

  /// A product with weights [columns, blocks, bytes of a block].
  private static func blockProduct(_ node: NodeConversion) throws -> Tensor {
    node.ignore("accuracy_level")
    try node.refuse("weight_prepacked", unless: 0)
    let (rows, columns) = (try node.count("K"), try node.count("N"))
    let (bits, block) = (try node.integer("bits") ?? 4, try node.count("block_size"))
    guard [2, 4, 8].contains(bits), block % (8 / bits) == 0 else {
      throw OnnxError("onnx-bits", "it holds \(bits) bits in blocks of \(block); 2, 4 and 8 bits are supported")
    }
    let blocks = (rows + block - 1) / block
    let x = try node.tensor(0)
    if let product = try codeProduct(node, x, bits, block, [columns, blocks, rows]) { return product }
    let shape = [Dimension(columns), Dimension(blocks), Dimension(block)]
    let codes = try unpacked(node, 1, bits: bits, [columns, blocks * block])
    let scales = try node.reshape(node.tensor(2), [Dimension(columns), Dimension(blocks), 1])
    var weights = try node.reshape(codes.cast(to: scales.elementType), shape)
    let zero = try node.hasInput(3) ? zeroPoint(node, 3, bits: bits, columns, blocks) : nil
    weights = weights - (zero?.cast(to: scales.elementType) ?? weights.like(Double(1 << (bits - 1))))
    var table = try node.reshape(weights * scales, [Dimension(columns), Dimension(blocks * block)])
    if node.hasInput(4), node.symbolic(4)?.numbers != (0..<blocks * block).map({ $0 / block }) {
      // Rows stand with others of their group: each picks its scale.
      table = try regrouped(node, codes, scales, zero, bits, [columns, blocks, rows])
    }
    if blocks * block != rows { table = table.sliced(axis: 1, start: 0, size: Dimension(rows)) }
    let factor = table.cast(to: x.elementType)
    let flat = x.rank == 1 ? try node.reshape(x, [1, x.shape[0]]) : x
    let product = try node.add(Matmul(transposeLeft: false, transposeRight: true), flat, factor)
    let result = x.rank == 1 ? try node.reshape(product, [Dimension(columns)]) : product
    return node.hasInput(5) ? result + (try node.tensor(5)) : result
  }

  /// The product in which weights stay codes until they are in registers; nil where they are no constants, or no whole words.
  private static func codeProduct(
    _ node: NodeConversion, _ x: Tensor, _ bits: Int, _ block: Int, _ sizes: [Int]
  ) throws -> Tensor? {
    let (columns, blocks, rows) = (sizes[0], sizes[1], sizes[2])
    guard let weights = try? node.literal(1), weights.type == .u8, block % (32 / bits) == 0, blocks * block == rows,
      weights.bytes.count == columns * rows * bits / 8, !node.hasInput(4), x.rank >= 1
    else { return nil }
    let shape = [Dimension(columns), Dimension(blocks)]
    let matrix = (x.rank == 1 ? try node.reshape(x, [1, x.shape[0]]) : x).cast(to: .f32)
    let codes = BlockProducts.Codes(
      rows: weights.bytes, bits: bits, block: block, isSigned: false, name: node.node.input[1])
    let zero =
      try node.hasInput(3) ? node.reshape(zeroPoint(node, 3, bits: bits, columns, blocks), shape).cast(to: .f32) : nil
    let scales = try node.reshape(node.tensor(2), shape).cast(to: .f32)
    let product = try BlockProducts(node: node).product(matrix, codes, scales, zero: zero).cast(to: x.elementType)
    let result = x.rank == 1 ? try node.reshape(product, [Dimension(columns)]) : product
    return node.hasInput(5) ? result + (try node.tensor(5)) : result
  }

  /// The weights of which each row, the last axis, has the group that an input says.
  private static func regrouped(
    _ node: NodeConversion, _ codes: Tensor, _ scales: Tensor, _ zero: Tensor?, _ bits: Int, _ sizes: [Int]
  ) throws -> Tensor {
    let (columns, blocks, rows) = (Dimension(sizes[0]), Dimension(sizes[1]), Dimension(sizes[2]))
    let groups = try node.tensor(4).sliced(axis: 0, start: 0, size: rows)
    func spread(_ x: Tensor) throws -> Tensor { try node.reshape(x, [columns, blocks]).gather(groups, axis: 1) }
    let own = codes.sliced(axis: 1, start: 0, size: rows).cast(to: scales.elementType)
    let middle = try zero.map { try spread($0).cast(to: scales.elementType) } ?? own.like(Double(1 << (bits - 1)))
    let table = try (own - middle) * spread(scales)
    return table.padded(before: [0, 0], after: [0, Dimension(codes.shape[1].constant ?? 0) - rows])
  }

  /// Zero points are floats, or codes of as many bits as the weights, whose rows begin at whole bytes.
  private static func zeroPoint(
    _ node: NodeConversion, _ index: Int, bits: Int, _ columns: Int, _ blocks: Int
  ) throws -> Tensor {
    let shape = [Dimension(columns), Dimension(blocks), 1]
    if try node.type(index).elementType != .u8 { return try node.reshape(node.tensor(index), shape) }
    let perByte = 8 / bits
    let stored = (blocks + perByte - 1) / perByte * perByte
    let codes = try unpacked(node, index, bits: bits, [columns, stored])
    return try node.reshape(codes.sliced(axis: 1, start: 0, size: Dimension(blocks)), shape)
  }

  /// Codes of few bits that stand in bytes, the first in the low bits.
  private static func unpacked(_ node: NodeConversion, _ index: Int, bits: Int, _ shape: [Int]) throws -> Tensor {
    let dimensions = shape.map { Dimension($0) }
    guard try node.type(index).elementType == .u8 else {
      throw OnnxError("onnx-element-type", "its input \(index) is \(try node.type(index)), not of bytes")
    }
    if bits == 8 { return try node.reshape(node.tensor(index), dimensions) }
    let count = shape.reduce(1, *)
    // Nibbles are an element type: the bytes are what they are.
    if bits == 4, case .literal(let literal) = try node.input(index).content, literal.bytes.count * 2 == count {
      let nibbles = try HostTensor(type: .u4, shape: shape, bytes: literal.bytes)
      return try ImportedValue.constant(nibbles, in: node.graph.recorder)
    }
    let perByte = 8 / bits
    let bytes = try node.reshape(node.tensor(index), [Dimension(count / perByte), 1])
    let shifts = try node.add(
      Multiply(), node.add(Iota(.u8, [1, Dimension(perByte)], axis: 1)), node.scalar(Double(bits), .u8))
    let codes = try node.add(
      BitwiseAnd(), node.add(ShiftRight(), bytes, shifts), node.scalar(Double(1 << bits - 1), .u8))
    return try node.reshape(codes, dimensions)
  }

  /// Slices picked from a table whose elements have a scale for each block on an axis.
  private static func blockGather(_ node: NodeConversion) throws -> Tensor {
    let bits = try node.integer("bits") ?? 4
    let block = try node.integer("block_size") ?? 128
    let data = try node.type(0)
    guard [4, 8].contains(bits), block > 0, let shape = data.constantShape else {
      throw OnnxError("onnx-bits", "it takes a table of known shape, of 4 or 8 bits, in blocks")
    }
    let isPacked = data.elementType == .u8 && bits == 4
    let extents = isPacked ? Array(shape.dropLast()) + [(shape.last ?? 0) * 2] : shape
    let rank = extents.count
    let axis = try node.axis(node.integer("gather_axis") ?? 0, rank: rank)
    let blocked = try node.axis(node.integer("quantize_axis") ?? 1, rank: rank)
    guard axis != blocked else { throw OnnxError("onnx-axis", "its gather_axis is its quantize_axis") }
    let codes = isPacked ? try unpacked(node, 0, bits: 4, extents) : try node.tensor(0)
    let indices = try node.tensor(1)
    let last = blocked > axis ? blocked + indices.rank - 1 : blocked
    func picked(_ x: Tensor) throws -> Tensor {
      // What is packed cannot be picked from.
      (x.elementType == .u4 || x.elementType == .i4 ? x.cast(to: x.elementType == .u4 ? .u8 : .i8) : x)
        .gather(indices, axis: axis)
    }
    let table = try node.tensor(2)
    let own = try picked(codes)
    let scale = try repeated(node, picked(table), last, block, to: own.shape[last])
    var values = own.cast(to: table.elementType)
    if node.hasInput(3) {
      var zero = try node.tensor(3)
      if isPacked, zero.elementType == .u8 {
        let stored = table.shape.compactMap(\.constant)
        let whole = Array(stored.dropLast()) + [(stored.last ?? 0) / 2 * 2 + (stored.last ?? 0) % 2 * 2]
        zero = try unpacked(node, 3, bits: 4, whole).sliced(axis: -1, start: 0, size: Dimension(stored.last ?? 0))
      }
      values = try values - repeated(node, picked(zero), last, block, to: own.shape[last]).cast(to: table.elementType)
    } else if data.elementType == .u8 {
      values = values - values.like(Double(1 << (bits - 1)))
    }
    return values * scale
  }
}
