import Foundation
import TensorIR
import TensorOps
import TensorRuntime

// The elements as Swift's own values. All compute first, and throw what ``TensorOps/Tensor/evaluate(file:line:column:)`` throws.
extension Tensor {
  /// The elements in row-major order as `Float`, whatever their type.
  public func floats(file: String = #fileID, line: Int = #line, column: Int = #column) throws -> [Float] {
    try cast(to: .f32).array(of: Float.self, file: file, line: line, column: column)
  }

  /// Lends the elements' bytes, row-major and without gaps, for the duration of `body`; nothing is copied unless the tensor is a view.
  public func withUnsafeBytes<Result>(
    file: String = #fileID, line: Int = #line, column: Int = #column, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    try evaluate(file: file, line: line, column: column).hostArray().withUnsafeBytes(body)
  }

  /// The parts of the first axis, one after the other: `for row in x.rows`. Of a scalar, or where the extent is not known, there is one,
  /// which tells the mistake when it is used.
  public var rows: [Tensor] {
    guard let count = shape.first?.constant else {
      return [mistake("unknown-size", "the rows of \(type) cannot be counted")]
    }
    return (0..<count).map { self[$0] }
  }

  /// The tensor in a NumPy `.npy` file.
  /// - Throws: as ``init(npy:)``.
  public init(contentsOf url: URL) throws { try self.init(npy: url.path) }

  /// Computes the elements and writes them as a NumPy `.npy` file, which appears complete or not at all.
  /// - Throws: as ``save(npy:)``.
  public func save(to url: URL) throws { try save(npy: url.path) }

  /// Computes the elements and writes them as a NumPy `.npy` file, which appears complete or not at all.
  /// - Throws: as ``save(npy:)``.
  public func save(_ path: String) throws { try save(npy: path) }
}

/// A tensor as its rows: `for row in x`, `zip(x, y)`. See ``TensorOps/Tensor/rows``.
extension Tensor: Sequence {
  public func makeIterator() -> IndexingIterator<[Tensor]> { rows.makeIterator() }
  public var underestimatedCount: Int { shape.first?.constant ?? 0 }
}

extension Array where Element: HostElement {
  /// The elements of a tensor in row-major order: `try [Float](x)`.
  /// - Throws: as ``TensorOps/Tensor/array(of:file:line:column:)``.
  public init(_ tensor: Tensor, file: String = #fileID, line: Int = #line, column: Int = #column) throws {
    self = try tensor.array(of: Element.self, file: file, line: line, column: column)
  }
}

extension Double {
  /// The only element of a tensor. - Throws: as ``TensorOps/Tensor/item(file:line:column:)``.
  @_disfavoredOverload
  public init(_ tensor: Tensor, file: String = #fileID, line: Int = #line, column: Int = #column) throws {
    self = try tensor.item(file: file, line: line, column: column)
  }
}

extension Float {
  /// The only element of a tensor. - Throws: as ``TensorOps/Tensor/item(file:line:column:)``.
  @_disfavoredOverload
  public init(_ tensor: Tensor, file: String = #fileID, line: Int = #line, column: Int = #column) throws {
    self.init(try tensor.item(file: file, line: line, column: column))
  }
}

extension Int {
  /// The only element of a tensor of integers. - Throws: as ``TensorOps/Tensor/item(file:line:column:)``; `element-type` for floats.
  @_disfavoredOverload
  public init(_ tensor: Tensor, file: String = #fileID, line: Int = #line, column: Int = #column) throws {
    guard !tensor.elementType.isFloat else {
      throw Diagnostic(
        "element-type", "an Int is read of a tensor of integers, not of \(tensor.type); cast it, or read a Double",
        at: .source(file: file, line: line, column: column))
    }
    let numbers = try tensor.cast(to: .i64).array(of: Int.self, file: file, line: line, column: column)
    guard numbers.count == 1 else {
      throw Diagnostic(
        "element-count", "the tensor has \(numbers.count) elements where one was expected",
        at: .source(file: file, line: line, column: column))
    }
    self = numbers[0]
  }
}
