import TensorIR
import TensorOps

extension ExportTable {
  /// Integers that stand for numbers, with a scale for the whole tensor or for each place on one axis.
  static let quantised: [ExportRule] = [
    .nodes(Quantize.self) { _, node in try write("QuantizeLinear", node) }.when {
      fits($0, codes: $0[2], result: $0[0])
    }
    .otherwise(Quantize.self) { _, x in
      let (type, zero) = (x[2].elementType, x[2].cast(to: .f32))
      let steps = x[0].cast(to: .f32) / x[1].cast(to: .f32)
      let range = type.codes ?? 0...0
      let low = zero.like(Double(range.lowerBound)) - zero
      let high = zero.like(Double(range.upperBound)) - zero
      return (Tensor.minimum(Tensor.maximum(steps, low), high).round() + zero).cast(to: type)
    },
    .nodes(Dequantize.self) { _, node in try write("DequantizeLinear", node) }
      .when { fits($0, codes: $0[0], result: $0[1]) }
      .otherwise(Dequantize.self) { _, x in
        let distance = x[0].cast(to: .i32) - x[2].cast(to: .i32)
        if x[1].elementType == .f64 { return distance.cast(to: .f64) * x[1] }
        return (distance.cast(to: .f32) * x[1].cast(to: .f32)).cast(to: x[1].elementType)
      },
  ]

  /// Products of bf16 in f32: the products of the same numbers.
  static let pairs: [ExportRule] = [
    .other(MatmulBF16.self) { _, x in x[0].cast(to: .f32).matmul(x[1].cast(to: .f32)) },
    .other(ConvolutionBF16.self) { op, x in
      x[0].cast(to: .f32).convolution(x[1].cast(to: .f32), strides: op.strides, dilations: op.dilations)
    },
  ]

  /// Weights of few bits as numbers: onnxruntime's operator for them is none of the standard.
  static let fewBits: [ExportRule] = [
    .other(MatmulNBits.self) { op, x in
      let zeros = x.count > 3 ? x[3] : .absent
      return x[0].matmul(op.weights(codes: x[1], scales: x[2], zeros: zeros).transposed([1, 0]))
    }
  ]

  /// Whether scale and zero point have one shape that a node can say, and types that runtimes take.
  private static func fits(_ operands: ExportOperands, codes: TensorType?, result: TensorType?) -> Bool {
    guard let x = operands[0], let scale = operands[1], let zero = operands[2], scale.shape == zero.shape,
      let codes, [.u8, .i8, .u16, .i16].contains(codes.elementType), result?.elementType == .f32
    else { return false }
    return scale.rank == 0 || scale.rank <= x.rank && scale.shape.filter { $0 != 1 }.count == 1
  }

  private static func write(_ kind: String, _ node: ExportNode) throws {
    let (x, scale) = (node.type(0), node.type(1))
    guard let place = scale.shape.firstIndex(where: { $0 != 1 }) else { return try node.result(kind, node.inputs) }
    let flat = try node.integers([-1])
    let own = try [1, 2].map { try node.put("Reshape", [node.input($0), flat]) }
    try node.result(kind, [node.input(0)] + own, ["axis": .int(x.rank - scale.rank + place)])
  }
}
