import TensorIR

/// All that one op declares: its reference evaluation, its gradient, how it uses its operands, and perhaps a decomposition
/// into other ops. How it becomes loops is a matter of TensorSchedules.
public protocol TensorOp: Op {
  /// Computes the results by the op's own formula, floats in f64, apart from any lowering. `types` are the results' types
  /// with numbers for all dimensions.
  func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor]

  /// The results, and a function from the results' cotangents to the operands'. What the function captures is kept from
  /// the forward computation. A nil cotangent is zero.
  func differentiate(_ operands: [Tensor]) throws -> Differentiated

  /// How an element of the first result uses elements of the operands, for these types; nil for an op that uses its operands
  /// as a whole.
  func accessMap(_ operands: [TensorType], _ result: TensorType) -> AccessMap?

  /// The same results from simpler ops; nil where the op has kernels of its own.
  func decompose(_ operands: [Tensor]) throws -> [Tensor]?

  /// Why the suites over all ops leave this one out; nil, as for nearly every op, if they hold it to its contract.
  static var contractExclusion: String? { get }

  /// The element types that inference accepts and that the suite of compiled code leaves out, each with the reason.
  static var uncompiledElementTypes: [ElementType: String] { get }
}

/// What ``TensorOp/differentiate(_:)`` gives.
public struct Differentiated {
  public var results: [Tensor]
  public var pull: ([Tensor?]) throws -> [Tensor?]

  public init(_ results: [Tensor], pull: @escaping ([Tensor?]) throws -> [Tensor?]) {
    self.results = results
    self.pull = pull
  }

  /// The operands' cotangents, with nothing rounded on the way; see ``Composition``.
  func pullPrecisely(_ cotangents: [Tensor?]) throws -> [Tensor?] {
    var places: [Int?] = []
    let found = try Composition.run {
      var found: [Tensor] = []
      for cotangent in try pull(cotangents) {
        places.append(cotangent.map { _ in found.count })
        if let cotangent { found.append(cotangent) }
      }
      return found
    }
    return places.map { $0.map { found[$0] } }
  }
}

// What extensions give to all ops is compiled once, not again for each of them, where it says that it is not specialised:
// docs/building.md.
extension TensorOp {
  /// What an operation gives that could not be recorded: a failed tensor for each of its results, so that callers who take them
  /// apart find as many as they expect.
  public static func failed(_ tensor: Tensor) -> [Tensor] {
    guard let count = signature.results else { return [tensor] }
    return Array(repeating: tensor, count: max(1, count.upperBound == .max ? count.lowerBound : count.upperBound))
  }

  public static var contractExclusion: String? { nil }
  public static var uncompiledElementTypes: [ElementType: String] { [:] }

  public func accessMap(_ operands: [TensorType], _ result: TensorType) -> AccessMap? { nil }

  public func decompose(_ operands: [Tensor]) throws -> [Tensor]? { nil }

  /// Ops with no gradient of their own take it from their decomposition; without one they are not differentiable.
  public func differentiate(_ operands: [Tensor]) throws -> Differentiated {
    try differentiateDecomposition(operands)
  }

  /// The results and the gradient of the decomposition.
  /// - Throws: `not-differentiable` where there is none.
  @_semantics("optimize.sil.specialize.generic.never")
  func differentiateDecomposition(_ operands: [Tensor]) throws -> Differentiated {
    guard let recorder = Tensor.recorder(of: operands) else {
      return Differentiated(try Tensor.record(self, operands), pull: { _ in operands.map { _ in nil } })
    }
    return try differentiate(operands, symbols: recorder.symbols) { inner in
      guard let results = try decomposed(inner) else {
        throw Diagnostic("not-differentiable", "'\(name)' has no gradient")
      }
      return results
    }
  }

  /// The results of a composition that gives the same, and their gradient.
  @_semantics("optimize.sil.specialize.generic.never")
  func differentiate(
    _ operands: [Tensor], symbols: SymbolTable, through composition: ([Tensor]) throws -> [Tensor]
  ) throws -> Differentiated {
    let trace = TraceRecorder(name: "decomposition", symbols: symbols)
    let inner = operands.map { $0.isAbsent ? Tensor.absent : trace.parameter($0.type) }
    let results = try Composition.apart { try Composition.run { try composition(inner) } }
    let function = try trace.finish(results)
    let differentiated = try Gradient.differentiate(function, at: operands.filter { !$0.isAbsent }, of: operands)
    // The composition may take sizes that the op refuses.
    var context = InferenceContext(symbols: symbols)
    _ = try resultTypes(operands.map { $0.isAbsent ? nil : $0.type }, &context)
    if let recorder = Tensor.recorder(of: operands) {
      recorder.addGuards(context.guards.map { $0.located(at: recorder.location) })
    }
    return differentiated
  }

  /// The same results from simpler ops, with nothing rounded between operands and results; see ``Composition``.
  @_semantics("optimize.sil.specialize.generic.never")
  public func decomposed(_ operands: [Tensor]) throws -> [Tensor]? {
    if needsWidening(operands) { return try widenedResults(operands) }
    var isComposite = true
    let results = try Composition.run {
      let results = try decompose(operands)
      isComposite = results != nil
      return results ?? []
    }
    return isComposite ? results : nil
  }
}

/// An op whose results do not depend on gradients: comparisons, integer ops, shapes.
public protocol NotDifferentiable: TensorOp {}

extension NotDifferentiable {
  public func differentiate(_ operands: [Tensor]) throws -> Differentiated {
    Differentiated(try Tensor.record(self, operands), pull: { _ in operands.map { _ in nil } })
  }
}
