import TensorIR

/// An op whose every element is an expression of elements of its operands: pointwise ops, views, gathers, index ranges.
/// These fuse into whatever makes or reads them.
public protocol ElementOp: TensorOp {
  /// What an element of the result is made of, for operands and a result of these types.
  func source(_ operands: [TensorType], _ result: TensorType) -> ElementSource

  /// Whether this one is computed element by element inside other kernels; some are only for certain types.
  func fuses(_ operands: [TensorType], _ results: [TensorType]) -> Bool

  /// Whether every element of the result is the same number, known when the function is compiled.
  var isUniform: Bool { get }
}

/// What an element is made of.
public enum ElementSource {
  /// Elements of operands.
  case read(AccessMap)
  /// An integer worked out from the indices.
  case place(Place)
  /// One number for all.
  case literal(Expression)
  /// One of several sizes, chosen by an integer.
  case sizes([Dimension], at: Place)
}

extension ElementOp {
  public var isUniform: Bool { false }

  public func accessMap(_ operands: [TensorType], _ result: TensorType) -> AccessMap? {
    if case .read(let map) = source(operands, result) { map } else { nil }
  }

  /// Elements are found by strides, whatever their order; results are row-major.
  public func checkLayouts(_ operands: [TensorType], _ results: [TensorType]) throws {
    try requireStrides(operands)
    try requirePlain(results)
  }

  public func fuses(_ operands: [TensorType], _ results: [TensorType]) -> Bool { true }
}

/// An op that computes each element from the elements at the same place in its operands, which broadcast as in NumPy.
public protocol PointwiseOp: ElementOp {
  /// The element type of the result; throws where the operands' types do not fit.
  func resultElementType(_ operands: [ElementType]) throws -> ElementType
  /// The expression from the operands' elements, all with the same number of lanes.
  func element(_ operands: [Expression], _ type: LoopType) -> Expression
  /// The value for float operands; ops on other types override ``evaluate(integers:_:)``.
  func evaluate(floats: [Double]) -> Double
  /// All elements of a tensor at once, for an op of one operand that does that faster; nil for others.
  func evaluateWhole(_ operand: ReferenceTensor) -> ReferenceTensor?
  /// The value for operands none of which is a float.
  func evaluate(integers: [Int], _ type: ElementType) -> Int
}

extension PointwiseOp {
  public func evaluateWhole(_ operand: ReferenceTensor) -> ReferenceTensor? { nil }

  public func checkLayouts(_ operands: [TensorType], _ results: [TensorType]) throws {
    try requireStrides(operands + results)
  }

  @_semantics("optimize.sil.specialize.generic.never")
  public func evaluate(integers: [Int], _ type: ElementType) -> Int {
    Evaluator.saturate(evaluate(floats: integers.map { Double($0) }).rounded(.towardZero), .i64)
  }

  @_semantics("optimize.sil.specialize.generic.never")
  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    let element = try resultElementType(operands.map(\.elementType))
    let shape = try context.broadcastShapes(operands.map(\.shape))
    return [TensorType(element, shape, layout: Layout.common(operands, shape))]
  }

  public func source(_ operands: [TensorType], _ result: TensorType) -> ElementSource {
    .read(.pointwise(operands, result))
  }

  @_semantics("optimize.sil.specialize.generic.never")
  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    let shape = try Evaluator.numbers(types[0])
    let strides = operands.map { ReferenceTensor.strides($0.shape) }
    var floats: [Double] = []
    var integers: [Int] = []
    let result = types[0].elementType
    let fromFloats = operands.contains { $0.elementType.isFloat }
    for index in ReferenceTensor.indices(shape) {
      let positions = operands.indices.map {
        ReferenceTensor.broadcastPosition(index, in: operands[$0].shape, strides[$0])
      }
      if fromFloats || result.isFloat {
        let value = evaluate(floats: zip(operands, positions).map { $0.number($1) })
        if result.isFloat { floats.append(value) } else { integers.append(Evaluator.saturate(value, result)) }
      } else {
        integers.append(evaluate(integers: zip(operands, positions).map { $0.integers[$1] }, operands[0].elementType))
      }
    }
    return [
      result.isFloat
        ? ReferenceTensor(result, shape, floats: floats) : ReferenceTensor(result, shape, integers: integers)
    ]
  }
}

extension Layout {
  /// The layout of a pointwise result: that of the operands that have its full shape, if they agree.
  static func common(_ operands: [TensorType], _ shape: [Dimension]) -> Layout {
    let layouts = operands.filter { $0.shape == shape }.map(\.layout)
    guard let first = layouts.first, layouts.allSatisfy({ $0 == first }) else { return .plain }
    return first
  }
}

extension Operation {
  /// Whether each element depends on the elements at the same place alone, so that axes may be joined.
  package var isPointwise: Bool { op is any PointwiseOp || (op as? any ElementOp)?.isUniform == true }
}

extension Operation {
  /// How its first result uses its operands; nil where it uses them as a whole.
  public func accessMap(in function: Function) -> AccessMap? {
    guard let op = op as? any TensorOp, let result = results.first else { return nil }
    let types = operands.map { $0.map { function.type(of: $0) } ?? FunctionBuilder.absent }
    return op.accessMap(types, function.type(of: result))
  }
}
