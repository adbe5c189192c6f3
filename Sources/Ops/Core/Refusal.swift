import TensorIR

/// Stands for what a method on `Tensor` was asked for and cannot do. It is never recorded: its inference throws, so that the
/// recorder keeps the diagnostic and gives poison, as for any other mistake.
struct Refusal: NotDifferentiable {
  static let name = "refusal"
  static let summary = "What cannot be done."
  static let signature = Signature.operands(from: 0)
  var id: String
  var message: String

  func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    throw Diagnostic(id, message)
  }

  func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    throw Diagnostic(id, message)
  }
}

extension Tensor {
  /// Poison, with a diagnostic that says why.
  func refusing(_ id: String, _ message: String) -> Tensor { .one(Refusal(id: id, message: message), self) }

  /// Poison for an axis that this tensor does not have.
  func refusing(axis: Int, of method: String) -> Tensor {
    refusing("bad-attribute", "'\(method)' was given axis \(axis) of \(type)")
  }

  /// Poison for axes that this tensor does not have, or that are named twice.
  func refusing(axes: [Int], of method: String) -> Tensor {
    refusing(
      "bad-attribute",
      "'\(method)' was given axes \(axes) of \(type); it takes each once, and negative ones from the end")
  }
}
