import TensorIR

/// What one composition records between its operands and its results: a decomposition, a gradient, an ONNX operator or a method
/// of `Tensor` that takes several operations.
///
/// Precision is a contract: between operands and results everything is computed in f32 at least, however narrow the elements
/// are. The formula is recorded as it is written, in the operands' type. In the end, what would be rounded on its way to a
/// result is recorded again on operands cast to f32, and the results are cast back; a formula that rounds only its result, such
/// as a single operation, stays as it is. So no formula needs to say which type it computes in.
public final class Composition: @unchecked Sendable {
  /// The outermost composition that this thread is in. Inner ones are part of it: what passes from one to the next is not
  /// rounded either.
  @TaskLocal static var current: Composition?

  /// An operation as it was recorded.
  private struct Step {
    var op: any TensorOp
    var operands: [Tensor]
    var results: [Tensor]
    var location: Location
    /// Whether its operands are what they would be without any rounding.
    var isPrecise = true
  }

  /// A value, whoever recorded it.
  private struct Key: Hashable {
    var recorder: ObjectIdentifier
    var id: Int

    init?(_ tensor: Tensor) {
      guard let recorder = tensor.recorder, tensor.id >= 0 else { return nil }
      (self.recorder, id) = (ObjectIdentifier(recorder), tensor.id)
    }
  }

  private var steps: [Step] = []
  /// Which step made a value; what is not here comes from outside and is precise.
  private var makers: [Key: Int] = [:]
  /// Values that differ from what they would be in f32.
  private var rounded: Set<Key> = []
  /// Values in f32, those of outside cast.
  private var wide: [Key: Tensor] = [:]

  /// Notes an operation; recorders tell of each.
  public static func note(_ op: any TensorOp, _ operands: [Tensor], _ results: [Tensor], at location: Location) {
    current?.note(op, operands, results, at: location)
  }

  private func note(_ op: any TensorOp, _ operands: [Tensor], _ results: [Tensor], at location: Location) {
    // Until a short float is seen, nothing can be rounded to one.
    if steps.isEmpty, !(operands + results).contains(where: \.elementType.isShortFloat) { return }
    var step = Step(op: op, operands: operands, results: results, location: location)
    let isExact = (op as? any ExactOp)?.isExact ?? false
    step.isPrecise = operands.allSatisfy { !isRounded($0) }
    for result in results {
      guard let key = Key(result) else { continue }
      makers[key] = steps.count
      if !step.isPrecise || result.elementType.isShortFloat && !isExact { rounded.insert(key) }
    }
    steps.append(step)
  }

  private func isRounded(_ tensor: Tensor) -> Bool { Key(tensor).map(rounded.contains) ?? false }

  private func maker(of tensor: Tensor) -> Int? { Key(tensor).flatMap { makers[$0] } }

  // MARK: The end

  /// The results, none of them rounded on the way.
  private func finish(_ results: [Tensor]) -> [Tensor] {
    var isNeeded = [Bool](repeating: false, count: steps.count)
    let coarse = results.map { result in maker(of: result).map { !steps[$0].isPrecise } ?? false }
    for (result, isCoarse) in zip(results, coarse) where isCoarse { isNeeded[maker(of: result) ?? 0] = true }
    guard isNeeded.contains(true) else { return results }
    for place in steps.indices.reversed() where isNeeded[place] {
      for operand in steps[place].operands where isRounded(operand) { isNeeded[maker(of: operand) ?? place] = true }
    }
    for place in steps.indices where isNeeded[place] { recordAgain(steps[place]) }
    let finished = zip(results, coarse).map { result, isCoarse in
      isCoarse ? Key(result).flatMap { wide[$0] }?.cast(to: result.elementType) ?? result : result
    }
    forgetUnused(finished, isNeeded)
    return finished
  }

  private func recordAgain(_ step: Step) {
    guard let recorder = step.results[0].recorder else { return }
    let operands = step.operands.map { widened($0, by: recorder, at: step.location) }
    let results = recorder.record(step.op.widened, operands, at: step.location)
    for (old, new) in zip(step.results, results) {
      if let key = Key(old) { wide[key] = new }
    }
  }

  /// A value in f32, if it is a float that is narrower.
  private func widened(_ tensor: Tensor, by recorder: any Recorder, at location: Location) -> Tensor {
    guard let key = Key(tensor) else { return tensor }
    if let known = wide[key] { return known }
    guard tensor.elementType.isShortFloat else { return tensor }
    let result = recorder.record(Cast(to: .f32), [tensor], at: location).first ?? tensor
    wide[key] = result
    return result
  }

  /// Lets go of operations that only what was recorded again had needed.
  private func forgetUnused(_ results: [Tensor], _ isAgain: [Bool]) {
    var used = [Bool](repeating: false, count: steps.count)
    for result in results { maker(of: result).map { used[$0] = true } }
    // A size stands in types, where no operand tells of it.
    for place in steps.indices where !steps[place].op.definedSizes.isEmpty { used[place] = true }
    for place in steps.indices where isAgain[place] {
      for operand in steps[place].operands where !isRounded(operand) { maker(of: operand).map { used[$0] = true } }
    }
    for place in steps.indices.reversed() where used[place] {
      for operand in steps[place].operands { maker(of: operand).map { used[$0] = true } }
    }
    let unused = steps.indices.filter { !used[$0] }.flatMap { steps[$0].results }
    for (recorder, tensors) in Dictionary(grouping: unused, by: { $0.recorder.map { ObjectIdentifier($0) } }) {
      guard recorder != nil else { continue }
      tensors[0].recorder?.forget(Set(tensors.map(\.id)))
    }
  }
}

extension Composition {
  /// Runs a composition and gives its results; see ``Composition``.
  public static func run(_ body: () throws -> [Tensor]) rethrows -> [Tensor] {
    if current != nil { return try body() }
    let composition = Composition()
    let results = try $current.withValue(composition, operation: body)
    return composition.finish(results)
  }

  /// Runs what is a composition, or several, of its own, though it may stand in another: the nodes of a graph in a node.
  public static func apart<Result>(_ body: () throws -> Result) rethrows -> Result {
    try $current.withValue(nil, operation: body)
  }
}

extension Tensor {
  /// Runs a composition with one result; see ``Composition``.
  public static func composed(_ body: () throws -> Tensor) rethrows -> Tensor {
    try Composition.run { [try body()] }[0]
  }

  /// Runs a composition with two results; see ``Composition``.
  public static func composed(_ body: () throws -> (Tensor, Tensor)) rethrows -> (Tensor, Tensor) {
    let results = try Composition.run {
      let (first, second) = try body()
      return [first, second]
    }
    return (results[0], results[1])
  }
}

extension TensorOp {
  /// The same op for operands in f32: one that names a narrower float names f32.
  fileprivate var widened: any TensorOp {
    guard var named = self as? any ElementTypeNaming, named.namedElementType.isShortFloat else { return self }
    named.namedElementType = .f32
    return named
  }
}

/// An op that names the element type of its result.
protocol ElementTypeNaming: TensorOp {
  var namedElementType: ElementType { get set }
}

extension Cast: ElementTypeNaming {
  var namedElementType: ElementType {
    get { to }
    set { to = newValue }
  }
}

extension Full: ElementTypeNaming {
  var namedElementType: ElementType {
    get { elementType }
    set { elementType = newValue }
  }
}

extension Iota: ElementTypeNaming {
  var namedElementType: ElementType {
    get { elementType }
    set { elementType = newValue }
  }
}

extension ElementType {
  /// Whether it is a float of 16 bits, which is computed with in f32.
  var isShortFloat: Bool { self == .f16 || self == .bf16 }
}
