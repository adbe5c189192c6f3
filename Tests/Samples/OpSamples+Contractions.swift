import TensorIR
import TensorOps

extension OpSamples {
  private static func product(
    _ type: ElementType, _ a: [Int], _ b: [Int], _ left: Bool = false, _ right: Bool = false
  ) -> OpSample {
    let range = SampleOperand.Values.uniform(type.isFloat || type.isSigned ? -2 : 0, 2)
    return OpSample(
      Matmul(transposeLeft: left, transposeRight: right), SampleOperand(type, a, range),
      SampleOperand(type, b, range))
  }

  private static let matrices: [OpSample] =
    ([.f32, .f64, .f16, .bf16, .i8, .i32, .i64, .u8] as [ElementType]).flatMap {
      [product($0, [5, 7], [7, 3]), product($0, [17, 5], [33, 17], true, true)]
    } + [
      product(.f32, [7, 5], [7, 33], true), product(.f32, [1, 17], [3, 17], false, true),
      product(.f32, [5, 0], [0, 7]),
      product(.f32, [2, 1, 3, 4], [5, 4, 6]), product(.f64, [2, 4, 3], [4, 6], true),
      product(.f32, [0, 3], [3, 2]),
      product(.i32, [2, 3, 4], [2, 4, 5]),
    ]

  private static func attention(
    _ type: ElementType, _ q: [Int], _ k: [Int], _ v: [Int], bias: [Int]? = nil, mask: [Int]? = nil,
    scale: Double = 0.5, hidden: Double = -1e9, causal: Bool = false
  ) -> OpSample {
    var operands = [q, k, v].map { SampleOperand(type, $0) }
    if let bias { operands.append(SampleOperand(type, bias)) }
    if let mask { operands += (bias == nil ? [.absent] : []) + [SampleOperand(.bool, mask)] }
    return OpSample(Attention(scale: scale, hidden: hidden, causal: causal), operands)
  }

  /// One block of keys and several, whole and cut; one query and many; operands that repeat.
  private static let attentions: [OpSample] =
    ([.f32, .f64, .f16, .bf16] as [ElementType]).map { attention($0, [2, 7, 5], [2, 9, 5], [2, 9, 3]) } + [
      attention(.f32, [1, 8], [300, 8], [300, 17]), attention(.f32, [50, 16], [129, 16], [129, 33], bias: [129]),
      attention(.f32, [2, 3, 13, 4], [2, 1, 33, 4], [1, 1, 33, 40], mask: [2, 1, 1, 33]),
      attention(.f32, [2, 3, 5, 4], [2, 3, 6, 4], [2, 3, 6, 4], bias: [3, 5, 6], mask: [5, 6]),
      attention(.f64, [3, 4], [140, 4], [140, 2], bias: [3, 1], mask: [140], scale: 1, hidden: -.infinity),
      attention(.f32, [2, 50, 16], [2, 300, 16], [300, 17], causal: true),
      attention(.f32, [2, 200, 4], [2, 200, 4], [2, 200, 3], bias: [200, 1], mask: [2, 1, 200], causal: true),
      attention(.f16, [2, 7, 5], [2, 9, 5], [2, 9, 3], causal: true),
      attention(.f32, [3, 4], [0, 4], [0, 2]), attention(.f32, [0, 4], [3, 4], [3, 2]),
    ]

  private static func bytes(_ a: [Int], _ b: [Int], wide: Bool = false) -> OpSample {
    let left = wide ? SampleOperand(.i16, a, .uniform(-32768, 32767)) : SampleOperand(.u8, a, .uniform(0, 255))
    return OpSample(MatmulInteger(), left, SampleOperand(.i8, b, .uniform(-128, 127)))
  }

  /// Whole words and cut ones, one row and many, panels cut and not, operands that repeat.
  private static let byteMatrices = [
    bytes([5, 7], [7, 3]), bytes([17, 8], [8, 33]), bytes([1, 19], [19, 17]), bytes([13, 4], [4, 32]),
    bytes([2, 1, 3, 5], [5, 5, 6]), bytes([2, 3, 9], [9, 5]), bytes([5, 0], [0, 7]), bytes([0, 3], [3, 2]),
    bytes([14, 7], [7, 19], wide: true), bytes([2, 1, 16], [16, 33], wide: true),
    bytes([3, 700], [700, 2], wide: true),
  ]

  private static func codeMatrix(_ x: [Int], _ n: Int, bits: Int, block: Int, zeros: Bool = false) -> OpSample {
    let k = x[x.count - 1]
    let factors = SampleOperand(.f32, [n, k / block])
    return OpSample(
      MatmulNBits(bits: bits, block: block),
      [SampleOperand(.f32, x), SampleOperand(.u8, [n, k * bits / 8], .uniform(0, 255)), factors]
        + (zeros ? [factors] : []), hasGradient: false)
  }

  /// One row and many, panels cut and not, each number of bits, with and without zero points.
  private static let codeMatrices = [
    codeMatrix([1, 64], 35, bits: 4, block: 16), codeMatrix([13, 32], 32, bits: 4, block: 32, zeros: true),
    codeMatrix([2, 3, 48], 7, bits: 8, block: 16), codeMatrix([5, 64], 19, bits: 2, block: 16, zeros: true),
    codeMatrix([0, 16], 3, bits: 4, block: 8), codeMatrix([4, 0], 3, bits: 8, block: 4),
  ]

  private static func byteConvolution(
    _ x: [Int], _ w: [Int], strides: [Int], dilations: [Int]
  ) -> OpSample {
    OpSample(
      ConvolutionInteger(strides: strides, dilations: dilations), SampleOperand(.u8, x, .uniform(0, 255)),
      SampleOperand(.i8, w, .uniform(-128, 127)))
  }

  /// One, two and three spatial axes; whole words of channels and cut ones; many filters, and none.
  private static let byteConvolutions = [
    byteConvolution([2, 5, 9], [3, 5, 3], strides: [2], dilations: [1]),
    byteConvolution([1, 8, 6, 7], [33, 8, 3, 2], strides: [1, 2], dilations: [2, 1]),
    byteConvolution([2, 4, 5, 5], [17, 4, 1, 1], strides: [1, 1], dilations: [1, 1]),
    byteConvolution([1, 3, 9, 8], [16, 3, 3, 3], strides: [2, 2], dilations: [1, 1]),
    byteConvolution([1, 2, 4, 4, 4], [5, 2, 2, 2, 2], strides: [1, 1, 1], dilations: [1, 1, 1]),
    byteConvolution([0, 4, 3, 3], [2, 4, 2, 2], strides: [1, 1], dilations: [1, 1]),
  ]

  /// Whole words and cut ones, one row and more than a tile of registers has, panels cut and not, operands that repeat.
  private static let pairMatrices = [
    ([5, 7], [7, 3]), ([41, 8], [8, 33]), ([1, 19], [19, 17]), ([33, 70], [70, 20]), ([2, 1, 3, 5], [5, 5, 6]),
    ([2, 3, 9], [9, 5]), ([5, 0], [0, 7]), ([0, 3], [3, 2]),
  ].map { OpSample(MatmulBF16(), [SampleOperand(.bf16, $0.0), SampleOperand(.bf16, $0.1)], hasGradient: false) }

  private static func pairConvolution(
    _ x: [Int], _ w: [Int], strides: [Int], dilations: [Int]
  ) -> OpSample {
    OpSample(
      ConvolutionBF16(strides: strides, dilations: dilations), [SampleOperand(.bf16, x), SampleOperand(.bf16, w)],
      hasGradient: false)
  }

  private static let pairConvolutions = [
    pairConvolution([2, 5, 9], [3, 5, 3], strides: [2], dilations: [1]),
    pairConvolution([1, 8, 6, 7], [33, 8, 3, 2], strides: [1, 2], dilations: [2, 1]),
    pairConvolution([2, 34, 7, 5], [17, 34, 1, 1], strides: [1, 1], dilations: [1, 1]),
    pairConvolution([1, 2, 4, 4, 4], [5, 2, 2, 2, 2], strides: [1, 1, 1], dilations: [1, 1, 1]),
    pairConvolution([0, 4, 3, 3], [2, 4, 2, 2], strides: [1, 1], dilations: [1, 1]),
  ]

  private static func winograd(_ x: [Int], filters: Int, kernel: [Int] = [], strides: [Int] = []) -> OpSample {
    let op = WinogradConvolution(kernel: kernel, strides: strides, dilations: kernel.map { _ in 1 })
    return OpSample(
      op, [SampleOperand(.f32, x), SampleOperand(.f32, [16, x[1] * kernel.reduce(1, *), filters])], hasGradient: false)
  }

  /// Edges even and odd, panels whole, cut and narrow, chunks and parts of them, a window on another axis.
  private static let winograds =
    [(3, 3), (4, 4), (5, 3), (3, 6), (9, 10), (8, 5), (40, 42)].map { winograd([1, 16, $0.0, $0.1], filters: 8) } + [
      winograd([2, 16, 7, 6], filters: 20), winograd([1, 32, 5, 9], filters: 33), winograd([0, 16, 4, 4], filters: 3),
      winograd([1, 16, 5, 5, 6], filters: 17, kernel: [2], strides: [2]),
      winograd([2, 16, 3, 4, 4], filters: 16, kernel: [3], strides: [1]),
    ]

  private static func filterGradient(_ x: [Int], filters: Int, parts: Int) -> OpSample {
    let cotangent = [x[0], filters, x[2] - 2, x[3] - 2]
    return OpSample(
      WinogradFilterGradient(parts: parts), [SampleOperand(.f32, x), SampleOperand(.f32, cotangent)], hasGradient: false
    )
  }

  /// Edges even and odd, blocks whole and cut, more parts than tiles, chunks of one tile and of many.
  private static let filterGradients =
    [(3, 3), (4, 4), (5, 4), (4, 7), (9, 8), (8, 11)].map {
      filterGradient([1, 16, $0.0, $0.1], filters: 16, parts: 1)
    } + [
      filterGradient([2, 48, 5, 6], filters: 32, parts: 3), filterGradient([1, 16, 7, 7], filters: 80, parts: 2),
      filterGradient([0, 16, 4, 4], filters: 16, parts: 2), filterGradient([2, 16, 3, 3], filters: 16, parts: 5),
      filterGradient([5, 32, 12, 12], filters: 48, parts: 1), filterGradient([1, 16, 26, 24], filters: 16, parts: 4),
    ]

  private static func fewChannels(
    _ x: [Int], filters: Int, kernel: [Int], strides: [Int], parts: Int
  ) -> OpSample {
    let positions = (0..<2).map { (x[$0 + 2] - kernel[$0]) / strides[$0] + 1 }
    return OpSample(
      FilterGradient(kernel: kernel, strides: strides, parts: parts),
      [SampleOperand(.f32, x), SampleOperand(.f32, [x[0], filters] + positions)], hasGradient: false)
  }

  /// Taps that fill a tile, or several; panels in pairs, alone and half of one; chunks of lines, and parts within an image.
  private static let fewChannelGradients = [
    fewChannels([1, 1, 5, 6], filters: 16, kernel: [3, 3], strides: [1, 1], parts: 1),
    fewChannels([3, 1, 10, 9], filters: 32, kernel: [3, 3], strides: [1, 1], parts: 4),
    fewChannels([2, 3, 12, 11], filters: 48, kernel: [3, 3], strides: [2, 2], parts: 3),
    fewChannels([2, 2, 9, 12], filters: 64, kernel: [2, 5], strides: [1, 2], parts: 5),
    fewChannels([1, 3, 17, 16], filters: 80, kernel: [7, 7], strides: [2, 1], parts: 2),
    fewChannels([1, 4, 4, 20], filters: 16, kernel: [1, 13], strides: [1, 1], parts: 1),
    fewChannels([0, 1, 5, 5], filters: 16, kernel: [3, 3], strides: [1, 1], parts: 2),
    fewChannels([2, 1, 3, 3], filters: 16, kernel: [3, 3], strides: [1, 1], parts: 6),
    fewChannels([1, 1, 90, 70], filters: 32, kernel: [5, 3], strides: [1, 1], parts: 3),
    fewChannels([4, 2, 7, 5], filters: 96, kernel: [3, 1], strides: [3, 1], parts: 1),
    fewChannels([5, 1, 6, 8], filters: 112, kernel: [1, 2], strides: [1, 3], parts: 7),
    fewChannels([2, 3, 8, 8], filters: 16, kernel: [4, 4], strides: [4, 4], parts: 2),
  ]

  private static func convolved(
    _ op: Convolution, _ type: ElementType, _ x: [Int], _ w: [Int], bias: Bool = true, symbolic: Set<Int>
  ) -> OpSample {
    let operands =
      [SampleOperand(type, x), SampleOperand(type, w)] + (bias ? [SampleOperand(type, [w[0]])] : [])
    return OpSample(op, operands, symbolic: symbolic)
  }

  private static let plane = Convolution(
    strides: [1, 2], before: [1, 0], after: [0, 2], dilations: [2, 1])
  private static let square = Convolution(
    strides: [1, 1], before: [0, 0], after: [0, 0], dilations: [1, 1])

  private static let filters: [OpSample] =
    ([.f32, .f64, .f16] as [ElementType]).flatMap { type in
      [
        convolved(plane, type, [2, 3, 7, 11], [5, 3, 3, 3], symbolic: [2, 7, 11]),
        convolved(square, type, [2, 4, 7, 5], [17, 4, 1, 1], bias: false, symbolic: [2, 7, 5]),
        convolved(
          Convolution(strides: [2], before: [2], after: [1], dilations: [1], groups: 2), type, [2, 6, 13],
          [4, 3, 5],
          symbolic: [2, 13]),
        convolved(
          Convolution(strides: [1, 1], before: [1, 1], after: [1, 1], dilations: [1, 1], groups: 19), type,
          [2, 19, 7, 5],
          [19, 1, 3, 3], symbolic: [2, 7, 5]),
        convolved(
          Convolution(strides: [1, 1], before: [0, 0], after: [0, 0], dilations: [1, 1], groups: 3), type,
          [2, 6, 7, 5],
          [51, 2, 1, 1], symbolic: [2, 7, 5]),
      ]
    } + [
      convolved(
        Convolution(strides: [1, 2, 1], before: [0, 1, 0], after: [1, 1, 0], dilations: [1, 1, 2]), .f32,
        [1, 2, 4, 5, 6],
        [3, 2, 2, 3, 2], symbolic: [4, 5, 6])
    ]

  static let contractions: [OpSample] =
    matrices + byteMatrices + codeMatrices + byteConvolutions + attentions + filters + pairMatrices + pairConvolutions
    + winograds + filterGradients + fewChannelGradients
}
