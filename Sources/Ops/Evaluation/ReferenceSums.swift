import TensorIR

/// Zeros to which elements are added one at a time, for the reference evaluation: floats in f64, integers modulo 2⁶⁴.
struct ReferenceSums {
  private let elementType: ElementType
  private let shape: [Int]
  private var floats: [Double]
  private var integers: [Int]

  init(_ elementType: ElementType, _ shape: [Int]) {
    (self.elementType, self.shape) = (elementType, shape)
    let count = shape.reduce(1, *)
    floats = [Double](repeating: 0, count: elementType.isFloat ? count : 0)
    integers = [Int](repeating: 0, count: elementType.isFloat ? 0 : count)
  }

  /// Adds the element of a tensor of the same type at a position in memory.
  mutating func add(_ x: ReferenceTensor, _ source: Int, at target: Int) {
    if elementType.isFloat { floats[target] += x.floats[source] } else { integers[target] &+= x.integers[source] }
  }

  var tensor: ReferenceTensor {
    elementType.isFloat
      ? ReferenceTensor(elementType, shape, floats: floats) : ReferenceTensor(elementType, shape, integers: integers)
  }
}
