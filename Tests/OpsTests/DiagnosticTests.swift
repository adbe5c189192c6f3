import TensorIR
import TensorOps
import Testing

/// What is said of operands and attributes that do not fit.
@Suite struct DiagnosticTests {
  static let mistakes: [(any TensorOp, [TensorType], String)] = [
    (Add(), [TensorType(.f32, [2]), TensorType(.i32, [2])], "element-type"),
    (Add(), [TensorType(.f32, [2]), TensorType(.f32, [3])], "shape-mismatch"),
    (Log(), [TensorType(.i32, [2])], "element-type"),
    (Concat(axis: 0), [], "arity"),
    (Concat(axis: 2), [TensorType(.f32, [2, 3])], "bad-attribute"),
    (Slice(starts: [1], sizes: [3], steps: [1]), [TensorType(.f32, [3])], "shape-mismatch"),
    (Slice(starts: [0], sizes: [1], steps: [0]), [TensorType(.f32, [3])], "bad-attribute"),
    (Gather(axis: 0), [TensorType(.f32, [3]), TensorType(.f32, [1])], "element-type"),
    (Pad(before: [3], after: [0], mode: .reflect), [TensorType(.f32, [3])], "shape-mismatch"),
    (ArgMax(axis: 0), [TensorType(.f32, [0])], "shape-mismatch"),
    (Softmax(axis: 1), [TensorType(.f32, [3])], "bad-attribute"),
    (MaxPool(kernel: [5]), [TensorType(.f32, [1, 1, 4])], "shape-mismatch"),
    (MaxPool(kernel: [0]), [TensorType(.f32, [1, 1, 4])], "bad-attribute"),
  ]

  @Test(arguments: mistakes.indices) func mistakesAreRefused(_ place: Int) throws {
    let (op, types, id) = DiagnosticTests.mistakes[place]
    var context = InferenceContext(symbols: SymbolTable())
    let diagnostic = try #require(throws: Diagnostic.self) { _ = try op.resultTypes(types, &context) }
    #expect(diagnostic.id == id, "\(diagnostic)")
  }
}
