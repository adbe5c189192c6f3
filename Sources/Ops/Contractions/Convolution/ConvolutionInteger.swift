import TensorIR

/// The convolution of unsigned bytes with filters of signed ones in i32, without groups and padding. Sums wrap around. ONNX's
/// `ConvInteger` and all convolutions of quantised tensors come down to it: padding is the zero point, put around before, and zero
/// points are corrections by the sums of filters.
///
/// Operands: x u8 [n, c, spatial…], w i8 [o, c, kernel…]. Result: i32 [n, o, spatial…].
public struct ConvolutionInteger: TensorOp, NotDifferentiable {
  public static let name = "convolution_integer"
  public static let summary = "The convolution of u8 with filters of i8 in i32, over any number of spatial axes."
  public static let signature = Signature.operands(2)
  public var strides: [Int]
  public var dilations: [Int]

  public init(strides: [Int], dilations: [Int]) { (self.strides, self.dilations) = (strides, dilations) }

  /// The same convolution of numbers.
  package var ofNumbers: Convolution {
    let none = strides.map { _ in 0 }
    return Convolution(strides: strides, before: none, after: none, dilations: dilations)
  }

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    let (x, w) = (operands[0], operands[1])
    guard x.elementType == .u8, w.elementType == .i8 else {
      throw Diagnostic("element-type", "'\(name)' takes x of u8 and w of i8 and was given \(x) and \(w)")
    }
    guard x.rank >= 3, w.rank == x.rank else {
      throw Diagnostic("rank", "'\(name)' takes x [n, c, spatial…] and w of the same rank and was given \(x) and \(w)")
    }
    guard strides.count == x.rank - 2, dilations.count == x.rank - 2, (strides + dilations).allSatisfy({ $0 >= 1 })
    else {
      throw Diagnostic("bad-attribute", "'\(name)' takes strides and dilations of 1 or more for each spatial axis")
    }
    try context.require(
      x.shape[1], equals: w.shape[1], "x has \(x.shape[1]) channels, and w is for \(w.shape[1])")
    let extents = strides.indices.map { ofNumbers.outputExtent($0, x.shape[$0 + 2], w.shape[$0 + 2]) }
    return [TensorType(.i32, [x.shape[0], w.shape[0]] + extents)]
  }

  /// Filters in panels of a width; of each, four channels lie together.
  package static func panels(rank: Int, width: Int) -> Layout {
    Layout(
      order: [0] + Array(2..<rank) + [1],
      blocks: [.init(axis: 0, size: width), .init(axis: 1, size: MatmulInteger.together)])
  }

  public func checkLayouts(_ operands: [TensorType], _ results: [TensorType]) throws {
    try requireStrides([operands[0]] + results)
    let w = operands[1]
    guard let block = w.layout.blocks.first else { return try requirePlain([w]) }
    guard w.layout == ConvolutionInteger.panels(rank: w.rank, width: block.size) else {
      throw Diagnostic("layout", "'\(name)' reads panels of filters with four channels together, which \(w) are not")
    }
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
