import TensorIR

extension ReferenceTensor {
  /// A position on an axis for the index at a flat place; throws for one that the axis does not have.
  func place(_ flat: Int, extent: Int, _ name: String) throws -> Int {
    let index = integers[flat]
    let position = index < 0 ? index + extent : index
    guard (0..<extent).contains(position) else {
      throw Diagnostic("index-out-of-range", "'\(name)' was given index \(index) for an axis of extent \(extent)")
    }
    return position
  }
}
