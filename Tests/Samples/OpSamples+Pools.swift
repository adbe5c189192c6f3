import TensorIR
import TensorOps

extension OpSamples {
  /// Rows of pools that take more than a vector between their margins, or have nothing between them.
  static let pools: [OpSample] =
    wide.flatMap { window, shape -> [OpSample] in
      let x = SampleOperand(.f32, shape, .distinct)
      return [
        OpSample(MaxPool(window), [x], hasGradient: false),
        OpSample(MaxPoolTaps(window), [x], hasGradient: false),
        OpSample(AveragePool(window), [x], hasGradient: false),
        OpSample(AveragePool(window, countIncludePad: true), [x], hasGradient: false),
      ]
    }
    + types.flatMap { type, values -> [OpSample] in
      wide.prefix(3).flatMap { window, shape -> [OpSample] in
        let x = SampleOperand(type, shape, values)
        let average = OpSample(AveragePool(window), [x], hasGradient: false)
        return [OpSample(MaxPool(window), [x], hasGradient: false)] + (type.isFloat ? [average] : [])
      }
    }
    + wide.prefix(2).map { window, shape in
      let special = [0, -.infinity, 1.5, -0.0, .nan, 3, .infinity, -2]
      let values = (0..<shape.reduce(1, *)).map { $0 % 3 == 0 ? special[($0 / 3) % special.count] : -1 }
      return OpSample(MaxPool(window), [SampleOperand(.f32, shape, .list(values))], hasGradient: false)
    }

  private static let types: [(ElementType, SampleOperand.Values)] = [
    (.f64, .uniform(-2, 2)), (.f16, .uniform(-2, 2)), (.bf16, .uniform(-2, 2)), (.i32, .uniform(-99, 99)),
    (.i64, .uniform(-99, 99)), (.i16, .uniform(-99, 99)), (.u8, .uniform(0, 99)), (.u32, .uniform(0, 99)),
  ]

  private static let wide: [(window: Window, shape: [Int])] = [
    (square(3, stride: 1, padding: 1), [1, 2, 5, 37]),
    (square(3, stride: 2, padding: 1), [2, 1, 5, 41]),
    (square(2, stride: 2, padding: 0), [1, 2, 4, 34]),
    (Window(kernel: [3, 3], strides: [2, 2], before: [1, 1], after: [1, 1], ceilMode: true), [1, 1, 4, 40]),
    (Window(kernel: [1, 5], before: [0, 6], after: [0, 6], dilations: [1, 3]), [1, 1, 2, 53]),
    (Window(kernel: [3], strides: [3]), [1, 2, 55]),
    (Window(kernel: [3], strides: [2], before: [0], after: [2]), [1, 2, 35]),
    (
      Window(kernel: [2, 3, 3], strides: [1, 1, 2], before: [1, 1, 1], after: [0, 1, 1]), [1, 1, 2, 3, 37]
    ),
    (Window(kernel: [5, 7], before: [2, 3], after: [2, 3]), [1, 1, 6, 43]),
    (Window(kernel: [18], before: [3], after: [3]), [1, 1, 57]),
    (Window(kernel: [7], before: [6], after: [6]), [1, 2, 5]),
    (Window(kernel: [3, 1], before: [2, 0], after: [2, 0]), [1, 1, 1, 19]),
    (Window(kernel: [2, 2], strides: [1, 2], ceilMode: true), [1, 1, 3, 19]),
  ]

  private static func square(_ kernel: Int, stride: Int, padding: Int) -> Window {
    Window(
      kernel: [kernel, kernel], strides: [stride, stride], before: [padding, padding], after: [padding, padding])
  }
}
