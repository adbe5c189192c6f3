import TensorIR
import TensorOps

extension OpSamples {
  /// What other lists leave with too few samples, or with attributes at one value.
  static let more: [OpSample] =
    otherAttributes + made + broadcasts + reshapes + gathers + pooled + layers + tables

  private static let line = SampleOperand(.f32, [17])

  private static let otherAttributes: [OpSample] = [
    OpSample(Elu(alpha: 0.5), line), OpSample(LeakyRelu(alpha: 0.25), line),
    OpSample(HardSigmoid(alpha: 0.2, beta: 0.5), line),
    OpSample(AllTrue(axes: [1], keepAxes: true), SampleOperand(.bool, [3, 5], .uniform(0, 1))),
    OpSample(AnyTrue(axes: [1], keepAxes: true), SampleOperand(.bool, [3, 5], .uniform(0, 1))),
  ]

  private static let shapes: [[Int]] = [
    [], [0], [1], [7], [17], [33], [3, 5], [2, 0, 3], [3, 17], [67], [1, 2, 1, 3], [5, 1], [2, 3, 5],
  ]

  /// Those without operands.
  private static let made: [OpSample] =
    shapes.flatMap { shape -> [OpSample] in
      let extents = shape.map { Dimension($0) }
      var samples = [OpSample(Full(shape.count == 1 ? 1 : 0, .f32, extents), [])]
      samples.append(OpSample(Constant(OpSample(Copy(), SampleOperand(.f32, shape)).values[0].literal), []))
      if let last = shape.indices.last { samples.append(OpSample(Iota(.f32, extents, axis: last), [])) }
      if !shape.contains(0) && shape.count < 3 {
        let count = shape.reduce(1, *)
        samples.append(OpSample(DimensionValues((0..<count).map { Dimension($0 * 3 + 1) }, shape), []))
      }
      // Below a KiB: what is larger stands beside the text.
      let literal = OpSample(Copy(), SampleOperand(.f32, [2, shape.count + 1, 3, min(max(shape.first ?? 1, 1), 10)]))
        .values[0]
      if let packed = PackedConstant(literal.literal, .channelsLast(rank: 4)) { samples.append(OpSample(packed, [])) }
      return samples
    } + [
      OpSample(DimensionValues([2, 4, 6], [3]), []), OpSample(DimensionValues([9, 8], [2, 1]), []),
      OpSample(DimensionValues([0], [1, 1]), []), OpSample(DimensionValues([1, 2, 3, 4], [2, 2]), []),
      OpSample(Iota(.f32, [5, 3], axis: 0), []),
    ]
    + [[1, 17, 2, 3], [2, 4, 1, 5], [3, 4, 2, 5], [1, 9, 1, 7]].compactMap { shape in
      let literal = OpSample(Copy(), SampleOperand(.f32, shape)).values[0].literal
      return PackedConstant(literal, .channelsLast(rank: 4)).map { OpSample($0, []) }
    }

  private static let broadcasts: [OpSample] = [
    ([1], [7]), ([], [5]), ([1, 5], [3, 5]), ([3, 1], [3, 17]), ([1, 1], [2, 3]), ([1, 3, 1], [2, 3, 4]), ([1], [33]),
    ([2, 1], [2, 1]), ([], [2, 3, 2]), ([1, 67], [2, 67]), ([5], [4, 5]), ([1], [1, 0]),
    ([1, 2, 1, 2, 1, 1, 1, 1], [3, 2, 1, 2, 1, 2, 1, 2]),
  ].map { (from: [Int], to: [Int]) -> OpSample in
    OpSample(BroadcastTo(to.map { Dimension($0) }), SampleOperand(.f32, from))
  }

  private static let reshapes: [OpSample] = [
    ([6], [2, 3]), ([2, 3], [6]), ([3, 4], [2, 6]), ([0, 3], [3, 0]), ([1], []), ([], [1, 1]), ([17], [1, 17]),
    ([2, 3, 5], [5, 6]), ([33], [3, 11]), ([4, 6], [2, 2, 6]), ([2, 2, 2, 2, 2, 2, 2, 2], [16, 16]), ([7, 1], [7]),
  ].map { (from: [Int], to: [Int]) -> OpSample in
    OpSample(Reshape(to.map { Dimension($0) }), SampleOperand(.f32, from))
  }

  private static let gathers: [OpSample] = [
    ([5, 3], 0, [4]), ([3, 5], 1, [7]), ([2, 4, 3], 1, [2, 2]), ([7], 0, [5]), ([4, 17], 0, [3]), ([17, 4], 0, [33]),
    ([3, 33], 1, [2]), ([6, 2], 0, []), ([3, 2], 1, [0]), ([2, 3, 2], 2, [5]), ([1, 5], 0, [3]), ([9, 67], 0, [2]),
  ].flatMap { (shape: [Int], axis: Int, count: [Int]) -> [OpSample] in
    let picked = Array(shape[..<axis]) + count + Array(shape[(axis + 1)...])
    let places = indices(count, of: [shape[axis]])
    return [
      OpSample(Gather(axis: axis), SampleOperand(.f32, shape), places),
      OpSample(
        GatherGradient(axis: axis, extent: Dimension(shape[axis])), SampleOperand(.f32, picked), places),
    ]
  }

  /// More windows for the ops that take something else than a tensor of any shape.
  private static let pooled: [OpSample] = [
    (Window(kernel: [2]), [1, 1, 5]), (Window(kernel: [3], strides: [3]), [2, 1, 9]),
    (Window(kernel: [2], before: [1], after: [1]), [1, 3, 4]), (Window(kernel: [4], strides: [2]), [1, 1, 17]),
    (Window(kernel: [1, 3]), [1, 1, 2, 7]), (Window(kernel: [2, 2], dilations: [2, 1]), [1, 2, 5, 3]),
    (Window(kernel: [3], strides: [2], ceilMode: true), [1, 2, 8]),
  ].flatMap { (window: Window, shape: [Int]) -> [OpSample] in
    let (output, spatial) = (window.outputSizes(shape), shape.dropFirst(2))
    let count = Double(window.kernel.reduce(1, *))
    let taps = SampleOperand(.i32, output, .uniform(0, count - 1))
    let blocks = Array(shape[..<2]) + window.kernel + output.dropFirst(2)
    return [
      OpSample(
        MaxPoolGradient(window, shape: shape.map { Dimension($0) }), SampleOperand(.f32, output), taps,
        hasGradient: false),
      OpSample(TapValues(window), SampleOperand(.f32, shape), taps),
      OpSample(
        Fold(window, sizes: spatial.map { Dimension($0) }), [SampleOperand(.f32, blocks)], symbolic: []),
    ]
  }

  private static let layers: [OpSample] = {
    let (steps, batch, hidden, width) = (3, 2, 4, 2)
    func operands(_ gates: Int) -> [SampleOperand] {
      [
        SampleOperand(.f32, [steps, batch, width]), SampleOperand(.f32, [1, gates * hidden, width]),
        SampleOperand(.f32, [1, gates * hidden, hidden], .uniform(-0.5, 0.5)),
      ] + Array(repeating: .absent, count: gates == 4 ? 5 : 3)
    }
    let sequence = [
      SampleOperand(.f32, [steps, batch, 16]), SampleOperand(.f32, [1, 1, hidden, 16], .uniform(-0.5, 0.5)), .absent,
      .absent, .absent, .absent,
    ]
    return [
      OpSample(Lstm(hidden: hidden), operands(4), hasGradient: false, symbolic: [steps]),
      OpSample(Gru(hidden: hidden), operands(3), hasGradient: false, symbolic: [steps]),
      OpSample(Rnn(hidden: hidden), operands(1), hasGradient: false, symbolic: [steps]),
      OpSample(RecurrentSequence(.rnn, .forward, hidden: hidden), sequence, hasGradient: false, symbolic: [steps]),
      OpSample(
        GatePanels(hidden: 3, first: 0, count: 1, gates: 2), [SampleOperand(.f32, [1, 6])], hasGradient: false,
        symbolic: []),
      OpSample(
        GatePanels(hidden: 4, first: 1, count: 1, gates: 2), [SampleOperand(.f32, [2, 8])], hasGradient: false,
        symbolic: []),
    ]
  }()

  private static let tables: [OpSample] =
    [([6, 2], 0), ([2, 7], 1), ([9], 0), ([1, 4, 2], 1), ([5, 1], 0), ([2, 2, 5], 2)].flatMap {
      (shape: [Int], axis: Int) -> [OpSample] in
      let places = SampleOperand(.i64, [4, 3], .list((0..<12).map { Double($0 * 5 % (shape[axis] + 1)) }))
      let weights = SampleOperand(.f32, [4, 3])
      var moved = shape
      moved[axis] = 4
      return [
        OpSample(Resample(axis: axis), SampleOperand(.f32, shape), places, weights),
        OpSample(
          ResampleGradient(axis: axis, extent: Dimension(shape[axis])), SampleOperand(.f32, moved), places, weights),
      ]
    }
    + [([2, 2, 5], 7), ([1, 3, 9], 2), ([3, 1, 2], 6), ([1, 1, 33], 17), ([2, 3, 4], 1), ([1, 2, 6], 9)].flatMap {
      (shape: [Int], count: Int) -> [OpSample] in
      let list = (0..<shape[0] * count).map { Double(($0 * 3) % (shape[2] + 1)) }
      let places = SampleOperand(.i64, [shape[0], count], .list(list))
      return [
        OpSample(GatherPlanes(), SampleOperand(.f32, shape), places),
        OpSample(
          GatherPlanesGradient(extent: Dimension(shape[2])), SampleOperand(.f32, [shape[0], shape[1], count]), places),
      ]
    }
    + [
      OpSample(SliceGradient(starts: [1], steps: [2], shape: [9]), SampleOperand(.f32, [4])),
      OpSample(SliceGradient(starts: [3, 0], steps: [-1, 1], shape: [5, 3]), SampleOperand(.f32, [2, 3])),
    ]
}
