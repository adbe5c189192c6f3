import TensorIR

extension ReferenceTensor {
  /// A tensor whose elements come from flat positions of this one, or are `fill` where there is none.
  func picking(_ positions: [Int?], fill: Double, shape: [Int]) -> ReferenceTensor {
    if elementType.isFloat {
      return ReferenceTensor(elementType, shape, floats: positions.map { $0.map { floats[$0] } ?? fill })
    }
    let whole = Evaluator.saturate(fill, elementType)
    return ReferenceTensor(elementType, shape, integers: positions.map { $0.map { integers[$0] } ?? whole })
  }

  /// The flat position of an index in row-major order.
  static func position(_ index: [Int], _ strides: [Int]) -> Int { zip(index, strides).reduce(0) { $0 + $1.0 * $1.1 } }
}

extension Evaluator {
  /// Dimensions as numbers, where a function's symbols are bound.
  static func numbers(_ dimensions: [Dimension]) throws -> [Int] {
    try dimensions.map { dimension in
      guard let value = dimension.constant else {
        throw Diagnostic("unknown-size", "the size \(dimension) is not known when it is needed")
      }
      return value
    }
  }
}
