import TensorIR
import TensorOps

extension OpSamples {
  /// Windows laid side by side, places in windows, transposed and deformable convolutions.
  static let blocked: [OpSample] = unfolded + places + transposed + deformed + detached

  private static let blocks: [(window: Window, shape: [Int])] = [
    (Window(kernel: [3]), [2, 3, 7]), (Window(kernel: [2], strides: [2]), [1, 2, 6]),
    (Window(kernel: [2, 2], strides: [2, 1]), [1, 2, 5, 4]), (Window(kernel: [4]), [17]),
    (Window(kernel: [3, 2], strides: [2, 1], before: [1, 0], after: [1, 1], dilations: [1, 2]), [2, 2, 5, 4]),
    (Window(kernel: [3, 3], strides: [2, 2], before: [1, 1], after: [0, 0], ceilMode: true), [1, 2, 4, 6]),
  ]

  private static let unfolded: [OpSample] = allTypes.flatMap { type -> [OpSample] in
    blocks.flatMap { window, shape -> [OpSample] in
      let lead = shape.count - window.kernel.count
      let outputs = Array(window.outputSizes([1, 1] + shape[lead...]).dropFirst(2))
      let all = shape[..<lead] + window.kernel + outputs
      let unfold = OpSample(Unfold(window), [data(type, shape)], hasGradient: type == .f32)
      return type == .bool
        ? [unfold]
        : [
          unfold,
          OpSample(
            Fold(window, sizes: shape[lead...].map { Dimension($0) }), [data(type, Array(all))],
            hasGradient: type == .f32, symbolic: []),
        ]
    }
  }

  private static let places: [OpSample] = ElementType.numbers.flatMap { type in
    blocks.filter { $0.shape.count == $0.window.kernel.count + 2 }.flatMap { window, shape -> [OpSample] in
      let x = SampleOperand(type, shape, .distinct)
      let most = Double(window.kernel.reduce(1, *))
      let taps = SampleOperand(.i32, window.outputSizes(shape), .uniform(-1, most))
      return [
        OpSample(MaxPoolIndices(window), [x], hasGradient: false),
        OpSample(MaxPoolIndices(window, overAll: true), [x], hasGradient: false),
        OpSample(MaxPoolIndices(window, overAll: true, columnMajor: true), [x], hasGradient: false),
        OpSample(TapValues(window), [data(type, shape), taps], hasGradient: type == .f32),
      ]
    }
  }

  private static let transposed: [OpSample] = ElementType.floats.flatMap { type -> [OpSample] in
    let gradient = type == .f32
    func sample(_ op: TransposedConvolution, _ x: [Int], _ w: [Int], bias: Int? = nil) -> OpSample {
      let operands = [data(type, x), data(type, w)] + (bias.map { [data(type, [$0])] } ?? [])
      return OpSample(op, operands, hasGradient: gradient, symbolic: op.groups == 1 ? nil : [1, 2, 3])
    }
    let ones = [1, 1], zeros = [0, 0]
    func plane(
      _ strides: [Int], _ before: [Int], _ after: [Int], dilations: [Int] = [1, 1], output: [Int] = [0, 0],
      groups: Int = 1
    ) -> TransposedConvolution {
      TransposedConvolution(
        strides: strides, before: before, after: after, dilations: dilations, outputPadding: output, groups: groups)
    }
    func line(_ stride: Int, _ padding: Int, dilation: Int = 1, output: Int = 0) -> TransposedConvolution {
      TransposedConvolution(
        strides: [stride], before: [padding], after: [padding], dilations: [dilation], outputPadding: [output],
        groups: 1)
    }
    return [
      sample(plane(ones, zeros, zeros), [1, 2, 3, 4], [2, 3, 2, 2]),
      sample(plane([2, 2], [1, 1], [1, 1], output: [1, 1]), [1, 2, 3, 2], [2, 2, 3, 3], bias: 2),
      sample(plane([2, 1], [0, 1], [1, 0], dilations: [1, 2]), [2, 2, 2, 3], [2, 1, 2, 2]),
      sample(plane([2, 2], zeros, zeros, groups: 2), [1, 4, 2, 3], [4, 2, 2, 2], bias: 4),
      sample(plane([1, 3], zeros, zeros, output: [0, 1]), [1, 1, 2, 2], [1, 2, 1, 2]),
      sample(plane(ones, [1, 1], [1, 1]), [0, 2, 3, 3], [2, 2, 3, 3]),
      sample(line(1, 0), [2, 3, 5], [3, 2, 3]),
      sample(line(2, 1, output: 1), [1, 2, 4], [2, 3, 3], bias: 3),
      sample(line(3, 0, dilation: 2), [1, 1, 7], [1, 2, 2]),
      sample(line(2, 0), [1, 5, 17], [5, 4, 4]),
      sample(
        TransposedConvolution(
          strides: [2, 1, 2], before: [0, 1, 0], after: [0, 1, 0], dilations: ones + [1], outputPadding: zeros + [1],
          groups: 1), [1, 2, 2, 2, 2], [2, 1, 2, 3, 2]),
      sample(plane([2, 2], zeros, zeros), [1, 3, 1, 1], [3, 2, 1, 1]),
    ]
  }

  private static let deformed: [OpSample] = ElementType.floats.flatMap { type -> [OpSample] in
    let small = SampleOperand.Values.uniform(-0.9, 0.9)
    func sample(
      _ op: DeformableConvolution, _ x: [Int], _ w: [Int], out: [Int], mask: Bool, bias: Bool
    ) -> OpSample {
      let taps = op.offsetGroups * w[2] * w[3]
      return OpSample(
        op,
        [
          data(type, x), data(type, w), SampleOperand(type, [x[0], 2 * taps] + out, small),
          mask ? SampleOperand(type, [x[0], taps] + out, .uniform(0, 1)) : .absent,
          bias ? data(type, [w[0]]) : .absent,
        ], hasGradient: false, symbolic: [])
    }
    return [(false, false), (true, false), (false, true), (true, true)].flatMap { mask, bias in
      [
        sample(DeformableConvolution(), [1, 2, 4, 4], [2, 2, 2, 2], out: [3, 3], mask: mask, bias: bias),
        sample(
          DeformableConvolution(
            strides: [2, 1], before: [1, 1], after: [1, 0], dilations: [1, 2], groups: 2, offsetGroups: 2),
          [1, 4, 5, 5], [4, 2, 3, 2], out: [3, 4], mask: mask, bias: bias),
        sample(
          DeformableConvolution(before: [1, 1], after: [1, 1]), [2, 1, 3, 3], [1, 1, 3, 3], out: [3, 3], mask: mask,
          bias: bias),
      ]
    }
  }

  private static let detached: [OpSample] = allTypes.flatMap { type in
    [[], [0], [1], [7], [17], [33], [3, 5], [2, 0, 3], [3, 17], [67], [1, 1, 1, 2], [1, 2, 1, 2, 1, 1, 3, 1]].map {
      OpSample(StopGradient(), [data(type, $0)], hasGradient: false)
    }
  }
}
