import TensorIR
import TensorOps

extension RewriteSite {
  /// The numbers of a constant that has one for each place on an axis of a tensor it broadcasts to; one number stands
  /// for all. Nil where it varies along another axis, or is not known.
  mutating func numbers(_ id: ValueID?, alongAxis axis: Int, of type: TensorType) -> [Double]? {
    guard let id, type.elementType.isFloat, let extent = type.shape[axis].constant else { return nil }
    let own = self.type(of: id)
    guard own.elementType == type.elementType, own.rank <= type.rank else { return nil }
    if own.count == 1 || producer(of: id, as: Full.self) != nil {
      return splat(id).map { [Double](repeating: $0, count: extent) }
    }
    let place = axis - (type.rank - own.rank)
    guard let literal = literal(id), place >= 0, literal.shape.indices.contains(place),
      literal.shape[place] == extent,
      literal.count == extent
    else { return nil }
    return ReferenceTensor(literal).floats
  }
}

extension TensorLiteral {
  /// Every element times the factor for its place on an axis, in f64, rounded once.
  func scaled(by factors: [Double], axis: Int) -> TensorLiteral {
    let source = ReferenceTensor(self)
    let inner = shape.suffix(from: axis + 1).reduce(1, *)
    let floats = source.floats.indices.map { source.floats[$0] * factors[$0 / inner % shape[axis]] }
    return ReferenceTensor(elementType, shape, floats: floats).literal
  }
}
