import TensorIR

/// The elements of a tensor that positions along an axis name (NumPy `take_along_axis`), and the way back of their
/// cotangents. The other axes of the positions are the tensor's.
struct TakenElements {
  let values: Tensor
  private let shape: [Dimension]
  /// The row-major number of each element that is taken.
  private let places: Tensor

  init(_ x: Tensor, _ positions: Tensor, axis: Int) {
    let axis = x.normalised(axis)
    shape = x.shape
    var places: Tensor?
    for other in positions.shape.indices where other == axis || positions.shape[other] != 1 {
      let own = other == axis ? positions : positions.iota(.i64, positions.shape, axis: other)
      let distance = shape.suffix(from: min(other + 1, shape.count)).reduce(1, *)
      let part = distance == 1 ? own : own * positions.dimensionValue(distance)
      places = places.map { $0 + part } ?? part
    }
    self.places = places ?? positions
    values = x.reshaped(to: [shape.reduce(1, *)]).gather(self.places, axis: 0)
  }

  /// What is added to the cotangent of the tensor.
  func back(_ cotangent: Tensor) -> Tensor {
    let count = shape.reduce(1, *)
    return Tensor.one(GatherGradient(axis: 0, extent: count), cotangent, places).reshaped(to: shape)
  }
}
