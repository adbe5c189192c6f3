import TensorIR

/// Slices of the first tensor along an axis, picked by the indices in the second (ONNX `Gather`, NumPy `take`): the
/// axis is replaced by the indices' axes. Negative indices count from the end.
public struct Gather: ElementOp {
  public static let name = "gather"
  public static let summary = "Slices along an axis picked by indices; negative indices count from the end."
  public static let signature = Signature.operands(2)
  public var axis: Int
  public init(axis: Int) { self.axis = axis }

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    let (x, indices) = (operands[0], operands[1])
    try context.require(axis: axis, of: x, name)
    try Gather.requireIndices(indices, name)
    return [x.with(shape: x.shape.prefix(axis) + indices.shape + x.shape.suffix(from: axis + 1))]
  }

  static func requireIndices(_ indices: TensorType, _ name: String) throws {
    guard indices.elementType == .i32 || indices.elementType == .i64 else {
      throw Diagnostic(
        "element-type", "the indices of '\(name)' are i32 or i64, not \(indices.elementType); cast them")
    }
  }

  /// The positions that indices name on an axis; throws for one that is not there.
  static func positions(_ indices: ReferenceTensor, extent: Int, _ name: String) throws -> [Int] {
    try indices.integers.map { index in
      let position = index < 0 ? index + extent : index
      guard (0..<extent).contains(position) else {
        throw Diagnostic("index-out-of-range", "'\(name)' was given index \(index) for an axis of extent \(extent)")
      }
      return position
    }
  }

  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    let (x, indices) = (operands[0], operands[1])
    let shape = try Evaluator.numbers(types[0])
    let places = shape.contains(0) ? [] : try Gather.positions(indices, extent: x.shape[axis], name)
    let inner = x.shape.suffix(from: axis + 1).reduce(1, *)
    var positions: [Int] = []
    for row in 0..<x.shape.prefix(axis).reduce(1, *) {
      for place in places {
        let start = (row * x.shape[axis] + place) * inner
        positions += start..<start + inner
      }
    }
    return [x.picking(positions, shape: shape)]
  }

  public func source(_ operands: [TensorType], _ result: TensorType) -> ElementSource {
    let last = axis + operands[1].rank
    let picked = Place.index(
      operand: 1, at: (axis..<last).map { .axis($0) }, extent: operands[0].shape[axis])
    return .read(.moved((0..<axis).map { .axis($0) } + [picked] + (last..<result.rank).map { .axis($0) }))
  }

  public func differentiate(_ operands: [Tensor]) throws -> Differentiated {
    let (x, indices) = (operands[0], operands[1])
    return Differentiated(try Tensor.record(self, operands)) { cotangents in
      [cotangents[0].map { .one(GatherGradient(axis: axis, extent: x.shape[axis]), $0, indices) }, nil]
    }
  }
}

extension Tensor {
  /// Slices along an axis picked by integer indices, whose axes take its place. Negative indices count from the end; one
  /// that is out of range is an error of the run.
  public func gather(_ indices: Tensor, axis: Int = 0) -> Tensor {
    .one(Gather(axis: normalised(axis)), self, indices.asIndices)
  }

  /// The same as ``gather(_:axis:)``, under NumPy's and MLX's name.
  public func take(_ indices: Tensor, axis: Int = 0) -> Tensor { gather(indices, axis: axis) }

  /// Integers as i32 or i64, in which indices are given.
  var asIndices: Tensor {
    elementType == .i32 || elementType == .i64 || !elementType.isInteger ? self : cast(to: .i64)
  }
}
