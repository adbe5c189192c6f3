import TensorIR

/// The element type and shape of a tensor at hand, to be held to what a model declares.
struct TensorShape: CustomStringConvertible {
  var elementType: ElementType
  var shape: [Int]

  init(_ elementType: ElementType, _ shape: [Int]) {
    self.elementType = elementType
    self.shape = shape
  }

  var description: String { TensorType(elementType, shape.map { Dimension($0) }).description }

  /// The sizes of symbols that follow from giving this tensor as an input.
  ///
  /// - Throws: a ``Diagnostic`` where the tensor cannot be that input.
  func sizes(asInput input: Value) throws -> [String: Int] {
    var sizes: [String: Int] = [:]
    try bind(to: input, &sizes)
    return sizes
  }

  /// Adds the sizes that follow from giving this tensor as an input, and holds it to those already known.
  func bind(to input: Value, _ sizes: inout [String: Int]) throws {
    guard elementType == input.type.elementType else {
      throw Diagnostic("input-type", "input '\(input.name)' is \(input.type), but the data is \(self)")
    }
    let mismatch = Diagnostic(
      "input-shape", "input '\(input.name)' is \(input.type), but the data is \(self)")
    guard shape.count == input.type.rank else { throw mismatch }
    for (dimension, size) in zip(input.type.shape, shape) {
      if let symbol = dimension.symbolName, sizes[symbol] == nil { sizes[symbol] = size }
    }
    for (dimension, size) in zip(input.type.shape, shape) {
      // What is not determined yet is checked once the library runs.
      guard let expected = dimension.evaluate({ sizes[$0] }) else { continue }
      guard expected == size else {
        if let symbol = dimension.symbolName {
          throw Diagnostic(
            "input-shape",
            "input '\(input.name)' is \(input.type), but the data is \(self), "
              + "while another input makes '\(symbol)' \(expected)"
          )
        }
        throw mismatch
      }
    }
  }
}
