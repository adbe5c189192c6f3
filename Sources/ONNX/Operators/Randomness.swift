import TensorData
import TensorIR
import TensorOps

extension OnnxOperators {
  /// Random numbers. A compiled function is a function: it gives the same numbers at every call. Which these are depends on the
  /// seed, where there is one, and on the node's place in the graph, so that two nodes, or two rounds of a loop, draw
  /// different ones. ONNX defines distributions only.
  static let randomness: [String: Converter] = [
    "RandomUniform": one { node in try uniform(node, node.shapeAttribute(), like: .f32) },
    "RandomUniformLike": one { node in try uniform(node, node.shape(0), like: node.type(0).elementType) },
    "RandomNormal": one { node in try normal(node, node.shapeAttribute(), like: .f32) },
    "RandomNormalLike": one { node in try normal(node, node.shape(0), like: node.type(0).elementType) },
    "Bernoulli": one(bernoulli),
    "Multinomial": one(multinomial),
  ]

  private static func uniform(_ node: NodeConversion, _ shape: [Dimension], like type: ElementType) throws -> Tensor {
    let (low, high) = (try node.float("low") ?? 0, try node.float("high") ?? 1)
    guard low <= high else { throw OnnxError("onnx-random", "its low \(low) is above its high \(high)") }
    return try node.randomState().randomUniform(shape, in: low..<high, node.randomType(or: type))
  }

  private static func normal(_ node: NodeConversion, _ shape: [Dimension], like type: ElementType) throws -> Tensor {
    let (mean, deviation) = (try node.float("mean") ?? 0, try node.float("scale") ?? 1)
    return try node.randomState().randomNormal(shape, mean: mean, deviation: deviation, node.randomType(or: type))
  }

  private static func bernoulli(_ node: NodeConversion) throws -> Tensor {
    let x = try node.tensor(0)
    let type = try node.integer("dtype").map { try elementType($0) } ?? x.elementType
    return try node.randomState().randomBernoulli(x, type)
  }

  /// Of logarithms of unnormalised probabilities [batch, classes] classes [batch, samples].
  private static func multinomial(_ node: NodeConversion) throws -> Tensor {
    let x = try node.tensor(0)
    let type = try node.integer("dtype").map { try elementType($0) } ?? .i32
    let count = try node.integer("sample_size") ?? 1
    guard x.rank == 2, count >= 0, type == .i32 || type == .i64 else {
      throw OnnxError("onnx-random", "it draws classes, i32 or i64, from probabilities [batch, classes]")
    }
    let weights = x.softmax(axis: 1)
    return try node.randomState().randomCategorical(weights, count: Dimension(count)).cast(to: type)
  }
}

extension NodeConversion {
  /// The shape in an attribute.
  fileprivate func shapeAttribute() throws -> [Dimension] {
    guard let shape = try integers("shape"), shape.allSatisfy({ $0 >= 0 }) else {
      throw OnnxError("onnx-missing-attribute", "its attribute 'shape' is missing or has a negative extent")
    }
    return shape.map { Dimension($0) }
  }

  /// The element type in an attribute, or one in its place; floats only.
  fileprivate func randomType(or type: ElementType) throws -> ElementType {
    let own = try integer("dtype").map { try OnnxOperators.elementType($0) } ?? type
    guard own.isFloat else { throw OnnxError("onnx-random", "its numbers are floats, not \(own)") }
    return own
  }

  /// The state that this node draws from: a counter, which begins with the number of the operation, and the seed.
  fileprivate func randomState() throws -> Tensor {
    try randomState(seed: float("seed").map { Float($0).bitPattern } ?? 0)
  }

  /// The same where the seed is no float.
  func randomState(seed: UInt32) throws -> Tensor {
    let place = UInt32(truncatingIfNeeded: graph.recorder.builder.function.body.operations.count)
    let words: [UInt32] = [0, 0, place, 0, seed, 0]
    return try add(Constant(ReferenceTensor(.u32, [6], integers: words.map { Int($0) }).literal))
  }
}
