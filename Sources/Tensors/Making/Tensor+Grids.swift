import TensorIR
import TensorOps

/// Which axis of a grid the first vector runs along.
public enum GridIndexing: Sendable {
  /// The second, as x does in a plot (NumPy's `xy`).
  case cartesian
  /// The first, as rows of a matrix do (NumPy's `ij`).
  case matrix
}

extension Tensor {
  /// Zeros of another tensor's shape and element type.
  public static func zeros(like other: Tensor) -> Tensor { full(0, like: other) }
  /// Ones of another tensor's shape and element type.
  public static func ones(like other: Tensor) -> Tensor { full(1, like: other) }
  /// One number everywhere, of another tensor's shape and element type.
  public static func full(_ value: Double, like other: Tensor) -> Tensor { other.full(value, other.shape) }

  /// `count` numbers from `start` to `end`, equally far apart, both included (NumPy `linspace`); of one, `start`. Computed in
  /// f64. A negative count or bounds that are not finite give `bad-step`.
  public static func linspace(
    _ start: Double, _ end: Double, count: Int, _ type: ElementType = .f32
  ) -> Tensor {
    guard count >= 0, start.isFinite, end.isFinite else {
      return failure("bad-step", "there are no \(count) numbers from \(start) to \(end)")
    }
    let steps = Double(Swift.max(count - 1, 1))
    // From both ends, so that the last number is the end itself.
    let numbers = (0..<count).map { place -> Double in
      let share = Double(place) / steps
      return place == count - 1 && count > 1 ? end : start + (end - start) * share
    }
    return Tensor(numbers, type)
  }

  /// Vectors as the coordinates of a grid: for each a tensor in which it runs along an axis of its own (NumPy `meshgrid`).
  /// Vectors of another rank than 1 give `rank`.
  ///
  /// - Parameters:
  ///   - indexing: whether the first two change places, as in NumPy.
  ///   - sparse: whether the other axes have extent 1 in place of the grid's.
  public static func meshgrid(
    _ vectors: [Tensor], indexing: GridIndexing = .cartesian, sparse: Bool = false
  ) -> [Tensor] {
    if let wrong = vectors.first(where: { $0.rank != 1 }) {
      return vectors.map { _ in wrong.mistake("rank", "a grid is made of vectors, not of \(wrong.type)") }
    }
    var axes = Array(vectors.indices)
    if indexing == .cartesian, axes.count > 1 { axes.swapAt(0, 1) }
    var shape = [Dimension](repeating: 1, count: axes.count)
    for (vector, axis) in zip(vectors, axes) { shape[axis] = vector.shape[0] }
    return zip(vectors, axes).map { vector, axis in
      var own = [Dimension](repeating: 1, count: axes.count)
      own[axis] = vector.shape[0]
      let thin = vector.reshaped(to: own)
      return sparse ? thin : thin.broadcast(to: shape)
    }
  }

  /// The coordinates of every cell of a shape: [shape…, rank], integers (NumPy `indices`, its first axis last).
  public static func cartesianGrid(_ shape: [Int], _ type: ElementType = .i64) -> Tensor {
    if shape.isEmpty { return .zeros([0], type) }
    if let wrong = shape.first(where: { $0 < 0 }) { return failure("shape", "a grid has no extent \(wrong)") }
    return stacked(meshgrid(shape.map { .arange(Double($0), type) }, indexing: .matrix), axis: -1)
  }

  /// Where each place of a plane comes from under affine maps, for ``gridSampled(_:mode:padding:alignCorners:)``: of maps
  /// [n, 2, 3] the grid [n, height, width, 2] with map · (x, y, 1), where x and y run from -1 to 1 over the plane
  /// (PyTorch `affine_grid`). Other shapes give `shape-mismatch`.
  ///
  /// - Parameter alignCorners: whether -1 and 1 are the centres of the outermost places, or their outer edges.
  public func affineGrid(
    height: Int, width: Int, alignCorners: Bool = false, file: String = #fileID, line: Int = #line,
    column: Int = #column
  ) -> Tensor {
    placed(file, line, column) {
      guard rank == 3, shape[1] == 2, shape[2] == 3, height >= 0, width >= 0 else {
        return mistake("shape-mismatch", "a grid of \(height) × \(width) takes maps [n, 2, 3], not \(type)")
      }
      let (y, x) = (coordinates(height, alignCorners), coordinates(width, alignCorners))
      let plane: [Dimension] = [Dimension(height), Dimension(width), 1]
      let places = Tensor.concat(
        [
          x.reshaped(to: [1, Dimension(width), 1]).broadcast(to: plane),
          y.reshaped(to: [Dimension(height), 1, 1]).broadcast(to: plane), full(1, plane),
        ], axis: 2)
      let rows = places.reshaped(to: [Dimension(height * width), 3])
      return rows.matmul(transposed()).reshaped(to: [shape[0], Dimension(height), Dimension(width), 2])
    }
  }

  /// `count` places from -1 to 1, beside this tensor; of one, 0.
  private func coordinates(_ count: Int, _ alignCorners: Bool) -> Tensor {
    let place = iota(.i64, [Dimension(count)], axis: 0).cast(to: .f64)
    if count == 1 { return (place * 0).cast(to: elementType) }
    let own = alignCorners ? place * (2 / Double(count - 1)) : (place * 2 + 1) * (1 / Double(Swift.max(count, 1)))
    return (own - 1).cast(to: elementType)
  }

  /// A tensor that tells a mistake when it is used.
  package static func failure(_ id: String, _ message: String) -> Tensor {
    LazyGraph.shared.failed([Diagnostic(id, message)])
  }
}
