import TensorIR

/// Tensors one behind the other along an axis (ONNX `Concat`, NumPy `concatenate`).
public struct Concat: ElementOp, LayoutKeepingOp {
  public static let name = "concat"
  public static let summary = "Tensors one behind the other along an axis; their other axes are equal."
  public static let signature = Signature.operands(from: 1)
  public var axis: Int
  public init(axis: Int) { self.axis = axis }

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    let first = operands[0]
    try context.require(axis: axis, of: first, name)
    var shape = first.shape
    for operand in operands.dropFirst() {
      guard operand.elementType == first.elementType else {
        throw Diagnostic(
          "element-type",
          "'concat' joins tensors of one element type and was given \(first.elementType) and \(operand.elementType)")
      }
      guard operand.rank == first.rank else {
        throw Diagnostic("shape-mismatch", "'concat' joins tensors of one rank and was given \(first) and \(operand)")
      }
      for other in shape.indices where other != axis {
        try context.require(
          operand.shape[other], equals: shape[other],
          "'concat' along axis \(axis) joins tensors whose other axes are equal; \(operand) does not fit \(first)")
      }
      shape[axis] = shape[axis] + operand.shape[axis]
    }
    return [first.with(shape: shape)]
  }

  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    let shape = try Evaluator.numbers(types[0])
    let type = types[0].elementType
    var floats: [Double] = []
    var integers: [Int] = []
    let inner = shape.suffix(from: axis + 1).reduce(1, *)
    for row in 0..<shape.prefix(axis).reduce(1, *) {
      for operand in operands {
        let size = operand.shape[axis] * inner
        let range = row * size..<(row + 1) * size
        if type.isFloat { floats += operand.floats[range] } else { integers += operand.integers[range] }
      }
    }
    return [
      type.isFloat
        ? ReferenceTensor(type, shape, floats: floats) : ReferenceTensor(type, shape, integers: integers)
    ]
  }

  public func source(_ operands: [TensorType], _ result: TensorType) -> ElementSource {
    var offset: Dimension = 0
    let reads = operands.enumerated().map { number, operand in
      var places = operand.shape.indices.map { Place.axis($0) }
      places[axis] = places[axis] - offset
      offset = offset + operand.shape[axis]
      let isLast = number + 1 == operands.count
      return AccessMap.Read(number, places, if: isLast ? [] : [.less(.axis(axis), offset)])
    }
    return .read(.moved(reads))
  }

  public func differentiate(_ operands: [Tensor]) throws -> Differentiated {
    Differentiated(try Tensor.record(self, operands)) { cotangents in
      guard let cotangent = cotangents[0] else { return operands.map { _ in nil } }
      var offset: Dimension = 0
      return operands.map { operand in
        let size = operand.shape[axis]
        defer { offset = offset + size }
        return cotangent.sliced(axis: axis, start: offset, size: size)
      }
    }
  }
}

extension Tensor {
  /// Tensors one behind the other along an axis; a negative axis counts from the end.
  public static func concat(_ tensors: [Tensor], axis: Int) -> Tensor {
    one(Concat(axis: tensors.first?.normalised(axis) ?? axis), list: tensors)
  }
}
