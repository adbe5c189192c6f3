import TensorIR
import TensorOps

extension OpSamples {
  /// Ops that order elements or walk along an axis.
  static let sorting: [OpSample] = sorts + tops + selections + running + recurrences

  private static let sizes = [
    [0, 3], [1, 5], [3, 17], [5, 33], [2, 67], [7, 1], [13, 31], [3, 129], [17, 2], [33, 4],
  ]

  private static func orderings(axis: Int, descending: Bool) -> [any TensorOp] {
    [Sort(axis: axis, descending: descending), ArgSort(axis: axis, descending: descending)]
  }

  /// Few different numbers, so that ties are many.
  private static func tied(_ type: ElementType, _ shape: [Int]) -> SampleOperand {
    type == .bool ? SampleOperand(type, shape, .uniform(0, 1)) : data(type, shape)
  }

  private static func orders(_ operand: SampleOperand, axis: Int, descending: Bool) -> [OpSample] {
    orderings(axis: axis, descending: descending).map { OpSample($0, [operand], hasGradient: false) }
  }

  private static let plainSorts: [OpSample] = allTypes.flatMap { type -> [OpSample] in
    let up = sizes.flatMap { orders(tied(type, $0), axis: 1, descending: false) }
    let down = [[3, 17], [33, 4]].flatMap { orders(tied(type, $0), axis: 0, descending: true) }
    return up + down
  }

  private static let specialSorts: [OpSample] = ElementType.numbers.flatMap { type -> [OpSample] in
    SampleOperand.specials(type).flatMap { list -> [OpSample] in
      let down = orders(list, axis: 0, descending: true)
      return type.isFloat ? orders(list, axis: 0, descending: false) + down : down
    }
  }

  private static let differentSorts: [OpSample] = [false, true].flatMap { descending -> [OpSample] in
    var samples = orderings(axis: 1, descending: descending).map {
      OpSample($0, SampleOperand(.f32, [2, 3, 4], .distinct))
    }
    samples += orders(SampleOperand(.f64, [1, 1, 1, 1, 1, 1, 1, 1]), axis: 0, descending: descending)
    samples += orders(SampleOperand(.f32, [2, 2, 5000]), axis: 2, descending: descending)
    samples += orders(SampleOperand(.i16, [5003], .uniform(-30000, 30000)), axis: 0, descending: descending)
    return samples
  }

  private static let sorts = plainSorts + specialSorts + differentSorts

  private static func top(_ count: Int, _ operand: SampleOperand, axis: Int, _ largest: Bool) -> OpSample {
    OpSample(TopK(Dimension(count), axis: axis, largest: largest), [operand], hasGradient: false)
  }

  private static func positions(_ count: Int, _ operand: SampleOperand, axis: Int, _ largest: Bool) -> OpSample {
    OpSample(ArgTopK(Dimension(count), axis: axis, largest: largest), [operand])
  }

  /// Lines of 100 and more are compared in vectors.
  private static let plainSelections: [OpSample] = allTypes.flatMap { type -> [OpSample] in
    var samples = [[3, 17], [5, 33], [2, 100], [1, 333], [4, 8], [0, 9]].flatMap { shape -> [OpSample] in
      [positions(4, tied(type, shape), axis: 1, true), positions(7, tied(type, shape), axis: 1, false)]
    }
    samples.append(positions(3, tied(type, [40, 5]), axis: 0, true))
    samples.append(positions(2, tied(type, [2, 30, 3]), axis: 1, false))
    return samples
  }

  private static let specialSelections: [OpSample] = ElementType.floats.flatMap { type -> [OpSample] in
    SampleOperand.specials(type).flatMap { [positions(7, $0, axis: 0, true), positions(7, $0, axis: 0, false)] }
  }

  private static let selections: [OpSample] =
    plainSelections + specialSelections + [
      OpSample(ArgTopK(0, axis: 0), SampleOperand(.f32, [5])),
      OpSample(ArgTopK(5, axis: 0), SampleOperand(.f32, [5], .distinct)),
      OpSample(ArgTopK(90, axis: 1), SampleOperand(.f32, [2, 700], .distinct)),
      OpSample(ArgTopK(3, axis: 0, largest: false), SampleOperand(.f64, [257], .distinct)),
      OpSample(TopK(6, axis: 1), SampleOperand(.f32, [3, 300], .distinct)),
    ]

  private static let plainTops: [OpSample] = allTypes.flatMap { type -> [OpSample] in
    [[3, 17], [5, 33], [2, 67], [7, 5], [13, 31], [0, 9]].flatMap { shape -> [OpSample] in
      [top(4, tied(type, shape), axis: 1, true), top(3, tied(type, shape), axis: 1, false)]
    }
  }

  private static let specialTops: [OpSample] = ElementType.floats.flatMap { type -> [OpSample] in
    SampleOperand.specials(type).flatMap { [top(7, $0, axis: 0, true), top(7, $0, axis: 0, false)] }
  }

  private static let tops: [OpSample] =
    plainTops + specialTops + [
      OpSample(TopK(2, axis: 0), SampleOperand(.f32, [5, 3], .distinct)),
      OpSample(TopK(4, axis: 1, largest: false), SampleOperand(.f64, [2, 7, 2], .distinct)),
      OpSample(TopK(0, axis: 0), SampleOperand(.f32, [5])),
      OpSample(TopK(5, axis: 0), SampleOperand(.f32, [5], .distinct)),
    ]

  private static func scans(exclusive: Bool, reverse: Bool, axis: Int) -> [any TensorOp] {
    [
      CumulativeSum(axis: axis, exclusive: exclusive, reverse: reverse),
      CumulativeProduct(axis: axis, exclusive: exclusive, reverse: reverse),
      CumulativeMax(axis: axis, exclusive: exclusive, reverse: reverse),
      CumulativeMin(axis: axis, exclusive: exclusive, reverse: reverse),
    ]
  }

  private static let plainScans: [OpSample] = ElementType.numbers.flatMap { type -> [OpSample] in
    var samples: [OpSample] = []
    for size in sizes {
      samples += scans(exclusive: false, reverse: false, axis: 1).map {
        OpSample($0, [data(type, size)], hasGradient: false)
      }
    }
    for (exclusive, reverse) in [(true, false), (false, true), (true, true)] {
      samples += scans(exclusive: exclusive, reverse: reverse, axis: 0).map {
        OpSample($0, [data(type, [3, 17])], hasGradient: false)
      }
    }
    return samples
  }

  private static let withZeros = SampleOperand(.f64, [3, 4], .list([1, -2, 3, 0.5, 2, 0, 3, 1.5, 0, 2, 0, -1]))
  private static let withNaN = SampleOperand(
    .f32, [2, 6], .list([1, .nan, 2, 3, -0.0, 1, 0, .infinity, 1, 2, -.infinity, 3]))

  private static let differentScans: [OpSample] = [false, true].flatMap { exclusive -> [OpSample] in
    [false, true].flatMap { reverse -> [OpSample] in
      scans(exclusive: exclusive, reverse: reverse, axis: 1).flatMap { op -> [OpSample] in
        let picks = op is CumulativeMax || op is CumulativeMin
        return [
          // The first of an exclusive one is infinite, and so are differences.
          OpSample(op, [SampleOperand(.f32, [2, 5, 3], .distinct)], hasGradient: !picks || !exclusive),
          OpSample(op, [withZeros], hasGradient: !picks),
          OpSample(op, [withNaN], hasGradient: false),
        ]
      }
    }
  }

  private static let long = SampleOperand(.i32, [70_001])

  private static let running: [OpSample] =
    plainScans + differentScans + [
      OpSample(CumulativeSum(axis: 0), [long], hasGradient: false),
      OpSample(CumulativeMax(axis: 0), [long], hasGradient: false),
      OpSample(CumulativeSum(axis: 0, exclusive: true, reverse: true), [long], hasGradient: false),
    ]

  private static let plainRecurrences: [OpSample] = ElementType.floats.flatMap { type -> [OpSample] in
    let forth = sizes.map { OpSample(LinearScan(axis: 1), [data(type, $0), data(type, $0)], hasGradient: false) }
    let back = [[3, 17], [33, 4]].map {
      OpSample(LinearScan(axis: 0, reverse: true), [data(type, $0), data(type, $0)], hasGradient: false)
    }
    return forth + back
  }

  private static let recurrences: [OpSample] =
    plainRecurrences
    + [false, true].flatMap { reverse -> [OpSample] in
      [
        OpSample(
          LinearScan(axis: 1, reverse: reverse), SampleOperand(.f32, [2, 5, 3]), SampleOperand(.f32, [2, 5, 3])),
        OpSample(LinearScan(axis: 0, reverse: reverse), SampleOperand(.f64, [7]), SampleOperand(.f64, [7])),
      ]
    }
}
