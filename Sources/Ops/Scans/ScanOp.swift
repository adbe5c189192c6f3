import TensorIR

/// An op that walks along an axis with a state, of which each element of the result is a part.
public protocol ScanOp: TensorOp {
  /// The axis, counted from 0.
  var axis: Int { get }
  /// Whether the walk begins at the end of the axis.
  var reverse: Bool { get }
  /// Whether an element of the result is the state before its own element is taken in.
  var exclusive: Bool { get }
  /// The state before the first element; its first part is what the result holds.
  func initial(_ type: LoopType) -> [Expression]
  /// The state after an element of each operand.
  func next(_ state: [Expression], _ elements: [Expression], _ type: LoopType) -> [Expression]
  /// The state after two stretches, each walked from the initial state.
  func join(_ first: [Expression], _ second: [Expression], _ type: LoopType) -> [Expression]
}

extension ScanOp {
}

/// A running reduction along an axis (ONNX `CumSum` and its like). Integers wrap; half types are added up in f32.
public protocol CumulativeOp: ScanOp {
  init(axis: Int, exclusive: Bool, reverse: Bool)
  /// The reduction whose partial results these are.
  var reduction: any ReductionOp { get }
}

extension CumulativeOp {
  public static var signature: Signature { .operands(1) }

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    let x = operands[0]
    try context.require(axis: axis, of: x, name)
    guard ElementType.numbers.contains(x.elementType) else {
      throw Diagnostic("element-type", "'\(name)' does not take \(x.elementType); cast the operand first")
    }
    return [x.plain]
  }

  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    let x = operands[0]
    let type = x.elementType
    var floats = [Double](repeating: 0, count: type.isFloat ? x.count : 0)
    var integers = [Int](repeating: 0, count: type.isFloat ? 0 : x.count)
    for line in ReferenceTensor.Lines(x.shape, axis: axis) {
      var total = reduction.identity(type)
      var whole = type.isFloat ? 0 : Evaluator.saturate(total, type)
      for place in reverse ? line.reversed() : line {
        let before = (total, whole)
        if type.isFloat {
          total = reduction.combine(total, x.floats[place])
          floats[place] = exclusive ? before.0 : total
        } else {
          whole = Rounding.wrap(reduction.combine(whole, x.integers[place], type), to: type)
          integers[place] = exclusive ? before.1 : whole
        }
      }
    }
    return [
      type.isFloat
        ? ReferenceTensor(type, x.shape, floats: floats) : ReferenceTensor(type, x.shape, integers: integers)
    ]
  }

  public func initial(_ type: LoopType) -> [Expression] { [.constant(reduction.identity(type.element), type)] }
  public func next(_ state: [Expression], _ elements: [Expression], _ type: LoopType) -> [Expression] {
    [reduction.combine(state[0], elements[0], type)]
  }
  public func join(_ first: [Expression], _ second: [Expression], _ type: LoopType) -> [Expression] {
    [reduction.combine(first[0], second[0], type)]
  }
}

extension Tensor {
  /// Every element in the place of the one before it on an axis (or behind it), 0 in the first.
  func shifted(axis: Int, back: Bool) -> Tensor {
    var (before, after) = ([Dimension](repeating: 0, count: rank), [Dimension](repeating: 0, count: rank))
    (before[axis], after[axis]) = back ? (-1, 1) : (1, -1)
    return .one(Pad(before: before, after: after), self)
  }
}
