import TensorIR
import TensorOps

extension OpSamples {
  private static let all1And2And3: [(window: Window, shape: [Int])] = [
    (Window(kernel: [3]), [2, 3, 7]),
    (Window(kernel: [3], strides: [2], before: [1], after: [1], ceilMode: true), [1, 2, 6]),
    (Window(kernel: [2, 2], strides: [2, 2]), [1, 3, 5, 4]),
    (
      Window(kernel: [3, 2], strides: [2, 1], before: [1, 0], after: [1, 1], dilations: [1, 2]), [2, 2, 5, 4]
    ),
    (
      Window(kernel: [3, 3], strides: [2, 2], before: [1, 1], after: [0, 0], ceilMode: true), [1, 2, 4, 6]
    ),
    (
      Window(kernel: [2, 1, 2], strides: [1, 2, 2], before: [0, 0, 1], after: [1, 0, 0]), [1, 2, 3, 3, 4]
    ),
    (Window(kernel: [2]), [0, 3, 4]),
  ]

  static let windows: [OpSample] = all1And2And3.flatMap { window, shape -> [OpSample] in
    let symbolic = shape.map { Dimension($0) }
    let output = window.outputSizes(shape)
    let taps = SampleOperand(.i32, output, .uniform(0, Double(window.kernel.reduce(1, *) - 1)))
    let x = SampleOperand(.f32, shape, .distinct)
    return [
      OpSample(MaxPool(window), x),
      OpSample(MaxPool(window), SampleOperand(.i32, shape, .distinct)),
      OpSample(MaxPoolTaps(window), x),
      OpSample(
        MaxPoolGradient(window, shape: symbolic), SampleOperand(.f32, output), taps, hasGradient: false),
      OpSample(AveragePool(window), x),
      OpSample(AveragePool(window, countIncludePad: true), x),
      OpSample(
        AveragePoolGradient(window, countIncludePad: false, shape: symbolic), SampleOperand(.f32, output)),
      OpSample(
        AveragePoolGradient(window, countIncludePad: true, shape: symbolic), SampleOperand(.f32, output)),
    ]
  }
}

extension Window {
  /// The extents of the result, counted rather than computed.
  func outputSizes(_ shape: [Int]) -> [Int] {
    shape.prefix(2)
      + kernel.indices.map { axis in
        let (extent, span) = (shape[axis + 2], (kernel[axis] - 1) * dilations[axis] + 1)
        var count = 0
        while true {
          let start = count * strides[axis] - before[axis]
          let fits = start + span <= extent + after[axis]
          let reaches = ceilMode && start + span - strides[axis] < extent + after[axis] && start < extent
          if !fits && !reaches { return count }
          count += 1
        }
      }
  }
}
