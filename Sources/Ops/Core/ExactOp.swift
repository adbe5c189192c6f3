/// An op that rounds nothing: each element of its results is one of its operands, perhaps negated, or a number that every
/// float has. In a ``Composition`` such ops need no wider operands.
public protocol ExactOp: TensorOp {
  /// Whether this one does not round, which may depend on its attributes.
  var isExact: Bool { get }
}

extension ExactOp {
  public var isExact: Bool { true }
}

extension Full: ExactOp {
  public var isExact: Bool { value.isNaN || Rounding.round(value, to: elementType) == value }
}

extension Pad: ExactOp {
  /// Every float has a number that bf16 and f16 have.
  public var isExact: Bool {
    mode != .constant || value.isNaN
      || Rounding.round(value, to: .bf16) == value && Rounding.round(value, to: .f16) == value
  }
}

extension Constant: ExactOp {}
extension BroadcastTo: ExactOp {}
extension Reshape: ExactOp {}
extension Transpose: ExactOp {}
extension Copy: ExactOp {}
extension StopGradient: ExactOp {}
extension Reverse: ExactOp {}
extension Slice: ExactOp {}
extension SliceGradient: ExactOp {}
extension Concat: ExactOp {}
extension Gather: ExactOp {}
extension GatherElements: ExactOp {}
extension GatherND: ExactOp {}
extension GatherPlanes: ExactOp {}
extension SliceAssign: ExactOp {}
extension GatePanels: ExactOp {}
extension TapValues: ExactOp {}
extension Unfold: ExactOp {}
extension Select: ExactOp {}
extension Negate: ExactOp {}
extension Absolute: ExactOp {}
extension Relu: ExactOp {}
extension Sign: ExactOp {}
extension Maximum: ExactOp {}
extension Minimum: ExactOp {}
extension Floor: ExactOp {}
extension Ceil: ExactOp {}
extension Round: ExactOp {}
extension Truncate: ExactOp {}
extension Max: ExactOp {}
extension Min: ExactOp {}
extension MaxPool: ExactOp {}
extension AdaptiveMaxPool: ExactOp {}
extension Sort: ExactOp {}
extension TopK: ExactOp {}
