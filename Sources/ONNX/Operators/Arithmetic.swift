import TensorIR
import TensorOps

extension OnnxOperators {
  /// Arithmetic element by element.
  static let arithmetic: [String: Converter] = [
    "Add": binary(Add()),
    "Sub": binary(Subtract()),
    "Mul": binary(Multiply()),
    "Div": binary(Divide()),
    "Pow": one(power),
    "Mod": one(modulo),
    "Sum": variadic(Add()),
    "Max": variadic(Maximum()),
    "Min": variadic(Minimum()),
    "Mean": one(mean),
    "Neg": plain(Negate()),
    "Abs": plain(Absolute()),
    "Sign": plain(Sign()),
    "Reciprocal": plain(Reciprocal()),
    "Sqrt": plain(Sqrt()),
    "Exp": plain(Exp()),
    "Log": plain(Log()),
    "Sin": plain(Sin()),
    "Cos": plain(Cos()),
    "Tan": one { node in
      let x = try node.tensor(0)
      return try node.add(Divide(), node.add(Sin(), x), node.add(Cos(), x))
    },
    "Sinh": one { node in try hyperbolic(node, Subtract()) },
    "Cosh": one { node in try hyperbolic(node, Add()) },
    "Erf": plain(Erf()),
    "Floor": plain(Floor()),
    "Ceil": plain(Ceil()),
    "Round": plain(Round()),
    "Clip": one(clip),
    "Cast": one { node in
      node.ignore("saturate", "round_mode")
      guard let code = try node.integer("to") else { throw OnnxError("onnx-missing-attribute", "'to' is missing") }
      return try node.cast(node.tensor(0), to: elementType(code))
    },
    "CastLike": one { node in
      node.ignore("saturate", "round_mode")
      return try node.cast(node.tensor(0), to: node.type(1).elementType)
    },
  ]

  /// An operation of two operands; before opset 7 the second broadcast only if `broadcast` said so, from `axis` on.
  static func binary(_ op: any TensorOp) -> Converter {
    one { node in
      var b = try node.tensor(1)
      if node.opset < 7, try node.flag("broadcast"), let axis = try node.integer("axis") {
        let rank = try node.rank(0)
        let missing = rank - (try node.axis(axis, rank: rank)) - b.rank
        if missing > 0 { b = try node.reshape(b, b.shape + Array(repeating: 1, count: missing)) }
      }
      node.ignore("consumed_inputs")
      return try node.add(op, node.tensor(0), b)
    }
  }

  /// An operation of two operands folded over any number of them.
  static func variadic(_ op: any TensorOp) -> Converter {
    one { node in
      let operands = try node.tensors()
      return try operands.dropFirst().reduce(operands[0]) { try node.add(op, $0, $1) }
    }
  }

  private static func mean(_ node: NodeConversion) throws -> Tensor {
    let operands = try node.tensors()
    let sum = try operands.dropFirst().reduce(operands[0]) { try node.add(Add(), $0, $1) }
    return try node.add(Divide(), sum, node.scalar(Double(operands.count), sum.elementType))
  }

  /// The base's type is the result's, whatever the exponent's is; integers are raised as floats.
  private static func power(_ node: NodeConversion) throws -> Tensor {
    let base = try node.tensor(0)
    let type = base.elementType
    if node.number(1) == 2, try node.rank(1) <= base.rank { return try node.add(Multiply(), base, base) }
    let wide: ElementType = type.isFloat ? type : .f64
    let power = try node.add(Power(), node.cast(base, to: wide), node.cast(node.tensor(1), to: wide))
    return try node.cast(power, to: type)
  }

  /// With `fmod` the remainder has the dividend's sign: `sign(a) (|a| mod |b|)`; else the divisor's.
  private static func modulo(_ node: NodeConversion) throws -> Tensor {
    let (a, b) = (try node.tensor(0), try node.tensor(1))
    guard try node.flag("fmod") else {
      if a.elementType.isFloat { throw OnnxError("onnx-mod", "of floats it needs fmod=1") }
      return try node.add(Remainder(), a, b)
    }
    if !a.elementType.isSigned { return try node.add(Remainder(), a, b) }
    let rest = try node.add(Remainder(), node.add(Absolute(), a), node.add(Absolute(), b))
    return try node.add(Select(), node.add(Less(), a, node.scalar(0, a.elementType)), node.add(Negate(), rest), rest)
  }

  /// `(e^x ∓ e^-x) / 2`
  private static func hyperbolic(_ node: NodeConversion, _ op: any TensorOp) throws -> Tensor {
    let x = try node.tensor(0)
    let both = try node.add(op, node.add(Exp(), x), node.add(Exp(), node.add(Negate(), x)))
    return try node.add(Multiply(), both, node.scalar(0.5, x.elementType))
  }

  /// The bounds are attributes before opset 11, inputs since, constants nearly always.
  private static func clip(_ node: NodeConversion) throws -> Tensor {
    let x = try node.tensor(0)
    if node.opset < 11 {
      let bounds = (try node.float("min"), try node.float("max"))
      return try node.add(Clip(minimum: bounds.0, maximum: bounds.1), x)
    }
    let bounds = [node.number(1), node.number(2)]
    let isKnown = (0..<2).allSatisfy { bounds[$0] != nil || !node.hasInput($0 + 1) }
    if isKnown { return try node.add(Clip(minimum: bounds[0], maximum: bounds[1]), x) }
    let raised = node.hasInput(1) ? try node.add(Maximum(), x, node.tensor(1)) : x
    return node.hasInput(2) ? try node.add(Minimum(), raised, node.tensor(2)) : raised
  }
}
