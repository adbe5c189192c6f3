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

  /// `alpha a b A B + C`, C in steps of `alpha a b`; without a scale of the result it is the numbers themselves.
  private static func quantisedGemm(_ node: NodeConversion) throws -> Tensor {
    let a = difference(try node.tensor(0), try node.reshape(node.tensor(2), []))
    let b = try node.tensor(3)
    let isTurned = try node.flag("transB")
    func columns(_ index: Int) throws -> Tensor {
      let x = try node.tensor(index)
      if x.shape.reduce(1, *) == 1 { return try node.reshape(x, []) }
      return isTurned ? try node.reshape(x, [x.shape.reduce(1, *), 1]) : x
    }
    let centred = difference(b, try columns(5))
    var sums = try node.add(Matmul(transposeLeft: node.flag("transA"), transposeRight: isTurned), a, centred)
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
