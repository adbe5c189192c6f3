import TensorIR

/// The elements in opposite order along axes (NumPy `flip`).
public struct Reverse: ElementOp, LayoutKeepingOp {
  public static let name = "reverse"
  public static let summary = "The elements in opposite order along axes."
  public static let signature = Signature.operands(1)
  public var axes: [Int]
  public init(axes: [Int]) { self.axes = axes }

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    for axis in axes { try context.require(axis: axis, of: operands[0], name) }
    guard Set(axes).count == axes.count else {
      throw Diagnostic("bad-attribute", "'reverse' names an axis twice in \(axes); name each once")
    }
    return [operands[0].plain]
  }

  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    let shape = operands[0].shape
    let strides = ReferenceTensor.strides(shape)
    let positions = ReferenceTensor.indices(shape).map { index in
      index.indices.reduce(0) {
        $0 + (axes.contains($1) ? shape[$1] - 1 - index[$1] : index[$1]) * strides[$1]
      }
    }
    return [operands[0].picking(positions, shape: shape)]
  }

  public func source(_ operands: [TensorType], _ result: TensorType) -> ElementSource {
    .read(
      .moved(
        result.shape.indices.map { axis in
          axes.contains(axis) ? Place.axis(axis) * -1 + .size(result.shape[axis] - 1) : .axis(axis)
        }))
  }

  public func differentiate(_ operands: [Tensor]) throws -> Differentiated {
    Differentiated(try Tensor.record(self, operands)) { [$0[0]?.reversed(axes: axes)] }
  }
}

extension Tensor {
  /// The elements in opposite order along axes (NumPy and Burn `flip`); negative axes count from the end.
  public func reversed(axes: [Int]) -> Tensor { .one(Reverse(axes: normalised(axes)), self) }
}
