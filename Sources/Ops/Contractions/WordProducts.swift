import TensorIR

/// A product whose operands' steps lie together in words: of the left operand in words of 32 bits, which are four bytes, two integers of
/// 16 bits, or two of bf16, and as many elements of the right one. What multiplies words adds all their products to one sum.
public protocol WordProduct: TensorOp {}

extension WordProduct {
  /// How many steps of a sum are a word, by the left operand's element type.
  package static func together(_ left: ElementType) -> Int { 32 / left.bitWidth }
}

/// A matrix product of words over the last two axes; the axes before them broadcast.
public protocol WordMatmul: WordProduct {}

extension WordMatmul {
  /// The result's shape; throws where the operands do not fit.
  func productShape(
    _ a: TensorType, _ b: TensorType, _ context: inout InferenceContext
  ) throws -> [Dimension] {
    guard a.rank >= 2, b.rank >= 2 else {
      throw Diagnostic("rank", "'\(name)' takes matrices and was given \(a) and \(b)")
    }
    let (k, steps) = (a.shape[a.rank - 1], b.shape[b.rank - 2])
    try context.require(
      k, equals: steps, "'\(name)' cannot multiply \(a) by \(b): the inner extents are \(k) and \(steps)")
    let batch = try context.broadcastShapes([Array(a.shape.dropLast(2)), Array(b.shape.dropLast(2))])
    return batch + [a.shape[a.rank - 2], b.shape[b.rank - 1]]
  }

  public func checkLayouts(_ operands: [TensorType], _ results: [TensorType]) throws {
    try requirePlain([operands[0]] + results)
    let right = operands[1]
    guard let block = right.layout.blocks.first else { return try requirePlain([right]) }
    let together = Self.together(operands[0].elementType)
    guard right.layout == Self.panels(rank: right.rank, width: block.size, together) else {
      throw Diagnostic("layout", "'\(name)' reads panels of columns in steps of \(together), which \(right) are not")
    }
  }

  /// Columns in panels of a width; of each column, the steps of a word lie together.
  package static func panels(rank: Int, width: Int, _ together: Int) -> Layout {
    let batch = Array(0..<(rank - 2))
    return Layout(
      order: batch + [rank - 1, rank - 2],
      blocks: [.init(axis: rank - 1, size: width), .init(axis: rank - 2, size: together)])
  }
}

/// A convolution of words, without groups and padding: x [n, c, spatial…] with filters [o, c, kernel…].
public protocol WordConvolution: WordProduct {
  var strides: [Int] { get }
  var dilations: [Int] { get }
}

extension WordConvolution {
  /// The same convolution of numbers.
  package var ofNumbers: Convolution {
    let none = strides.map { _ in 0 }
    return Convolution(strides: strides, before: none, after: none, dilations: dilations)
  }

  /// The result's shape; throws where the operands do not fit.
  func convolvedShape(
    _ x: TensorType, _ w: TensorType, _ context: inout InferenceContext
  ) throws -> [Dimension] {
    guard x.rank >= 3, w.rank == x.rank else {
      throw Diagnostic("rank", "'\(name)' takes x [n, c, spatial…] and w of the same rank and was given \(x) and \(w)")
    }
    guard strides.count == x.rank - 2, dilations.count == x.rank - 2, (strides + dilations).allSatisfy({ $0 >= 1 })
    else {
      throw Diagnostic("bad-attribute", "'\(name)' takes strides and dilations of 1 or more for each spatial axis")
    }
    try context.require(
      x.shape[1], equals: w.shape[1], "x has \(x.shape[1]) channels, and w is for \(w.shape[1])")
    return [x.shape[0], w.shape[0]]
      + strides.indices.map { ofNumbers.outputExtent($0, x.shape[$0 + 2], w.shape[$0 + 2]) }
  }

  /// Filters in panels of a width; of each, the channels of a word lie together.
  package static func panels(rank: Int, width: Int, _ together: Int) -> Layout {
    Layout(
      order: [0] + Array(2..<rank) + [1],
      blocks: [.init(axis: 0, size: width), .init(axis: 1, size: together)])
  }

  public func checkLayouts(_ operands: [TensorType], _ results: [TensorType]) throws {
    try requireStrides([operands[0]] + results)
    let w = operands[1]
    guard let block = w.layout.blocks.first else { return try requirePlain([w]) }
    let together = Self.together(operands[0].elementType)
    guard w.layout == Self.panels(rank: w.rank, width: block.size, together) else {
      throw Diagnostic(
        "layout", "'\(name)' reads panels of filters with \(together) channels together, which \(w) are not")
    }
  }
}
