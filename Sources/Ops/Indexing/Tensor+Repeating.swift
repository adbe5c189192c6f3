import TensorIR

// Compositions that repeat, join, divide and turn; each takes negative axes from the end.
extension Tensor {
  /// The whole tensor repeated along each axis: [a, b] twice is [a, b, a, b] (NumPy and ONNX `tile`). Where there are more
  /// repeats than axes, axes of extent 1 are added in front; with fewer, they are for the last axes.
  public func tiled(_ repeats: [Dimension]) -> Tensor {
    if let wrong = repeats.first(where: { $0.constant ?? 0 < 0 }) {
      return refusing("bad-attribute", "'tiled' cannot repeat \(wrong) times")
    }
    let missing = Swift.max(repeats.count - rank, 0)
    let wide = missing == 0 ? self : reshaped(to: Array(repeating: 1, count: missing) + shape)
    let all = Array(repeating: Dimension(1), count: wide.rank - repeats.count) + repeats
    let apart = wide.reshaped(
      to: wide.shape.indices.flatMap { all[$0] == 1 ? [wide.shape[$0]] : [1, wide.shape[$0]] })
    let copies = apart.broadcast(
      to: wide.shape.indices.flatMap { all[$0] == 1 ? [wide.shape[$0]] : [all[$0], wide.shape[$0]] })
    return copies.reshaped(to: zip(wide.shape, all).map { $0 * $1 })
  }

  /// The whole tensor repeated along one axis (Burn's `repeat_dim`).
  public func tiled(_ times: Dimension, axis: Int) -> Tensor {
    let own = normalised(axis)
    guard isPoison || shape.indices.contains(own) else { return refusing(axis: axis, of: "tiled") }
    return tiled(shape.indices.map { $0 == own ? times : 1 })
  }

  /// Each element repeated along an axis: [a, b] twice is [a, a, b, b] (NumPy and MLX `repeat`).
  public func repeated(_ times: Dimension, axis: Int) -> Tensor {
    let own = normalised(axis)
    guard shape.indices.contains(own) else { return refusing(axis: axis, of: "repeated") }
    if times.constant ?? 0 < 0 { return refusing("bad-attribute", "'repeated' cannot repeat \(times) times") }
    var apart = shape
    apart.insert(1, at: own + 1)
    var wide = apart
    wide[own + 1] = times
    var result = shape
    result[own] = shape[own] * times
    return reshaped(to: apart).broadcast(to: wide).reshaped(to: result)
  }

  /// The elements moved along an axis by a number of places, those that leave it coming in at the other end; a negative
  /// number moves them towards the front (NumPy `roll`).
  public func rolled(by places: Int, axis: Int) -> Tensor {
    let own = normalised(axis)
    guard shape.indices.contains(own) else { return refusing(axis: axis, of: "rolled") }
    let size = shape[own]
    // Places count modulo the extent; an extent of 0 has none to move.
    let shift = Dimension(places).modulo(.maximum(size, 1))
    if shift == 0 { return self }
    let (back, front) = (
      sliced(axis: own, start: size - shift, size: shift), sliced(axis: own, start: 0, size: size - shift)
    )
    return .concat([back, front], axis: own)
  }

  /// The same along several axes, one number of places for each; of an axis that is named twice they add up.
  public func rolled(by places: [Int], axes: [Int]) -> Tensor {
    guard places.count == axes.count else {
      return refusing("bad-attribute", "'rolled' was given \(places.count) numbers of places for \(axes.count) axes")
    }
    return zip(places, axes).reduce(self) { $0.rolled(by: $1.0, axis: $1.1) }
  }

  /// Tensors of one shape along a new axis (NumPy `stack`); a negative axis counts from the end of the result.
  public static func stacked(_ tensors: [Tensor], axis: Int = 0) -> Tensor {
    concat(tensors.map { $0.unsqueezed(axes: [axis]) }, axis: axis)
  }

  // MARK: Dividing

  /// Parts of the given sizes along an axis, one behind the other; sizes that are known to leave something of the axis give
  /// `bad-attribute`.
  public func split(sizes: [Dimension], axis: Int) -> [Tensor] {
    var start: Dimension = 0
    if let extent = numberOfElements(axis), let total = sizes.reduce(0, +).constant, total != extent {
      return sizes.isEmpty
        ? [refusingSplit(axis, "no parts")] : sizes.map { _ in refusingSplit(axis, "parts of \(sizes)") }
    }
    return sizes.map { size in
      defer { start = start + size }
      return sliced(axis: axis, start: start, size: size)
    }
  }

  /// Parts of one size along an axis, the last of which may be smaller; the extent must be a number.
  public func split(size: Int, axis: Int) -> [Tensor] {
    guard let extent = numberOfElements(axis), size > 0 else { return [refusingSplit(axis, "parts of \(size)")] }
    let sizes = stride(from: 0, to: extent, by: size).map { Dimension(Swift.min(size, extent - $0)) }
    return split(sizes: sizes, axis: axis)
  }

  /// At most so many parts along an axis, all of one size but the last, which may be smaller: fewer where the extent, which
  /// must be a number, has fewer elements (PyTorch's `chunk`).
  public func chunked(into parts: Int, axis: Int) -> [Tensor] {
    guard let extent = numberOfElements(axis), parts > 0 else { return [refusingSplit(axis, "\(parts) parts")] }
    return split(size: Swift.max((extent + parts - 1) / parts, 1), axis: axis)
  }

  private func numberOfElements(_ axis: Int) -> Int? {
    let own = normalised(axis)
    return shape.indices.contains(own) ? shape[own].constant : nil
  }

  private func refusingSplit(_ axis: Int, _ parts: String) -> Tensor {
    refusing("bad-attribute", "axis \(axis) of \(type) cannot be divided into \(parts)")
  }
}
