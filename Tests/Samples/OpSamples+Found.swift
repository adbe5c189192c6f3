import TensorIR
import TensorOps

extension OpSamples {
  /// Ops that find as many elements as there are.
  static let found: [OpSample] = nonzeros + suppressions

  /// Numbers of which about every third is zero.
  private static func sparse(_ type: ElementType, _ shape: [Int]) -> SampleOperand {
    let signs: [Double] = type.isSigned || type.isFloat ? [1, -2, 0, 3, 0, -1, 0, 0.0] : [1, 2, 0, 3, 0, 1, 0, 0]
    let values = (0..<shape.reduce(1, *)).map { signs[$0 * 7 % 8] }
    return SampleOperand(type, shape, .list(type == .bool ? values.map { $0 == 0 ? 0 : 1 } : values))
  }

  /// More are wanted than there are, as many, and fewer.
  private static let nonzeros: [OpSample] =
    allTypes.flatMap { type in
      [([3, 5], 9), ([7, 4], 2), ([0, 3], 2), ([2, 3, 4], 6), ([5, 2], 7), ([9], 4)].map { shape, count in
        OpSample(Nonzero(count: Dimension(count)), [sparse(type, shape)], hasGradient: false)
      }
    }
    + [[17], [2, 3, 5], [33, 2], []].map {
      OpSample(Nonzero(count: 8), [sparse(.f32, $0)], hasGradient: false)
    }
    + SampleOperand.specials(.f32).map { OpSample(Nonzero(count: 5), [$0], hasGradient: false) }

  private static func suppression(
    _ shape: [Int], most: Int, overlap: Double, rows: Int, centred: Bool = false
  ) -> OpSample {
    let (batches, classes, boxes) = (shape[0], shape[1], shape[2])
    return OpSample(
      NonMaxSuppression(rows: Dimension(rows), centred: centred),
      [
        SampleOperand(.f32, [batches, boxes, 4], .uniform(0, 1)),
        SampleOperand(.f32, [batches, classes, boxes], .distinct),
        SampleOperand(.i64, [], .integers([most])), SampleOperand(.f32, [], .list([overlap])),
        SampleOperand(.f32, [], .list([0])),
      ], hasGradient: false)
  }

  private static let suppressions = [
    suppression([1, 2, 20], most: 5, overlap: 0.3, rows: 10),
    suppression([2, 3, 9], most: 9, overlap: 0.1, rows: 54),
    suppression([2, 3, 9], most: 9, overlap: 0, rows: 4, centred: true),
    suppression([3, 2, 17], most: 100, overlap: 0.5, rows: 11, centred: true),
    suppression([1, 1, 5], most: 0, overlap: 0.5, rows: 3),
    suppression([1, 2, 0], most: 3, overlap: 0.5, rows: 6),
    suppression([1, 1, 33], most: 33, overlap: 0.2, rows: 40),
    suppression([2, 1, 16], most: 2, overlap: 0.7, rows: 4, centred: true),
    suppression([1, 3, 1], most: 1, overlap: 0.5, rows: 3),
    suppression([4, 1, 7], most: 7, overlap: 0.9, rows: 28),
    suppression([1, 2, 11], most: 4, overlap: 0.4, rows: 0),
    suppression([0, 2, 5], most: 4, overlap: 0.4, rows: 2),
  ]
}
