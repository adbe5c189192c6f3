import TensorIR
import TensorOps

// The same elements under other axes. Axes may count from the end: -1 is the last.
extension Tensor {
  /// The number of elements; nil where a dimension is a symbol.
  public var count: Int? { type.constantShape.map { $0.reduce(1, *) } }

  /// The last two axes exchanged; of fewer than two axes, the tensor itself.
  public func transposed(file: String = #fileID, line: Int = #line, column: Int = #column) -> Tensor {
    rank < 2 ? self : swappingAxes(-2, -1, file: file, line: line, column: column)
  }

  /// Two axes exchanged.
  public func swappingAxes(
    _ first: Int, _ second: Int, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor {
    placed(file, line, column) {
      guard let a = axis(first), let b = axis(second) else { return noAxis([first, second]) }
      var order = Array(0..<rank)
      order.swapAt(a, b)
      return transposed(order)
    }
  }

  /// One axis moved to another place, the others in their order.
  public func movingAxis(
    _ source: Int, to destination: Int, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor {
    placed(file, line, column) {
      guard let from = axis(source), let to = axis(destination) else { return noAxis([source, destination]) }
      var order = Array(0..<rank)
      order.insert(order.remove(at: from), at: to)
      return transposed(order)
    }
  }

  /// Several axes moved to other places, the others in their order (NumPy `moveaxis`).
  public func movingAxes(
    _ sources: [Int], to destinations: [Int], file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor {
    placed(file, line, column) {
      let (from, to) = (sources.compactMap(axis), destinations.compactMap(axis))
      guard from.count == sources.count, to.count == sources.count, destinations.count == sources.count,
        Set(from).count == from.count, Set(to).count == to.count
      else {
        return mistake(
          "bad-axis",
          "axes \(sources) of \(type) cannot go to \(destinations); each is named once, from 0 to \(rank - 1)")
      }
      var order = (0..<rank).filter { !from.contains($0) }
      for (target, source) in zip(to, from).sorted(by: { $0.0 < $1.0 }) { order.insert(source, at: target) }
      return transposed(order)
    }
  }

  /// The axes from `start` to `end`, both included, as one.
  public func flattened(
    start: Int = 0, end: Int = -1, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor {
    placed(file, line, column) {
      if rank == 0 { return reshaped(to: [1]) }
      guard let first = axis(start), let last = axis(end), first <= last else { return noAxis([start, end]) }
      let joined = shape[first...last].reduce(1, *)
      return reshaped(to: shape.prefix(first) + [joined] + shape.suffix(from: last + 1))
    }
  }

  /// An axis of extent 1 put in, at a position counted in the result.
  public func unsqueezed(axis: Int) -> Tensor { unsqueezed(axes: [axis]) }

  /// An axis of extent 1 taken out.
  public func squeezed(axis: Int) -> Tensor { squeezed(axes: [axis]) }

  /// All axes of extent 1 taken out.
  public func squeezed() -> Tensor { squeezed(axes: shape.indices.filter { shape[$0] == 1 }) }

  /// Records what the body does at the caller's place, with nothing rounded on the way to its result.
  package func placed(_ file: String, _ line: Int, _ column: Int, _ body: () throws -> Tensor) rethrows -> Tensor {
    try Tensor.placed([self], file, line, column, body)
  }

  package static func placed(
    _ operands: [Tensor], _ file: String, _ line: Int, _ column: Int, _ body: () throws -> Tensor
  ) rethrows -> Tensor {
    try located(operands, at: .source(file: file, line: line, column: column)) { try composed(body) }
  }

  package static func placed(
    _ operands: [Tensor], _ file: String, _ line: Int, _ column: Int, _ body: () throws -> (Tensor, Tensor)
  ) rethrows -> (Tensor, Tensor) {
    try located(operands, at: .source(file: file, line: line, column: column)) { try composed(body) }
  }

  /// An axis counted from 0; nil where there is none.
  package func axis(_ axis: Int) -> Int? {
    let own = axis < 0 ? axis + rank : axis
    return (0..<rank).contains(own) ? own : nil
  }

  /// Axes counted from 0, sorted; nil where one is not there or is named twice.
  func axes(_ axes: [Int]) -> [Int]? {
    let own = axes.compactMap(axis)
    return own.count == axes.count && Set(own).count == own.count ? own.sorted() : nil
  }

  /// The mistake of naming axes that are not there, or one twice.
  func noAxes(_ axes: [Int]) -> Tensor {
    mistake("bad-axis", "\(axes) are not axes of \(type), which has \(rank), each named once")
  }

  /// The mistake of naming axes that are not there.
  package func noAxis(_ axes: [Int]) -> Tensor {
    let list = axes.map(String.init).joined(separator: " or ")
    return mistake("bad-axis", "there is no axis \(list) in \(type), which has \(rank)")
  }

  /// A tensor that stands for a mistake and tells it when it is used.
  package func mistake(_ id: String, _ message: String) -> Tensor {
    guard let recorder, !isPoison else { return self }
    return recorder.record(Mistake(Diagnostic(id, message)), [self], at: .unknown).first ?? self
  }
}

/// What is recorded in place of an operation that cannot be expressed: it is never in a function, for its type inference
/// says what is wrong.
struct Mistake: NotDifferentiable {
  static let name = "mistake"
  static let summary = "Says what is wrong."
  static let signature = Signature.operands(1)
  var id = ""
  var message = ""
  init(_ diagnostic: Diagnostic) {
    id = diagnostic.id
    message = diagnostic.message
  }

  func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    throw Diagnostic(id, message)
  }
  func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    throw Diagnostic(id, message)
  }
}
