import TensorIR

/// Elements of planes by their flat places, which all channels of a batch share: x [b, c, l] and indices [b, p] give
/// [b, c, p]. A place that is not there, such as -1, gives zero: so a sampler says that it is outside.
public struct GatherPlanes: ElementOp {
  public static let name = "gather_planes"
  public static let summary =
    "Elements of each channel of a batch picked by the batch's indices; zero for an index that is not there."
  public static let signature = Signature.operands(2)
  public init() {}

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    let (x, indices) = (operands[0], operands[1])
    try Gather.requireIndices(indices, name)
    guard x.rank == 3, indices.rank == 2 else {
      throw Diagnostic(
        "shape-mismatch", "'\(name)' takes [b, c, l] and indices [b, p] and was given \(x) and \(indices)")
    }
    try context.require(
      x.shape[0], equals: indices.shape[0], "'\(name)' takes as many rows of indices \(indices) as batches of \(x)")
    return [x.with(shape: [x.shape[0], x.shape[1], indices.shape[1]])]
  }

  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    let (x, indices) = (operands[0], operands[1])
    let shape = try Evaluator.numbers(types[0])
    let positions = ReferenceTensor.indices(shape).map { index -> Int? in
      let place = indices.integers[index[0] * shape[2] + index[2]]
      return (0..<x.shape[2]).contains(place) ? (index[0] * x.shape[1] + index[1]) * x.shape[2] + place : nil
    }
    return [x.picking(positions, fill: 0, shape: shape)]
  }

  public func source(_ operands: [TensorType], _ result: TensorType) -> ElementSource {
    let place = Place.element(operand: 1, at: [.axis(0), .axis(2)])
    return .read(
      .moved(
        [.init(0, [.axis(0), .axis(1), place], if: PlaceCondition.within(place, operands[0].shape[2]))], otherwise: 0))
  }

  public func differentiate(_ operands: [Tensor]) throws -> Differentiated {
    let extent = operands[0].shape.last ?? 0
    return Differentiated(try Tensor.record(self, operands)) { cotangents in
      [cotangents[0].map { .one(GatherPlanesGradient(extent: extent), $0, operands[1]) }, nil]
    }
  }
}

extension Tensor {
  /// Elements [b, c, p] of planes [b, c, l] at the flat places [b, p], which all channels share; zero where there is none.
  public func gatherPlanes(_ indices: Tensor) -> Tensor { .one(GatherPlanes(), self, indices) }
}
