import TensorIR
import TensorOps
import TensorRuntime

extension Tensor {
  /// Computes the elements now, and keeps them. Otherwise that happens when they are first read.
  /// - Throws: what is wrong with the shapes, types or data that led here, with its place; without one of its own, the
  ///   place of this call. `ToolchainMissing` where the computation is large and there is no C compiler.
  @discardableResult
  public func evaluate(file: String = #fileID, line: Int = #line, column: Int = #column) throws -> Tensor {
    do {
      _ = try hostArray()
      return self
    } catch {
      let list = LazyGraph.diagnostics(error, at: .source(file: file, line: line, column: column))
      guard error is Diagnostic || error is Diagnostics else { throw error }
      throw list.count == 1 ? list[0] : Diagnostics(list)
    }
  }

  /// The elements in row-major order.
  /// - Throws: `element-type` where the tensor holds another type; as ``evaluate(file:line:column:)``.
  public func array<Element: HostElement>(
    of type: Element.Type, file: String = #fileID, line: Int = #line, column: Int = #column
  ) throws -> [Element] {
    try evaluate(file: file, line: line, column: column).hostArray().elements(as: type)
  }

  /// The only element, as a float whatever its type.
  /// - Throws: `element-count` where there is not exactly one; as ``evaluate(file:line:column:)``.
  public func item(file: String = #fileID, line: Int = #line, column: Int = #column) throws -> Double {
    let array = try evaluate(file: file, line: line, column: column).hostArray()
    guard array.count == 1 else {
      throw Diagnostic(
        "element-count", "the tensor \(array) has \(array.count) elements where one was expected",
        at: .source(file: file, line: line, column: column))
    }
    return try ReferenceTensor(array).number(0)
  }

  /// The elements in memory, shared with the tensor.
  /// - Throws: as ``evaluate(file:line:column:)``.
  public func hostArray() throws -> HostArray { try LazyGraph.shared.array(of: try lazyID()) }

  /// The number in the lazy graph.
  func lazyID() throws -> Int {
    if isAbsent { throw Diagnostic("no-operands", "a tensor was made of no others, and has no elements") }
    guard recorder === LazyGraph.shared else {
      throw Diagnostic("traced-tensor", "a tensor of a trace has no elements; return it from the traced closure")
    }
    guard id >= 0 else { throw Diagnostic("failed-operand", "an operation that this tensor comes from failed") }
    return id
  }
}

extension TensorContainer {
  /// Computes all tensors of the container together.
  /// - Throws: as ``TensorOps/Tensor/evaluate(file:line:column:)``.
  public func evaluateAll() throws { try LazyGraph.shared.evaluate(tensors.map { try $0.lazyID() }) }
}
