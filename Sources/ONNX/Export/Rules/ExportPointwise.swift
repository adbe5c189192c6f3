import TensorIR
import TensorOps

extension ExportTable {
  /// Functions of one element.
  static let pointwise: [ExportRule] = singlePointwise.map { .node($0.op, $0.kind) } + withNumbers + composed

  /// Those that are one node without attributes.
  private static let singlePointwise: [(op: any TensorOp.Type, kind: String)] = [
    (Absolute.self, "Abs"), (Acos.self, "Acos"), (Acosh.self, "Acosh"), (Asin.self, "Asin"), (Asinh.self, "Asinh"),
    (Atan.self, "Atan"), (Atanh.self, "Atanh"), (Ceil.self, "Ceil"), (Cos.self, "Cos"), (Cosh.self, "Cosh"),
    (Erf.self, "Erf"), (Exp.self, "Exp"), (Floor.self, "Floor"), (IsInfinite.self, "IsInf"), (IsNaN.self, "IsNaN"),
    (Log.self, "Log"), (LogicalNot.self, "Not"), (BitwiseNot.self, "BitwiseNot"), (Mish.self, "Mish"),
    (HardSwish.self, "HardSwish"), (Reciprocal.self, "Reciprocal"), (Round.self, "Round"),
    (Sigmoid.self, "Sigmoid"), (Sign.self, "Sign"), (Sin.self, "Sin"), (Sinh.self, "Sinh"),
    (Softplus.self, "Softplus"), (Sqrt.self, "Sqrt"), (Tan.self, "Tan"), (Tanh.self, "Tanh"),
  ]

  /// Those whose operators have attributes, which are of 32 bits.
  private static let withNumbers: [ExportRule] = [
    .nodes(Elu.self, when: { holds($0.alpha, $1[0]) }) { op, node in
      try node.result("Elu", node.inputs, ["alpha": .float(op.alpha)])
    }.otherwise(Elu.self) { op, x in
      .select(x[0] .> x[0].like(0), x[0], x[0].like(op.alpha) * (x[0].exp() - x[0].like(1)))
    },
    .nodes(LeakyRelu.self, when: { holds($0.alpha, $1[0]) }) { op, node in
      try node.result("LeakyRelu", node.inputs, ["alpha": .float(op.alpha)])
    }.otherwise(LeakyRelu.self) { op, x in .select(x[0] .> x[0].like(0), x[0], x[0].like(op.alpha) * x[0]) },
    .nodes(HardSigmoid.self, when: { holds($0.alpha, $1[0]) && holds($0.beta, $1[0]) }) { op, node in
      try node.result("HardSigmoid", node.inputs, ["alpha": .float(op.alpha), "beta": .float(op.beta)])
    }.otherwise(HardSigmoid.self) { op, x in
      (x[0].like(op.alpha) * x[0] + x[0].like(op.beta)).clip(minimum: 0, maximum: 1)
    },
    .nodes(Gelu.self) { op, node in
      try node.result("Gelu", node.inputs, ["approximate": .string(op.approximate ? "tanh" : "none")])
    },
    .nodes(Clip.self) { op, node in try clip(op, node) },
    ExportRule.node(Relu.self, "Relu").when { $0[0]?.elementType.isFloat ?? false }
      .otherwise(Relu.self) { _, x in .maximum(x[0], x[0].like(0)) },
    .nodes(Cast.self) { op, node in
      try node.result("Cast", node.inputs, ["to": .int(try op.to.onnx.rawValue)])
    },
  ]

  /// With one bound it is a maximum or a minimum: onnxruntime takes the greatest number for a bound that is left out, and
  /// what is infinite would not stay so.
  private static func clip(_ op: Clip, _ node: ExportNode) throws {
    let type = node.type(0).elementType
    let x = try node.input(0)
    switch (op.minimum, op.maximum) {
    case (let low?, let high?): try node.result("Clip", [x, node.scalar(low, type), node.scalar(high, type)])
    case (let low?, nil): try node.result("Max", [x, node.scalar(low, type)])
    case (nil, let high?): try node.result("Min", [x, node.scalar(high, type)])
    case (nil, nil): try node.result("Identity", [x])
    }
  }

  /// Those that ONNX has no operator for.
  private static let composed: [ExportRule] = [
    .other(Exp2.self) { _, x in x[0].like(2).power(x[0]) },
    .other(Silu.self) { _, x in x[0] * x[0].sigmoid() },
    .other(LogSigmoid.self) { _, x in -(-x[0]).softplus() },
    .other(ReciprocalSqrt.self) { _, x in x[0].sqrt().reciprocal() },
    .other(Log2.self) { _, x in x[0].log() * x[0].like(1 / log2(e: 2)) },
    .other(Log10.self) { _, x in x[0].log() * x[0].like(1 / log2(e: 10)) },
    // (eˣ - 1) = tanh(x/2) (eˣ + 1), of which nothing cancels near 0.
    .other(Expm1.self) { _, x in (x[0] * x[0].like(0.5)).tanh() * (x[0].exp() + x[0].like(1)) },
    .other(Log1p.self) { _, x in logOfOneMore(x[0]) },
    .other(Truncate.self) { _, x in .select(x[0] .< x[0].like(0), x[0].ceil(), x[0].floor()) },
  ]

  /// The natural logarithm of 2 or 10.
  private static func log2(e number: Double) -> Double { number == 2 ? 0.6931471805599453 : 2.302585092994046 }

  /// What rounding does to 1 + x is taken back by the quotient (Goldberg, 1991).
  private static func logOfOneMore(_ x: Tensor) -> Tensor {
    let one = x.like(1)
    let sum = x + one
    let isPlain = (sum .== one) .| sum.isInfinite()
    let divisor = Tensor.select(isPlain, one, sum - one)
    return .select(sum .== one, x, .select(isPlain, sum.log(), sum.log() * (x / divisor)))
  }
}
