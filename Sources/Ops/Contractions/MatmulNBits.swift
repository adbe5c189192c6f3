import TensorIR

/// The matrix product with weights of 2, 4 or 8 bits in blocks, each with a scale (ONNX Runtime's `MatMulNBits`): for large models,
/// whose weights are read from memory for every token.
///
/// Operands: x f32 [.., m, k]; the weights' codes as bytes, u8 [n, k · bits / 8], where each row holds numbers in two's complement,
/// the first in the low bits; scales f32 [n, k / block]; optionally what is taken off the codes of each block, f32 of that shape.
/// Result: f32 [.., m, n], `x wᵀ` with `w[i, j] = (codes[i, j] - zero) scale`.
public struct MatmulNBits: TensorOp {
  public static let name = "matmul_n_bits"
  public static let summary = "The matrix product with transposed weights of 2, 4 or 8 bits in blocks with scales."
  public static let signature = Signature(operands: 3...4, optional: [3])
  public var bits: Int
  /// The steps of a sum that share a scale.
  public var block: Int

  public init(bits: Int, block: Int) { (self.bits, self.block) = (bits, block) }

  /// The steps that a word of 32 bits holds.
  package var together: Int { 32 / bits }

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    let (x, codes, scales) = (operands[0], operands[1], operands[2])
    guard [2, 4, 8].contains(bits), block > 0, block % together == 0 else {
      throw Diagnostic("bad-attribute", "'\(name)' takes 2, 4 or 8 bits in blocks of whole words of 32 bits")
    }
    guard x.elementType == .f32, codes.elementType == .u8,
      operands.dropFirst(2).allSatisfy({ $0.elementType == .f32 || $0 == FunctionBuilder.absent })
    else { throw Diagnostic("element-type", "'\(name)' takes x and scales of f32 and codes of u8, not \(operands)") }
    guard x.rank >= 2, codes.rank == 2, scales.rank == 2 else {
      throw Diagnostic("rank", "'\(name)' takes matrices and was given \(x), \(codes) and \(scales)")
    }
    let k = codes.shape[1] * Dimension(8 / bits)
    try context.require(x.shape[x.rank - 1], equals: k, "x \(x) does not fit weights of \(k) columns")
    try context.require(
      scales.shape[1] * Dimension(block), equals: k,
      "the scales \(scales) are not for \(k) columns in blocks of \(block)")
    for factors in operands.dropFirst(2) where factors != FunctionBuilder.absent {
      try context.require(
        factors.shape[0], equals: codes.shape[0], "\(factors) is not for the \(codes.shape[0]) rows of the weights")
      try context.require(factors.shape[1], equals: scales.shape[1], "\(factors) does not fit the scales \(scales)")
    }
    return [TensorType(.f32, x.shape.dropLast() + [codes.shape[0]])]
  }

  /// Rows of codes in panels of a width; of each, the bytes of a word lie together.
  package static func panels(width: Int) -> Layout {
    Layout(order: [0, 1], blocks: [.init(axis: 0, size: width), .init(axis: 1, size: 4)])
  }

  /// Scales beside panels of that width.
  package static func factorPanels(width: Int) -> Layout {
    Layout(order: [0, 1], blocks: [.init(axis: 0, size: width)])
  }

  public func checkLayouts(_ operands: [TensorType], _ results: [TensorType]) throws {
    try requirePlain([operands[0]] + results)
    let width = operands[1].layout.blocks.first?.size
    for (index, operand) in operands.enumerated().dropFirst() where operand != FunctionBuilder.absent {
      let wanted = width.map { index == 1 ? MatmulNBits.panels(width: $0) : MatmulNBits.factorPanels(width: $0) }
      guard operand.layout.isPlain || operand.layout == wanted else {
        throw Diagnostic("layout", "'\(name)' reads panels of weights and of scales beside them, not \(operand)")
      }
    }
  }

  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    let shape = try Evaluator.numbers(types[0])
    let weights = numbers(operands)
    let n = operands[1].shape[0]
    let k = n == 0 ? 0 : weights.count / n
    var sums: [Double] = []
    for row in 0..<(shape.dropLast().reduce(1, *)) {
      for column in 0..<n {
        sums.append((0..<k).reduce(0) { $0 + operands[0].floats[row * k + $1] * weights[column * k + $1] })
      }
    }
    return [ReferenceTensor(.f32, shape, floats: sums)]
  }

  /// The gradients of x, of the scales and of what is taken off the codes, through the weights as floats: they are made
  /// of the codes again in every call.
  public func differentiate(_ operands: [Tensor]) throws -> Differentiated {
    let results = try Tensor.record(self, operands)
    return Differentiated(results) { cotangents in
      guard let dy = cotangents[0], let recorder = Tensor.recorder(of: operands) else {
        return operands.map { _ in nil }
      }
      let composed = try differentiate(operands, symbols: recorder.symbols) { inner in
        let weights = self.weights(codes: inner[1], scales: inner[2], zeros: inner.count > 3 ? inner[3] : .absent)
        return [Tensor.matmul(inner[0], weights, transposeRight: true)]
      }
      return try composed.pull([dy])
    }
  }

  /// The weights that codes stand for, f32 [n, k].
  package func weights(codes: Tensor, scales: Tensor, zeros: Tensor = .absent) -> Tensor {
    let (rows, blocks, middle) = (scales.shape[0], scales.shape[1], Double(1 << (bits - 1)))
    let bytes = codes.unsqueezed(axes: [2])
    let places = codes.beside(Iota(.i32, [1, 1, Dimension(8 / bits)], axis: 2))
    let shifts = (places * places.like(Double(bits))).cast(to: codes.elementType)
    let raw = Tensor.bitwiseAnd(.shiftRight(bytes, shifts), codes.like(Double(1 << bits - 1)))
    // In two's complement, the highest bit the other way around is half the range more than the number.
    let numbers = Tensor.bitwiseXor(raw, codes.like(middle)).cast(to: .f32)
    let grouped = (numbers - numbers.like(middle)).reshaped(to: [rows, blocks, Dimension(block)])
    let centred = zeros.isAbsent ? grouped : grouped - zeros.unsqueezed(axes: [2])
    return (centred * scales.unsqueezed(axes: [2])).reshaped(to: [rows, blocks * Dimension(block)])
  }

  /// What the codes stand for, row by row.
  private func numbers(_ operands: [ReferenceTensor]) -> [Double] {
    let (codes, scales) = (operands[1], operands[2].floats)
    let zeros = operands.count > 3 && !operands[3].isAbsent ? operands[3].floats : nil
    let (perByte, range) = (8 / bits, 1 << bits)
    let columns = codes.shape[1] * perByte
    return (0..<codes.count * perByte).map { place in
      let raw = codes.integers[place / perByte] >> (place % perByte * bits) & (range - 1)
      let factor = place / max(columns, 1) * (columns / block) + place % max(columns, 1) / block
      return (Double(raw >= range / 2 ? raw - range : raw) - (zeros?[factor] ?? 0)) * scales[factor]
    }
  }
}

extension Tensor {
  /// The product of f32 [.., m, k] with the transposed of weights of few bits; see ``MatmulNBits``.
  public func matmulNBits(
    codes: Tensor, scales: Tensor, zeros: Tensor = .absent, bits: Int, block: Int, file: String = #fileID,
    line: Int = #line, column: Int = #column
  ) -> Tensor {
    let op = MatmulNBits(bits: bits, block: block)
    let operands = [self, codes, scales] + (zeros.isAbsent ? [] : [zeros])
    return .one(op, list: operands, at: .caller(file, line, column))
  }
}
