import TensorIR
import TensorOps

// How many elements a mask picks depends on its elements, so these compute it at once.
extension Tensor {
  /// The positions at which elements are not 0, in row-major order: i64 [count, rank] (NumPy `argwhere`).
  /// - Throws: `traced-tensor` in a trace; as ``evaluate(file:line:column:)``.
  public func argWhere() throws -> Tensor {
    let columns = try nonzero()
    if columns.isEmpty { return .zeros([try truePlaces().count, 0], .i64) }
    return .concat(columns.map { $0.unsqueezed(axis: 1) }, axis: 1)
  }

  /// For each axis the positions at which elements are not 0: i64 [count] (NumPy `nonzero`).
  /// - Throws: as ``argWhere()``.
  public func nonzero() throws -> [Tensor] {
    let places = try truePlaces()
    guard let shape = type.constantShape else { throw Diagnostic("unknown-size", "the shape of \(type) is not known") }
    return ReferenceTensor.strides(shape).enumerated().map { axis, stride in
      Tensor(of: places.map { Int64($0 / stride % shape[axis]) })
    }
  }

  /// The elements at which a mask of this shape is true, in row-major order: [count] (PyTorch `masked_select`).
  /// - Throws: as ``argWhere()``; `shape-mismatch` for a mask of another shape.
  public func selected(where mask: Tensor) throws -> Tensor {
    guard mask.shape == shape else {
      throw Diagnostic("shape-mismatch", "a mask of \(mask.type) does not fit \(type)")
    }
    let places = Tensor(of: try mask.truePlaces().map { Int64($0) })
    return reshaped(to: [-1]).gather(places)
  }

  /// The flat positions of elements that are not 0.
  private func truePlaces() throws -> [Int] {
    let isTrue = elementType == .bool ? self : self .!= like(0)
    return try isTrue.array(of: Bool.self).enumerated().filter(\.element).map(\.offset)
  }
}
