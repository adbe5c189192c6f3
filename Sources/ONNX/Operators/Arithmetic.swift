import TensorData
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
    "Tan": plain(Tan()),
    "Asin": plain(Asin()),
    "Acos": plain(Acos()),
    "Atan": plain(Atan()),
    "Sinh": plain(Sinh()),
    "Cosh": plain(Cosh()),
    "Asinh": plain(Asinh()),
    "Acosh": plain(Acosh()),
    "Atanh": plain(Atanh()),
    "Erf": plain(Erf()),
    "Floor": plain(Floor()),
    "Ceil": plain(Ceil()),
    "Round": plain(Round()),
    "BitwiseAnd": binary(BitwiseAnd()),
    "BitwiseOr": binary(BitwiseOr()),
    "BitwiseXor": binary(BitwiseXor()),
    "BitwiseNot": plain(BitwiseNot()),
    "BitShift": one { node in
      switch try node.string("direction") {
      case "LEFT": return try node.add(ShiftLeft(), node.tensor(0), node.tensor(1))
      case "RIGHT": return try node.add(ShiftRight(), node.tensor(0), node.tensor(1))
      case let other: throw OnnxError("onnx-direction", "direction '\(other ?? "")' is neither LEFT nor RIGHT")
      }
    },
    "Clip": one(clip),
    "Cast": { node in
      if let format = try format(node, "to") { return try [stored(node, node.tensor(0), format)] }
      node.ignore("saturate", "round_mode")
      return [ImportedValue(try converted(node, to: castType(node)))]
    },
    "CastLike": { node in
      if let format = try node.input(1).format { return try [stored(node, node.tensor(0), format)] }
      node.ignore("saturate", "round_mode")
      return [ImportedValue(try converted(node, to: node.type(1).elementType))]
    },
  ]

  /// The format of few bits that an attribute names by its number.
  static func format(_ node: NodeConversion, _ name: String) throws -> SmallFormat? {
    if name == "to", node.opset < 6 { return nil }
    return try node.integer(name).flatMap { Onnx_TensorProto.DataType(rawValue: $0) }.flatMap { SmallFormat($0) }
  }

  /// Numbers rounded to those of a format of few bits.
  static func stored(_ node: NodeConversion, _ x: Tensor, _ format: SmallFormat) throws -> ImportedValue {
    let (saturates, mode) = (try node.flag("saturate", default: true), try node.string("round_mode") ?? "up")
    return ImportedValue(.tensor(try format.rounded(x, saturates: saturates, mode: mode)), format: format)
  }

  /// The node's first input in another type. ONNX leaves open what becomes of floats that no integer of 4 bits is near; its
  /// tests keep the low bits of the whole number.
  private static func converted(_ node: NodeConversion, to type: ElementType) throws -> Tensor {
    let x = try node.tensor(0)
    let isNibble = type == .i4 || type == .u4
    return try node.cast(isNibble && x.elementType.isFloat ? node.cast(x, to: .i32) : x, to: type)
  }

  /// An operation of two operands.
  static func binary(_ op: any TensorOp) -> Converter {
    one { node in try node.add(op, node.tensor(0), node.tensor(1)) }
  }

  /// The type that `Cast` is told: a number, but before opset 6 a name.
  static func castType(_ node: NodeConversion) throws -> ElementType {
    if node.opset < 6, let name = try node.string("to") {
      let types = DataType.allCases.map { Onnx_TensorProto.DataType($0) }
      guard let type = types.first(where: { $0.onnxName == name }) else {
        throw OnnxError("onnx-element-type", "elements of type \(name) are not supported")
      }
      return try elementType(type.rawValue)
    }
    guard let code = try node.integer("to") else { throw OnnxError("onnx-missing-attribute", "'to' is missing") }
    return try elementType(code)
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

  /// The base's type is the result's, whatever the exponent's is; a whole base with a broken exponent is raised as a
  /// float, whose result is truncated.
  private static func power(_ node: NodeConversion) throws -> Tensor {
    let base = try node.tensor(0)
    let type = base.elementType
    if node.number(1) == 2, try node.rank(1) <= base.rank { return try node.add(Multiply(), base, base) }
    let exponent = try node.tensor(1)
    let wide: ElementType =
      type.isFloat || type == exponent.elementType ? type : exponent.elementType.isFloat ? .f64 : .i64
    let power = try node.add(Power(), node.cast(base, to: wide), node.cast(exponent, to: wide))
    return try node.cast(power, to: type)
  }

  /// With `fmod` the remainder has the dividend's sign, else the divisor's.
  private static func modulo(_ node: NodeConversion) throws -> Tensor {
    let (a, b) = (try node.tensor(0), try node.tensor(1))
    if try node.flag("fmod") { return try node.add(TruncatedRemainder(), a, b) }
    if a.elementType.isFloat, node.opset < 28 { throw OnnxError("onnx-mod", "of floats it needs fmod=1") }
    return try node.add(Remainder(), a, b)
  }

  /// The bounds are attributes before opset 11, inputs since, constants nearly always.
  private static func clip(_ node: NodeConversion) throws -> Tensor {
    let x = try node.tensor(0)
    if node.opset < 11 {
      let bounds = (try node.float("min"), try node.float("max"))
      return try node.add(Clip(minimum: bounds.0, maximum: bounds.1), x)
    }
    let bounds = [node.number(1), node.number(2)]
    // Integers beyond 2^53 are not what the attributes of Clip hold.
    let isKnown = (0..<2).allSatisfy { index in
      bounds[index].map { x.elementType.isFloat || abs($0) < 9e15 } ?? !node.hasInput(index + 1)
    }
    if isKnown { return try node.add(Clip(minimum: bounds[0], maximum: bounds[1]), x) }
    let raised = node.hasInput(1) ? try node.add(Maximum(), x, node.tensor(1)) : x
    return node.hasInput(2) ? try node.add(Minimum(), raised, node.tensor(2)) : raised
  }
}
