import TensorData
import TensorIR
import TensorOps

extension OnnxOperators {
  /// Operators that make tensors from nothing but attributes and shapes.
  static let constants: [String: Converter] = [
    "Constant": { node in
      if let text = try TextOperators.constant(node) { return [text] }
      return [ImportedValue(.literal(try constant(node)), format: try node.format(attribute: "value"))]
    },
    "ConstantOfShape": one(constantOfShape),
    "Range": one(range),
    "EyeLike": one(eye),
    "OneHot": one(oneHot),
    "Trilu": one(triangle),
  ]

  private static func constant(_ node: NodeConversion) throws -> HostTensor {
    if let value = try node.literal(attribute: "value") { return value }
    if let value = try node.integer("value_int") { return try integers([Int64(value)], []) }
    if let values = try node.integers("value_ints") { return try integers(values.map { Int64($0) }, [values.count]) }
    if let value = try node.float("value_float") {
      return try HostTensor(type: .f32, shape: [], elements: [Float(value)])
    }
    if let values = try node.floats("value_floats") {
      return try HostTensor(type: .f32, shape: [values.count], elements: values.map { Float($0) })
    }
    throw OnnxError("onnx-constant", "it holds no tensor; sparse constants are not supported")
  }

  private static func integers(_ values: [Int64], _ shape: [Int]) throws -> HostTensor {
    try HostTensor(type: .i64, shape: shape, elements: values)
  }

  private static func constantOfShape(_ node: NodeConversion) throws -> Tensor {
    let shape = try node.extents(0)
    guard let value = try node.literal(attribute: "value") else { return try node.add(Full(0, .f32, shape)) }
    guard value.elementCount == 1 else { throw OnnxError("onnx-constant", "its value is not one number") }
    // A number of 64 bits may be more than a Double holds, so it stays the constant it is.
    let scalar = try node.reshape(ImportedValue.constant(value, in: node.graph.recorder), [])
    guard let number = value.number(0), scalar.elementType.isFloat || abs(number) < 9e15 else {
      return try node.add(BroadcastTo(shape), scalar)
    }
    return try node.add(Full(number, scalar.elementType, shape))
  }

  /// `start + i step`
  private static func range(_ node: NodeConversion) throws -> Tensor {
    let operands = (0..<3).map { node.symbolic($0)?.elements }
    let type = try node.type(0).elementType
    let count: Dimension
    if let start = operands[0], let limit = operands[1], let step = operands[2] {
      count = try ShapeRules.rangeCount([start, limit, step], node.symbols)
    } else if let start = node.number(0), let limit = node.number(1), let step = node.number(2), step != 0 {
      let length = ((limit - start) / step).rounded(.up)
      guard length.magnitude < 9e15 else { throw OnnxError("onnx-range", "its length is \(length)") }
      count = Dimension(max(Int(length), 0))
    } else {
      count = try node.rangeCount()
    }
    let places = try node.add(Iota(type, [count], axis: 0))
    let (start, step) = (try node.tensor(0), try node.tensor(2))
    let scaled = node.number(2) == 1 ? places : try node.add(Multiply(), places, node.reshape(step, []))
    return node.number(0) == 0 ? scaled : try node.add(Add(), scaled, node.reshape(start, []))
  }

  private static func eye(_ node: NodeConversion) throws -> Tensor {
    let source = try node.type(0)
    guard source.rank == 2 else { throw OnnxError("onnx-rank", "it takes a matrix, not rank \(source.rank)") }
    let type = try node.integer("dtype").map { try elementType($0) } ?? source.elementType
    let difference = try diagonal(node, source.shape, offset: node.integer("k") ?? 0)
    return try node.cast(node.add(Equal(), difference, node.scalar(0, .i64)), to: type)
  }

  /// Column minus row minus an offset: 0 on a diagonal, positive above it.
  private static func diagonal(_ node: NodeConversion, _ shape: [Dimension], offset: Int) throws -> Tensor {
    let matrix = Array(shape.suffix(2))
    let columns = try node.add(Iota(.i64, matrix, axis: 1))
    let rows = try node.add(Iota(.i64, matrix, axis: 0))
    return try node.add(Subtract(), node.add(Subtract(), columns, rows), node.scalar(Double(offset), .i64))
  }

  private static func triangle(_ node: NodeConversion) throws -> Tensor {
    let x = try node.tensor(0)
    guard x.rank >= 2 else { throw OnnxError("onnx-rank", "it takes matrices, not rank \(x.rank)") }
    let offset = node.hasInput(1) ? try node.integers(1).first ?? 0 : 0
    let zero = try node.scalar(0, .i64)
    let difference = try diagonal(node, x.shape, offset: offset)
    let isUpper = try node.flag("upper", default: true)
    let keep = isUpper ? try node.add(GreaterEqual(), difference, zero) : try node.add(LessEqual(), difference, zero)
    return try node.add(Select(), keep, x, node.scalar(0, x.elementType))
  }

  /// `off` everywhere but where the position on the new axis is the index; negative indices count from the end.
  private static func oneHot(_ node: NodeConversion) throws -> Tensor {
    let indices = try node.cast(node.tensor(0), to: .i64)
    guard let depth = try node.extents(1, takesFloats: true).first else {
      throw OnnxError("onnx-one-hot", "its depth is missing")
    }
    let axis = try node.axis(node.integer("axis") ?? -1, rank: indices.rank + 1)
    var shape = indices.shape
    shape.insert(1, at: axis)
    let column = try node.reshape(indices, shape)
    shape[axis] = depth
    let size = try ImportedValue(
      .dimensions(SymbolicTensor.scalar(depth)), name: ""
    ).tensor(in: node.graph.recorder)
    let isNegative = try node.add(Less(), column, node.scalar(0, .i64))
    let position = try node.add(Select(), isNegative, node.add(Add(), column, size), column)
    let isHot = try node.add(Equal(), node.add(Iota(.i64, shape, axis: axis)), position)
    let values = try node.tensor(2)
    func value(_ index: Int) throws -> Tensor {
      try node.reshape(node.add(Slice(starts: [Dimension(index)], sizes: [1], steps: [1]), values), [])
    }
    return try node.add(Select(), isHot, value(1), value(0))
  }
}
