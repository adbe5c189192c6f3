import TensorIR

/// Adds elements into planes of zeros at the flat places that indices name: x [b, c, p] and indices [b, p] give [b, c, l].
/// Equal places add up in their order, and places that are not there are dropped. It is what ``GatherPlanes`` takes back.
public struct GatherPlanesGradient: TensorOp {
  public static let name = "gather_planes_gradient"
  public static let summary = "Zeros with each channel's elements added at the places that its batch's indices name."
  public static let signature = Signature.operands(2)
  /// The number of elements of a plane of the result.
  public var extent: Dimension
  public init(extent: Dimension) { self.extent = extent }

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    let (x, indices) = (operands[0], operands[1])
    try Gather.requireIndices(indices, name)
    guard ElementType.numbers.contains(x.elementType) else {
      throw Diagnostic("element-type", "'\(name)' adds numbers, not \(x.elementType); cast the operand first")
    }
    guard x.rank == 3, indices.rank == 2 else {
      throw Diagnostic(
        "shape-mismatch", "'\(name)' takes [b, c, p] and indices [b, p] and was given \(x) and \(indices)")
    }
    for (a, b) in [(x.shape[0], indices.shape[0]), (x.shape[2], indices.shape[1])] {
      try context.require(a, equals: b, "the indices \(indices) of '\(name)' do not fit \(x)")
    }
    try context.require(0, atMost: extent, "'\(name)' makes planes of \(extent) elements")
    return [x.with(shape: [x.shape[0], x.shape[1], extent])]
  }

  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    let (x, indices) = (operands[0], operands[1])
    let shape = try Evaluator.numbers(types[0])
    var sums = ReferenceSums(x.elementType, shape)
    for (source, index) in ReferenceTensor.indices(x.shape).enumerated() {
      let place = indices.integers[index[0] * x.shape[2] + index[2]]
      guard (0..<shape[2]).contains(place) else { continue }
      sums.add(x, source, at: (index[0] * shape[1] + index[1]) * shape[2] + place)
    }
    return [sums.tensor]
  }

  public func differentiate(_ operands: [Tensor]) throws -> Differentiated {
    Differentiated(try Tensor.record(self, operands)) { [$0[0].map { $0.gatherPlanes(operands[1]) }, nil] }
  }
}
