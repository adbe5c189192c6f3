import TensorIR

/// An op by which ranks, processes that run the same function each on its own data, exchange tensors. All ranks come to
/// it, in the same order. The evaluator, and a call that is told of no others, is the only rank.
///
/// To the passes it is control flow: it is no kernel, is not computed again and not folded.
public protocol CollectiveOp: ControlOp {
  var kind: Step.Collective.Kind { get }
  /// How elements are combined, where they are.
  var reduction: RankReduction { get }
  /// The rank that sends to all, or receives from all.
  var root: Int { get }
  /// How many ranks there must be, where the result's shape hangs on it.
  var ranks: Dimension? { get }
}

extension CollectiveOp {
  public var reduction: RankReduction { .sum }
  public var root: Int { 0 }
  public var ranks: Dimension? { nil }

  public static var contractExclusion: String? { "it needs other ranks; collectives are tried by tests of their own" }

  public func differentiate(
    _ operation: Operation, of function: Function, _ operands: [Tensor]
  ) throws -> Differentiated { try differentiate(operands) }

  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    if let ranks, ranks != 1 {
      throw Diagnostic("ranks", "'\(name)' is for \(ranks) ranks, and the evaluator is one; compile the function")
    }
    let shape = try Evaluator.numbers(types[0])
    return [operands[0].picking(Array(0..<operands[0].count), shape: shape)]
  }

  public func evaluate(
    _ operands: [ReferenceTensor], _ types: [TensorType], regions: [Region], of function: Function,
    _ sizes: [String: Int]
  ) throws -> [ReferenceTensor] { try evaluate(operands, types) }

  /// Requires elements that ranks can send, and combine where they do.
  func require(elements type: TensorType) throws {
    let element = type.elementType
    guard element.bitWidth >= 8 else {
      throw Diagnostic("element-type", "'\(name)' sends whole bytes, and \(type) has half ones; cast it to i8 or u8")
    }
    guard kind.combines else { return }
    guard element != .bool, !element.isShortFloat else {
      throw Diagnostic("element-type", "'\(name)' combines f32, f64 and integers, not \(type); cast it")
    }
    guard reduction != .mean || element.isFloat else {
      throw Diagnostic("element-type", "'\(name)' has a mean of floats alone, not of \(type); cast it")
    }
  }

  func require(root: Int) throws {
    if root < 0 { throw Diagnostic("bad-attribute", "'\(name)' has the root \(root); ranks are counted from 0") }
  }
}

extension Tensor {
  /// The result of something that combines elements of ranks; floats of 16 bits are combined in f32.
  func combined(_ op: any CollectiveOp, at location: Location) -> Tensor {
    guard elementType.isShortFloat else { return .one(op, self, at: location) }
    return Tensor.composed { .one(op, widened(), at: location) }.cast(to: elementType)
  }
}
