import TensorIR

/// An op whose kernel keeps partial results in its result's memory, where floats of 16 bits would be rounded at every step: a sum
/// that comes in parts, a state. In f32 they are not, so on such floats it decomposes into itself between casts.
public protocol AccumulatingOp: TensorOp {
  /// Whether this one does, which may depend on its attributes.
  var accumulates: Bool { get }
}

extension AccumulatingOp {
  public var accumulates: Bool { true }
}

extension TensorOp {
  /// Whether it is computed on wider operands than these, because it keeps partial results.
  @_semantics("optimize.sil.specialize.generic.never")
  public func needsWidening(_ operands: [Tensor]) -> Bool {
    guard let op = self as? any AccumulatingOp, op.accumulates else { return false }
    return operands.contains { $0.elementType.isShortFloat }
  }

  /// The results of the op on operands in f32, cast to what they would be.
  @_semantics("optimize.sil.specialize.generic.never")
  func widenedResults(_ operands: [Tensor]) throws -> [Tensor] {
    guard let recorder = Tensor.recorder(of: operands) else { return try Tensor.record(self, operands) }
    var context = InferenceContext(symbols: recorder.symbols)
    let types = try inferTypes(operands.map(\.type), &context)
    let wide = try Tensor.record(self, operands.map { $0.isAbsent ? $0 : $0.widened() })
    return zip(wide, types).map { $0.cast(to: $1.elementType) }
  }
}

extension GatherGradient: AccumulatingOp {}
extension GatherPlanesGradient: AccumulatingOp {}
extension ResampleGradient: AccumulatingOp {}
extension Fold: AccumulatingOp {}
extension RecurrentSequence: AccumulatingOp {}

extension ScatterElements: AccumulatingOp {
  public var accumulates: Bool { reduction.accumulates }
}

extension ScatterND: AccumulatingOp {
  public var accumulates: Bool { reduction.accumulates }
}

extension ScatterSlices: AccumulatingOp {
  public var accumulates: Bool { reduction.accumulates }
}

extension ScatterReduction {
  /// Whether several values in one place are combined by rounding.
  fileprivate var accumulates: Bool { self == .add || self == .multiply }
}
