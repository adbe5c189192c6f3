import TensorIR

/// The convolution of bf16 with filters of bf16 in f32, without groups and padding. Every product is exact; sums are f32. What
/// `--precision bf16` makes of convolutions of f32: padding is put around before.
///
/// Operands: x bf16 [n, c, spatial…], w bf16 [o, c, kernel…]. Result: f32 [n, o, spatial…].
public struct ConvolutionBF16: WordConvolution {
  public static let name = "convolution_bf16"
  public static let summary = "The convolution of bf16 with filters of bf16 in f32, over any number of spatial axes."
  public static let signature = Signature.operands(2)
  public var strides: [Int]
  public var dilations: [Int]

  public init(strides: [Int], dilations: [Int]) { (self.strides, self.dilations) = (strides, dilations) }

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    let (x, w) = (operands[0], operands[1])
    guard x.elementType == .bf16, w.elementType == .bf16 else {
      throw Diagnostic("element-type", "'\(name)' takes x and w of bf16 and was given \(x) and \(w)")
    }
    return [TensorType(.f32, try convolvedShape(x, w, &context))]
  }

  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    try ofNumbers.evaluate(operands.map { ReferenceTensor(.f32, $0.shape, floats: $0.floats) }, types)
  }

  /// As of the convolution of the same numbers in f32.
  public func differentiate(_ operands: [Tensor]) throws -> Differentiated {
    let numbers = try ofNumbers.differentiate(operands.map { $0.cast(to: .f32) })
    return Differentiated(numbers.results) { cotangents in
      try numbers.pull(cotangents).map { $0?.cast(to: .bf16) }
    }
  }
}

extension Tensor {
  /// The convolution of bf16 [n, c, spatial…] with filters of bf16 [o, c, kernel…] in f32; see ``ConvolutionBF16``.
  public func convolutionBF16(
    _ filters: Tensor, strides: [Int]? = nil, dilations: [Int]? = nil, file: String = #fileID, line: Int = #line,
    column: Int = #column
  ) -> Tensor {
    let ones = Array(repeating: 1, count: Swift.max(rank - 2, 0))
    let op = ConvolutionBF16(strides: strides ?? ones, dilations: dilations ?? ones)
    return .one(op, self, filters, at: .caller(file, line, column))
  }
}
