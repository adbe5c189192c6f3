import TensorIR
import TensorOps

extension OpSamples {
  /// Words of a generator: shapes of whole blocks and parts of them, and counters that carry.
  static let randomness: [OpSample] =
    ([[0], [1], [3], [4], [5], [17], [33], [67], [3, 7], [2, 0, 3], [5, 13, 2], [4097], []] as [[Int]]).flatMap {
      shape in
      states.map { state in
        OpSample(RandomBits(shape.map { Dimension($0) }), SampleOperand(.u32, [6], .list(state)), hasGradient: false)
      }
    }

  private static let states: [[Double]] = [
    [0, 0, 0, 0, 0, 0],
    [4_294_967_295, 4_294_967_295, 4_294_967_295, 4_294_967_295, 4_294_967_295, 4_294_967_295],
    [4_294_967_290, 7, 5, 3, 2_752_055_464, 34_242_334],
  ]
}
