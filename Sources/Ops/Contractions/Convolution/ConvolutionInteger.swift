import TensorIR

/// The convolution of unsigned bytes with filters of signed ones in i32, without groups and padding. Sums wrap around. ONNX's
/// `ConvInteger` and all convolutions of quantised tensors come down to it: padding is the zero point, put around before, and zero
/// points are corrections by the sums of filters.
///
/// Operands: x u8 [n, c, spatial…], w i8 [o, c, kernel…]. Result: i32 [n, o, spatial…].
public struct ConvolutionInteger: WordConvolution, NotDifferentiable {
  public static let name = "convolution_integer"
  public static let summary = "The convolution of u8 with filters of i8 in i32, over any number of spatial axes."
  public static let signature = Signature.operands(2)
  public var strides: [Int]
  public var dilations: [Int]

  public init(strides: [Int], dilations: [Int]) { (self.strides, self.dilations) = (strides, dilations) }

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    let (x, w) = (operands[0], operands[1])
    guard x.elementType == .u8, w.elementType == .i8 else {
      throw Diagnostic("element-type", "'\(name)' takes x of u8 and w of i8 and was given \(x) and \(w)")
    }
    return [TensorType(.i32, try convolvedShape(x, w, &context))]
  }

  /// Rounds nowhere below 2^53, so it is the convolution of the same numbers in f64.
  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    let numbers = operands.map { ReferenceTensor(.f64, $0.shape, floats: $0.integers.map { Double($0) }) }
    let sums = try ofNumbers.evaluate(numbers, [types[0].with(elementType: .f64)])[0]
    let words = sums.floats.map { Int(Int32(truncatingIfNeeded: Int($0))) }
    return [ReferenceTensor(.i32, sums.shape, integers: words)]
  }
}

extension Tensor {
  /// The convolution of u8 [n, c, spatial…] with filters of i8 [o, c, kernel…] in i32; see ``ConvolutionInteger``.
  public func convolutionInteger(
    _ filters: Tensor, strides: [Int]? = nil, dilations: [Int]? = nil, file: String = #fileID, line: Int = #line,
    column: Int = #column
  ) -> Tensor {
    let ones = Array(repeating: 1, count: Swift.max(rank - 2, 0))
    let op = ConvolutionInteger(strides: strides ?? ones, dilations: dilations ?? ones)
    return .one(op, self, filters, at: .caller(file, line, column))
  }
}
