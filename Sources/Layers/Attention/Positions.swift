import Tensors

/// Adds ``sinusoids(_:_:timescale:)`` to sequences [n, steps, size].
public struct PositionalEncoding: Module, Sendable {
  public var table: Frozen<Tensor>

  public init(_ size: Int, longest: Int = 5000, timescale: Double = 10_000) {
    table = Frozen(sinusoids(longest, size, timescale: timescale))
  }

  public func callAsFunction(
    _ x: Tensor, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor {
    Tensor.placed([x, table.value], file, line, column) {
      guard x.rank == 3 else { return x.mistake("rank", "'PositionalEncoding' takes [n, steps, size], not \(x.type)") }
      return x + beside(x, table.value).sliced(axis: 0, start: 0, size: x.shape[1]).cast(to: x.elementType)
    }
  }
}

/// Rotates neighbouring pairs of features by angles in proportion to the position (Su et al.: "RoFormer", 2021): of
/// […, steps, size].
public struct RotaryEncoding: Module, Sendable {
  /// [longest, size / 2] each.
  public var cosines: Frozen<Tensor>
  public var sines: Frozen<Tensor>

  /// - Parameter scaling: changes the frequency of each pair, in turns of 1/2π per position.
  public init(_ size: Int, longest: Int = 2048, theta: Double = 10_000, scaling: (Double) -> Double = { $0 }) {
    let table = rotations(longest, size, theta, scaling)
    cosines = Frozen(table.cosines)
    sines = Frozen(table.sines)
  }

  /// - Parameter start: the position of the first step.
  public func callAsFunction(
    _ x: Tensor, start: Dimension = 0, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor {
    Tensor.placed([x, cosines.value], file, line, column) {
      guard x.rank >= 2, let half = cosines.value.shape.last, x.shape[x.rank - 1] == half * 2 else {
        return x.mistake(
          "shape-mismatch",
          "this 'RotaryEncoding' takes […, steps, \(cosines.value.shape.last ?? 0) · 2], not \(x.type)")
      }
      let steps = x.shape[x.rank - 2]
      func rows(_ table: Tensor) -> Tensor {
        beside(x, table).sliced(axis: 0, start: start, size: steps).cast(to: x.elementType).unsqueezed(axes: [2])
      }
      let pairs = x.reshaped(to: x.shape.dropLast() + [half, 2])
      let first = pairs.sliced(axis: x.rank, start: 0, size: 1)
      let second = pairs.sliced(axis: x.rank, start: 1, size: 1)
      let (cosine, sine) = (rows(cosines.value), rows(sines.value))
      let turned = [first * cosine - second * sine, first * sine + second * cosine]
      return Tensor.concat(turned, axis: x.rank).reshaped(to: x.shape)
    }
  }
}

/// A table that is recorded where a tensor is, whose extents may be symbols there, even if it is a constant of outside.
private func beside(_ x: Tensor, _ table: Tensor) -> Tensor { table * x.like(1).cast(to: table.elementType) }
