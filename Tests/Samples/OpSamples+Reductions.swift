import TensorIR
import TensorOps

extension OpSamples {
  /// An op over several choices of axes; `make` gets the axes and whether they stay.
  private static func reduced(
    _ values: SampleOperand.Values, _ types: [ElementType] = [.f32, .f64],
    _ make: ([Int], Bool) -> any TensorOp
  ) -> [OpSample] {
    let cases: [(shape: [Int], axes: [Int])] = [
      ([17], [0]), ([3, 5], [0]), ([3, 5], [1]), ([2, 3, 5], [0, 2]), ([2, 3, 5], [0, 1, 2]), ([3], []),
      ([], []),
      ([0, 3], [1]), ([1, 1], [0]),
    ]
    return types.flatMap { type in
      cases.map { OpSample(make($0.axes, type == .f32), SampleOperand(type, $0.shape, values)) }
    }
  }

  private static let ofNothing: [OpSample] = [
    OpSample(Sum(axes: [0]), SampleOperand(.f32, [0, 3])),
    OpSample(Product(axes: [0]), SampleOperand(.i32, [0, 3])),
    OpSample(Max(axes: [0]), SampleOperand(.f32, [0, 3])),
    OpSample(Min(axes: [0]), SampleOperand(.i8, [0, 3])),
    OpSample(Max(axes: [1]), SampleOperand(.i64, [2, 0])),
    OpSample(AllTrue(axes: [0]), SampleOperand(.bool, [0])),
    OpSample(AnyTrue(axes: [0]), SampleOperand(.bool, [0])),
    OpSample(Product(axes: [1]), SampleOperand(.f64, [3, 3], .list([0, 2, 3, 0, 0, 5, 1, 2, 3]))),
  ]

  private static let places: [OpSample] = [true, false].flatMap { last in
    [
      OpSample(ArgMax(axis: 1, selectLast: last), SampleOperand(.f32, [3, 17], .uniform(-2, 2))),
      OpSample(
        ArgMax(axis: 0, keepAxes: true, selectLast: last), SampleOperand(.i32, [7, 3], .uniform(-1, 1))),
      OpSample(ArgMin(axis: 0, selectLast: last), SampleOperand(.i32, [7], .uniform(-1, 1))),
      OpSample(ArgMin(axis: 1, keepAxes: true, selectLast: last), SampleOperand(.f64, [2, 3, 2], .distinct)),
      OpSample(ArgMax(axis: 0, selectLast: last), SampleOperand(.f32, [4], .list([1, .nan, 2, .nan]))),
      OpSample(ArgMin(axis: 1, selectLast: last), SampleOperand(.f32, [0, 2])),
    ]
  }

  static let reductions: [OpSample] =
    reduced(.uniform(-2, 2)) { Sum(axes: $0, keepAxes: $1) }
    + reduced(.uniform(-2, 2)) { Product(axes: $0, keepAxes: $1) }
    + reduced(.uniform(-2, 2)) { Mean(axes: $0, keepAxes: $1) }
    + reduced(.distinct) { Max(axes: $0, keepAxes: $1) }
    + reduced(.distinct) { Min(axes: $0, keepAxes: $1) }
    + reduced(.uniform(-3, 3), [.i32]) { Sum(axes: $0, keepAxes: $1) }
    + reduced(.uniform(0, 1), [.bool]) { AllTrue(axes: $0, keepAxes: $1) }
    + reduced(.uniform(0, 1), [.bool]) { AnyTrue(axes: $0, keepAxes: $1) } + ofNothing + places

  private static let channels = SampleOperand(.f64, [3], .uniform(0.5, 2))

  static let normalisation: [OpSample] = [
    OpSample(Softmax(axis: 1), SampleOperand(.f32, [3, 17])),
    OpSample(Softmax(axis: 0), SampleOperand(.f64, [3, 2])),
    OpSample(Softmax(axis: 0), SampleOperand(.f32, [0])),
    OpSample(Softmax(axis: 1), SampleOperand(.f16, [2, 5])),
    OpSample(LogSoftmax(axis: 1), SampleOperand(.f32, [3, 17])),
    OpSample(LogSoftmax(axis: 0), SampleOperand(.f64, [3, 2, 2])),
    OpSample(
      LayerNorm(axis: 1), SampleOperand(.f32, [3, 5]), SampleOperand(.f32, [5]), SampleOperand(.f32, [5])),
    OpSample(LayerNorm(axis: 1, epsilon: 0.1), SampleOperand(.f64, [2, 3, 2]), SampleOperand(.f64, [3, 1])),
    OpSample(LayerNorm(axis: 0), SampleOperand(.f32, [7]), SampleOperand(.f32, []), SampleOperand(.f32, [7])),
    OpSample(BatchNorm(), SampleOperand(.f64, [2, 3, 2, 2]), channels, channels, channels, channels),
    OpSample(BatchNorm(epsilon: 0.1), SampleOperand(.f64, [2, 3]), channels, channels, channels, channels),
  ]
}
