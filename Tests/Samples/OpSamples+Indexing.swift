import TensorIR
import TensorOps
import TestSupport

extension OpSamples {
  /// Ops that pick and put elements by index.
  static let indexing: [OpSample] =
    pickedSlices + pickedElements + pickedTuples + putElements + putTuples + putSlices + assigned

  static let allTypes: [ElementType] = ElementType.numbers + [.bool]

  /// Those in which values are combined in different ways: each width, each kind.
  private static let combiningTypes: [ElementType] = [.f32, .f64, .f16, .bf16, .i8, .u16, .i32, .i64, .u64, .bool]
  private static let combinations = ScatterReduction.allCases.filter { $0 != .replace }

  /// A tensor of any type.
  static func data(_ type: ElementType, _ shape: [Int]) -> SampleOperand {
    type == .f32 ? SampleOperand(.f32, shape) : SampleOperand(.f32, shape).with(type)
  }

  /// Indices of an axis of an extent, about half of them negative; the same in every run.
  static func indices(_ shape: [Int], of extents: [Int], _ type: ElementType = .i64) -> SampleOperand {
    var random = Mutations(seed: UInt64(shape.reduce(17) { $0 * 31 + $1 }))
    let list = (0..<shape.reduce(1, *)).map { place in
      let extent = extents[place % extents.count]
      return Double(Int.random(in: -extent..<extent, using: &random))
    }
    return SampleOperand(type, shape, .list(list))
  }

  /// Three extents, all different so that one kernel serves them all: none, primes, one past a vector.
  private static let triples = [
    [3, 5, 4], [2, 17, 5], [5, 33, 3], [13, 2, 7], [7, 4, 67], [0, 3, 2], [3, 2, 0], [17, 3, 11], [2, 67, 13],
    [4, 13, 17], [33, 5, 2], [6, 7, 3],
  ]

  /// Four, of which none is 2, the length of tuples.
  private static let quadruples = triples.map { triple -> [Int] in
    let three = triple.map { $0 == 2 ? 19 : $0 }
    return three + [[8, 9, 10, 12].first { !three.contains($0) } ?? 8]
  }

  private static func perType(_ make: (ElementType) -> [OpSample]) -> [OpSample] { allTypes.flatMap(make) }

  // MARK: Picking

  private static let pickedSlices: [OpSample] = perType { type in
    triples.flatMap { t in
      [
        OpSample(
          Gather(axis: 1), [data(type, [t[0], t[1]]), indices([t[2]], of: [t[1]])], hasGradient: type == .f32),
        OpSample(
          GatherGradient(axis: 0, extent: 5), [data(type, [t[2], t[1]]), indices([t[2]], of: [5])],
          hasGradient: type == .f32),
      ]
    } + [OpSample(Gather(axis: 0), [data(type, [5, 33]), indices([7], of: [5])], hasGradient: false)]
  }

  private static let pickedElements: [OpSample] =
    perType { type in
      triples.map { t in
        OpSample(
          GatherElements(axis: 1), [data(type, [t[0], t[1]]), indices([t[0], t[2]], of: [t[1]])],
          hasGradient: type == .f32)
      }
    }
    + [
      OpSample(GatherElements(axis: 0), SampleOperand(.f32, [5]), indices([7], of: [5], .i32)),
      OpSample(GatherElements(axis: 0), SampleOperand(.f32, [4, 3]), indices([6, 2], of: [4], .i32)),
      OpSample(GatherElements(axis: 1), SampleOperand(.f32, [2, 3, 4]), indices([2, 5, 3], of: [3])),
      OpSample(GatherElements(axis: 2), SampleOperand(.f32, [2, 3, 4]), indices([1, 2, 3], of: [4])),
      OpSample(GatherElements(axis: 0), SampleOperand(.f32, [1]), indices([1], of: [1])),
      OpSample(
        GatherElements(axis: 6), SampleOperand(.f32, [1, 2, 1, 2, 1, 1, 3, 2]),
        indices([1, 2, 1, 1, 1, 1, 4, 2], of: [3])),
    ]

  private static let pickedTuples: [OpSample] =
    perType { type in
      quadruples.map { q in
        OpSample(
          GatherND(), [data(type, [q[0], q[1], q[2]]), indices([q[3], 2], of: filled(q[0], q[1]))],
          hasGradient: type == .f32 && q.reduce(1, *) < 400, symbolic: Set(q))
      }.filter { !$0.operands[0].shape.prefix(2).contains(0) }
    }
    + [
      OpSample(GatherND(), SampleOperand(.f32, [3, 4]), indices([2, 0], of: [1])),
      OpSample(GatherND(), SampleOperand(.f32, [5]), indices([3, 1], of: [5], .i32)),
      OpSample(GatherND(), SampleOperand(.f32, [5, 4]), indices([1], of: [5])),
      OpSample(
        GatherND(), [SampleOperand(.f32, [3, 4, 5]), indices([6, 7, 3], of: [3, 4, 5])], symbolic: [4, 5, 6, 7]),
      OpSample(GatherND(batchDimensions: 1), SampleOperand(.f32, [3, 4, 5]), indices([3, 1], of: [4])),
      OpSample(
        GatherND(batchDimensions: 1), [SampleOperand(.f32, [3, 4, 5]), indices([3, 6, 2], of: [4, 5])],
        symbolic: [3, 4, 5, 6]),
      OpSample(GatherND(batchDimensions: 2), SampleOperand(.f32, [2, 3, 4, 5]), indices([2, 3, 1], of: [4], .i32)),
      OpSample(GatherND(), SampleOperand(.f32, [0, 3]), indices([0, 1], of: [1])),
    ] + zeroTuples

  /// The extents that tuples count in; those of axes without elements are not used.
  private static func filled(_ a: Int, _ b: Int) -> [Int] { [max(a, 1), max(b, 1)] }

  private static let zeroTuples = allTypes.flatMap { type in
    [[5, 7], [4, 9]].map { size in
      OpSample(
        GatherND(), [data(type, [3, size[0], size[1]]), indices([0, 2], of: [1])], hasGradient: false,
        symbolic: [3, 5, 7, 4, 9])
    }
  }

  // MARK: Putting

  private static let putElements: [OpSample] =
    perType { type in
      triples.map { t in
        scatterElements(type, .replace, [t[0], t[1]], [t[0], t[2]], axis: 1)
      }
    }
    + combinations.flatMap { reduction in
      combiningTypes.flatMap { type in
        [[3, 5, 4], [2, 3, 17]].map { t in
          scatterElements(type, reduction, [t[0], t[1]], [t[0], t[2]], axis: 1)
        }
      }
    }
    + [
      scatterElements(.f32, .replace, [5], [7], axis: 0),
      scatterElements(.f32, .add, [4, 3], [6, 2], axis: 0, .i32),
      scatterElements(.f32, .multiply, [2, 3, 4], [1, 5, 3], axis: 1),
      scatterElements(.f32, .maximum, [2, 3, 4], [2, 2, 3], axis: 2),
      scatterElements(.f32, .replace, [1, 2, 1, 2, 1, 1, 3, 2], [1, 2, 1, 1, 1, 1, 4, 2], axis: 6),
      scatterElements(.f32, .add, [0, 3], [0, 2], axis: 1),
      OpSample(
        ScatterElements(axis: 0, reduction: .multiply), SampleOperand(.f32, [4], .list([2, 0, 3, 0])),
        SampleOperand(.i64, [6], .list([0, 0, 1, 2, 2, -1])), SampleOperand(.f32, [6], .list([0, 3, 5, 0, 0, 7]))),
    ] + nanMeets

  /// NaN wherever it comes from, and signed zeros.
  private static let nanMeets = combinations.map { reduction in
    OpSample(
      ScatterElements(axis: 0, reduction: reduction),
      [
        SampleOperand(.f32, [5], .list([1, .nan, 2, -0.0, .infinity])),
        SampleOperand(.i64, [5], .list([0, 1, 0, 3, 4])), SampleOperand(.f32, [5], .list([.nan, 1, 5, 0, -1])),
      ], hasGradient: false)
  }

  private static func scatterElements(
    _ type: ElementType, _ reduction: ScatterReduction, _ shape: [Int], _ count: [Int], axis: Int,
    _ indexType: ElementType = .i64
  ) -> OpSample {
    OpSample(
      ScatterElements(axis: axis, reduction: reduction),
      [
        target(type, shape, reduction), indices(count, of: [max(shape[axis], 1)], indexType),
        data(type, count),
      ], hasGradient: type == .f32)
  }

  /// What values are put into: all different, and apart from them, where the greatest or the least takes the gradient.
  private static func target(_ type: ElementType, _ shape: [Int], _ reduction: ScatterReduction) -> SampleOperand {
    let picks = reduction == .maximum || reduction == .minimum
    return type == .f32 && picks ? SampleOperand(.f32, shape, .distinct) : data(type, shape)
  }

  private static let putTuples: [OpSample] =
    perType { type in
      quadruples.filter { !$0.prefix(2).contains(0) }.map { q in
        scatterTuples(type, .replace, [q[0], q[1], q[2]], [q[3], 2])
      } + [[5, 6, 7, 0], [7, 3, 4, 0]].map { q in scatterTuples(type, .replace, [q[0], q[1], q[2]], [q[3], 2]) }
    }
    + combinations.flatMap { reduction in
      combiningTypes.flatMap { type in
        [scatterTuples(type, reduction, [3, 4, 5], [9, 2]), scatterTuples(type, reduction, [3, 4, 17], [11, 2])]
      }
    }
    + [
      scatterTuples(.f32, .replace, [5], [7, 1]),
      scatterTuples(.f32, .add, [3, 4], [2, 0]),
      scatterTuples(.f32, .add, [], [3, 0]),
      scatterTuples(.f32, .add, [5, 4], [1]),
      scatterTuples(.f32, .multiply, [3, 4, 5], [6, 3]),
      scatterTuples(.f32, .replace, [3, 4, 5], [3, 6, 1], batch: 1),
      scatterTuples(.f32, .add, [3, 4, 5], [3, 7, 2], batch: 1),
      scatterTuples(.f32, .minimum, [2, 3, 4], [2, 3, 1], batch: 2),
    ]

  private static func scatterTuples(
    _ type: ElementType, _ reduction: ScatterReduction, _ shape: [Int], _ tuples: [Int], batch: Int = 0
  ) -> OpSample {
    let picked = tuples[tuples.count - 1]
    let count = tuples.dropLast() + shape.dropFirst(batch + picked)
    let extents = shape.dropFirst(batch).prefix(picked).map { max($0, 1) }
    return OpSample(
      ScatterND(reduction: reduction, batchDimensions: batch),
      [
        target(type, shape, reduction), indices(tuples, of: extents), data(type, Array(count)),
      ], hasGradient: type == .f32, symbolic: Set(shape + tuples).subtracting([picked]))
  }

  private static let putSlices: [OpSample] =
    perType { type in triples.map { t in scatterSlices(type, .replace, [t[0], t[1], 3], [t[2]], axis: 1) } }
    + combinations.flatMap { reduction in
      combiningTypes.flatMap { type in
        [
          scatterSlices(type, reduction, [2, 5, 3], [4], axis: 1),
          scatterSlices(type, reduction, [2, 3, 17], [7], axis: 1),
        ]
      }
    }
    + [
      scatterSlices(.f32, .add, [5], [7], axis: 0),
      scatterSlices(.f32, .replace, [4, 3], [2, 5], axis: 0, .i32),
      scatterSlices(.f32, .add, [4, 3], [], axis: 1),
      scatterSlices(.f32, .maximum, [2, 3, 4], [5], axis: 2),
      scatterSlices(.f32, .multiply, [0, 3], [2], axis: 1),
    ]

  private static func scatterSlices(
    _ type: ElementType, _ reduction: ScatterReduction, _ shape: [Int], _ count: [Int], axis: Int,
    _ indexType: ElementType = .i64
  ) -> OpSample {
    let all = shape.prefix(axis) + count + shape.dropFirst(axis + 1)
    return OpSample(
      ScatterSlices(axis: axis, reduction: reduction),
      [
        target(type, shape, reduction), indices(count, of: [max(shape[axis], 1)], indexType),
        data(type, Array(all)),
      ], hasGradient: type == .f32)
  }

  private static let assigned: [OpSample] =
    perType { type in
      [
        [3, 5, 2, 4], [7, 17, 4, 13], [17, 33, 5, 32], [9, 67, 3, 66], [4, 8, 3, 0], [5, 8, 0, 3], [6, 3, 5, 2],
        [11, 13, 9, 12], [3, 19, 2, 17], [2, 5, 1, 4], [13, 4, 11, 3], [5, 4, 4, 1],
      ].map { t in
        OpSample(
          SliceAssign(starts: [1, 1], steps: [1, 1]), [data(type, [t[0], t[1]]), data(type, [t[2], t[3]])],
          hasGradient: type == .f32)
      }
    }
    + [
      OpSample(
        SliceAssign(starts: [4, 1], steps: [-2, 3]), SampleOperand(.f32, [5, 7]), SampleOperand(.f32, [3, 2])),
      OpSample(
        SliceAssign(starts: [0, 6], steps: [2, -1]), SampleOperand(.f32, [5, 7]), SampleOperand(.f32, [3, 6])),
      OpSample(SliceAssign(starts: [8], steps: [-3]), SampleOperand(.f32, [10]), SampleOperand(.f32, [3])),
      OpSample(SliceAssign(starts: [1], steps: [4]), SampleOperand(.i32, [10]), SampleOperand(.i32, [3])),
      OpSample(SliceAssign(starts: [], steps: []), SampleOperand(.f32, []), SampleOperand(.f32, [])),
      OpSample(
        SliceAssign(starts: [0, 0], steps: [1, 1]), SampleOperand(.f32, [3, 4]), SampleOperand(.f32, [3, 4])),
      OpSample(
        SliceAssign(starts: [0, 0], steps: [1, 1]), SampleOperand(.f32, [0, 4]), SampleOperand(.f32, [0, 3])),
      OpSample(SliceAssign(starts: [5000], steps: [-3]), SampleOperand(.f32, [9000]), SampleOperand(.f32, [1500])),
      OpSample(SliceAssign(starts: [100], steps: [3]), SampleOperand(.f32, [9000]), SampleOperand(.f32, [2900])),
      OpSample(SliceAssign(starts: [100], steps: [1]), SampleOperand(.f32, [9000]), SampleOperand(.f32, [8000])),
    ]
}
