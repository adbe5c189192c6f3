import TensorIR

// Compositions that pick by class and by sequence.
extension Tensor {
  /// A new axis of extent `depth` with `on` at the position that an integer names and `off` elsewhere (ONNX `OneHot`). Negative
  /// integers count from the end; for those out of range everything is `off`.
  /// - Parameter axis: where the axis is in the result; negative ones count from the end.
  public func oneHot(
    depth: Dimension, axis: Int = -1, _ type: ElementType = .f32, on: Double = 1, off: Double = 0
  ) -> Tensor {
    guard elementType.isInteger else { return refusing("element-type", "'oneHot' takes integers, not \(self.type)") }
    let own = axis < 0 ? axis + rank + 1 : axis
    guard (0...rank).contains(own) else { return refusing(axis: axis, of: "oneHot") }
    let wide = cast(to: .i64).unsqueezed(axes: [own])
    let places = Tensor.select(wide .< wide.like(0), wide + dimensionValue(depth), wide)
    var row = wide.shape.map { _ in Dimension(1) }
    row[own] = depth
    let isHot = places .== iota(.i64, row, axis: own)
    let values = [on, off].map { beside(Full($0, type, [])) }
    return .select(isHot, values[0], values[1])
  }

  /// The first elements along an axis in opposite order, as many as `lengths` says for each position on another axis; the rest
  /// as they are (ONNX `ReverseSequence`). Lengths are integers from 0 to the axis's extent.
  public func reversedSequences(_ lengths: Tensor, axis: Int, batchAxis: Int) -> Tensor {
    let (time, batch) = (normalised(axis), normalised(batchAxis))
    guard time != batch, shape.indices.contains(time), shape.indices.contains(batch) else {
      return refusing("bad-attribute", "'reversedSequences' was given axes \(axis) and \(batchAxis) of \(type)")
    }
    let order = [batch, time] + shape.indices.filter { $0 != batch && $0 != time }
    let ends = lengths.cast(to: .i64).unsqueezed(axes: [1])
    let places = iota(.i64, [1, shape[time]], axis: 1)
    let sources = Tensor.select(places .< ends, ends - places - ends.like(1), places)
    let picked = transposed(order).gatherND(sources.unsqueezed(axes: [2]), batchDimensions: 1)
    var back = order
    for (position, axis) in order.enumerated() { back[axis] = position }
    return picked.transposed(back)
  }

  // MARK: Blocks of channels

  /// Channels moved into blocks of the plane: [n, b·b·c, h, w] to [n, c, h·b, w·b] (ONNX `DepthToSpace`).
  /// - Parameter depthFirst: whether the channels of a block's place lie together (ONNX's DCR), or those of a result channel
  ///   (CRD, PyTorch's `pixel_shuffle`).
  public func depthToSpace(block: Int, depthFirst: Bool = true) -> Tensor {
    let b = Dimension(block)
    guard rank == 4, block > 0 else {
      return refusing("bad-attribute", "'depthToSpace' takes rank 4 and a positive block, not \(type) and \(block)")
    }
    let (n, h, w) = (shape[0], shape[2], shape[3])
    let c = shape[1].floorDivided(by: b * b)
    let apart = reshaped(to: depthFirst ? [n, b, b, c, h, w] : [n, c, b, b, h, w])
    return apart.transposed(depthFirst ? [0, 3, 4, 1, 5, 2] : [0, 1, 4, 2, 5, 3]).reshaped(to: [n, c, h * b, w * b])
  }

  /// Blocks of the plane moved into channels: [n, c, h·b, w·b] to [n, b·b·c, h, w] (ONNX `SpaceToDepth`).
  public func spaceToDepth(block: Int) -> Tensor {
    let b = Dimension(block)
    guard rank == 4, block > 0 else {
      return refusing("bad-attribute", "'spaceToDepth' takes rank 4 and a positive block, not \(type) and \(block)")
    }
    let (n, c) = (shape[0], shape[1])
    let (h, w) = (shape[2].floorDivided(by: b), shape[3].floorDivided(by: b))
    let moved = reshaped(to: [n, c, h, b, w, b]).transposed([0, 3, 5, 1, 2, 4])
    return moved.reshaped(to: [n, c * b * b, h, w])
  }
}
