import TensorIR
import TensorOps

extension OnnxOperators {
  /// Products of quantised matrices with results in floats, and those of integers with a sum added.
  static let quantisedProducts: [String: Converter] = [
    "MatMulIntegerToFloat": one { node in
      let a = try QuantisedTensor(node, 0, zero: 4, isLeft: true)
      let b = try QuantisedTensor(node, 1, zero: 5, isLeft: false)
      let scales = try rowFactor(node, node.tensor(2), isLeft: true) * node.tensor(3)
      return try shifted(node, integerProduct(node, a, b).cast(to: scales.elementType) * scales, 6)
    },
    "DynamicQuantizeMatMul": one { node in
      let (codes, scale, zero) = try dynamicallyQuantised(node, node.tensor(0))
      let b = try QuantisedTensor(node, 1, zero: 3, isLeft: false)
      let sums = try integerProduct(node, QuantisedTensor(codes: codes, zero: zero), b).cast(to: scale.elementType)
      return try shifted(node, sums * (scale * node.tensor(2)), 4)
    },
    "QGemm": one(quantisedGemm),
    "QLinearConv": one { node in
      let isLast = try node.flag("channels_last")
      let x = try channelsFirst(node, node.tensor(0), isLast)
      return try channelsLast(node, quantisedConvolution(node, x), isLast)
    },
    "MulInteger": one { node in
      let operands = try [(0, 1), (2, 3)].map { index, zero in
        difference(try node.tensor(index), node.hasInput(zero) ? try node.tensor(zero) : nil)
      }
      return operands[0] * operands[1]
    },
  ]

  /// A factor of each row of the left operand stands in a column.
  private static func rowFactor(_ node: NodeConversion, _ x: Tensor, isLeft: Bool) throws -> Tensor {
    isLeft && x.rank == 1 && x.shape[0] != 1 ? try node.reshape(x, [x.shape[0], 1]) : x
  }

  private static func shifted(_ node: NodeConversion, _ x: Tensor, _ bias: Int) throws -> Tensor {
    node.hasInput(bias) ? x + (try node.tensor(bias)) : x
  }

  /// The product of a `QGemm` less zero points, in i32.
  private static func gemmSums(_ node: NodeConversion) throws -> Tensor {
    let (isTurnedLeft, isTurned) = (try node.flag("transA"), try node.flag("transB"))
    func zero(_ index: Int, column: Bool) throws -> Tensor {
      let x = try node.tensor(index)
      let count = x.shape.reduce(1, *)
      if count == 1 { return try node.reshape(x, []) }
      return column ? try node.reshape(x, [count, 1]) : x
    }
    if !isTurnedLeft {
      var (a, b) = (
        QuantisedTensor(codes: try node.tensor(0), zero: try zero(2, column: false)),
        QuantisedTensor(codes: try node.tensor(3), zero: try zero(5, column: false))
      )
      (a.zeroLiteral, b.zeroLiteral) = (try? node.literal(2), try? node.literal(5))
      b.literal = try? node.literal(3)
      if isTurned {
        b.literal = b.literal?.transposedBytes
        b.codes =
          try b.literal.map { try ImportedValue.constant($0, in: node.graph.recorder) } ?? b.codes.transposed([1, 0])
      }
      if let sums = try ByteProducts(node: node).sums(a, b) { return sums }
    }
    let a = try difference(node.tensor(0), zero(2, column: false))
    let b = try difference(node.tensor(3), zero(5, column: isTurned))
    return try node.add(Matmul(transposeLeft: isTurnedLeft, transposeRight: isTurned), a, b)
  }

  /// `alpha a b A B + C`, C in steps of `alpha a b`; without a scale of the result it is the numbers themselves.
  private static func quantisedGemm(_ node: NodeConversion) throws -> Tensor {
    var sums = try gemmSums(node)
    if node.hasInput(6) { sums = sums + (try node.tensor(6)) }
    let scales = try node.tensor(4)
    let flat = try scales.shape.reduce(1, *) == 1 ? node.reshape(scales, []) : scales
    let alpha = try node.float("alpha") ?? 1
    let step = try scalar(node, 1) * flat
    let result = sums.cast(to: step.elementType) * (alpha == 1 ? step : step * step.like(alpha))
    guard node.hasInput(7) else { return result }
    return try quantised(node, result, scale: scalar(node, 7), zero: scalar(node, 8))
  }
}
