import TensorIR

extension InferenceContext {
  /// Requires `a <= b`: nothing if it is known, an error if it never holds, a guard otherwise.
  mutating func require(_ a: Dimension, atMost b: Dimension, _ message: @autoclosure () -> String) throws {
    try require(SizeCondition(a, .atMost, b), message())
  }

  /// Requires an axis of a tensor, counted from 0.
  func require(axis: Int, of type: TensorType, _ name: String) throws {
    guard (0..<type.rank).contains(axis) else {
      throw Diagnostic(
        "bad-attribute", "'\(name)' was given axis \(axis) of \(type); axes count from 0 and end before \(type.rank)")
    }
  }

  /// Requires one attribute entry for each axis.
  func require(entries: Int, forAxesOf type: TensorType, _ what: String, _ name: String) throws {
    guard entries == type.rank else {
      throw Diagnostic(
        "bad-attribute", "'\(name)' needs one of \(what) for each axis of \(type) and was given \(entries)")
    }
  }
}
