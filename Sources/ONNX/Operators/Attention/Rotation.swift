import TensorIR
import TensorOps

/// Positions as rotations (Su et al., 2021): pairs of a head's elements are turned by an angle that grows with the position.
struct Rotation {
  let node: NodeConversion
  /// How many of a head's elements are turned, from the first; 0: all.
  let width: Int
  /// Whether pairs are neighbours; else the second half stands beside the first.
  var isInterleaved = false

  init(_ node: NodeConversion, width: Int) throws {
    guard width >= 0, width % 2 == 0, width <= 1 << 24 else {
      throw OnnxError("onnx-rotary", "rotary_embedding_dim is \(width), not an even number")
    }
    (self.node, self.width) = (node, width)
  }

  /// - Parameters:
  ///   - x: [batch, heads, steps, size]
  ///   - cosines: [places, half], of which positions pick rows, or [batch, steps, half].
  ///   - positions: integers that broadcast to [batch, steps].
  func turned(_ x: Tensor, cosines: Tensor, sines: Tensor, positions: Tensor?) throws -> Tensor {
    guard x.rank == 4 else { throw OnnxError("onnx-rank", "it takes x of rank 3 or 4, not \(x.rank)") }
    let size = x.shape[3]
    let turning = width == 0 ? size : Dimension(width)
    let half = node.symbols.quotient(turning, 2)
    let factors = try [cosines, sines].map { table -> Tensor in
      let rows = positions.map { table.gather($0, axis: 0) } ?? table
      guard rows.rank == 3 else {
        throw OnnxError(
          "onnx-rank", "its tables give rank \(rows.rank) at the positions; it should be [batch, steps, half]")
      }
      try node.require(rows.shape[2], equals: half, "the tables of cosines and sines are not half as wide as is turned")
      return try node.reshape(rows, [rows.shape[0], 1, rows.shape[1], rows.shape[2]])
    }
    let (a, b) = (part(x, second: false, half), part(x, second: true, half))
    let real = a * factors[0] - b * factors[1]
    let imaginary = a * factors[1] + b * factors[0]
    var turned: Tensor
    if isInterleaved {
      let pairs = Tensor.concat([real, imaginary].map { $0.unsqueezed(axes: [4]) }, axis: 4)
      turned = try node.reshape(pairs, Array(x.shape.dropLast()) + [turning])
    } else {
      turned = Tensor.concat([real, imaginary], axis: 3)
    }
    if width != 0, node.symbols.isEqual(size, turning) != .yes {
      turned = Tensor.concat([turned, x.sliced(axis: 3, start: turning, size: size - turning)], axis: 3)
    }
    return turned
  }

  private func part(_ x: Tensor, second: Bool, _ half: Dimension) -> Tensor {
    guard isInterleaved else { return x.sliced(axis: 3, start: second ? half : 0, size: half) }
    return x.sliced(
      starts: [0, 0, 0, second ? 1 : 0], sizes: Array(x.shape.dropLast()) + [half], steps: [1, 1, 1, 2])
  }
}
