import TensorIR
import TensorOps

extension Dictionary: TensorContainer where Key == String, Value: TensorContainer {
  /// The values are named by their keys, in the order of these.
  public mutating func visit(_ visitor: TensorVisitor) {
    for key in keys.sorted() {
      guard var value = self[key] else { continue }
      visitor(key, &value)
      self[key] = value
    }
  }
}

extension Dictionary: TensorExample where Key == String, Value: TensorContainer {}

/// What a compiled function gives whose closure gave a tuple; calls give a tuple again.
public struct Tuple2<First: TensorContainer, Second: TensorContainer>: TensorContainer {
  public var parts: (First, Second)

  public mutating func visit(_ visitor: TensorVisitor) {
    visitor("0", &parts.0)
    visitor("1", &parts.1)
  }
}

/// As ``Tuple2``, of three.
public struct Tuple3<First: TensorContainer, Second: TensorContainer, Third: TensorContainer>: TensorContainer {
  public var parts: (First, Second, Third)

  public mutating func visit(_ visitor: TensorVisitor) {
    visitor("0", &parts.0)
    visitor("1", &parts.1)
    visitor("2", &parts.2)
  }
}

extension Tuple2: Sendable where First: Sendable, Second: Sendable {}
extension Tuple3: Sendable where First: Sendable, Second: Sendable, Third: Sendable {}

/// As ``compile(_:name:file:line:column:_:)``, of a closure that gives a tuple: `let (y, z) = try f(x)`. Disfavoured,
/// so that other closures are not tried as tuples.
@_disfavoredOverload
public func compile<each Example: TensorExample, A: TensorContainer, B: TensorContainer>(
  _ examples: repeat each Example, name: String = "function", file: String = #fileID, line: Int = #line,
  column: Int = #column, _ body: (repeat (each Example).Traced) throws -> (A, B)
) throws -> CompiledFunction<Tuple2<A, B>, repeat (each Example).Traced> {
  try compile(repeat each examples, name: name, file: file, line: line, column: column) {
    (arguments: repeat (each Example).Traced) in Tuple2(parts: try body(repeat each arguments))
  }
}

/// As ``compile(_:name:file:line:column:_:)``, of a closure that gives a tuple of three.
@_disfavoredOverload
public func compile<each Example: TensorExample, A: TensorContainer, B: TensorContainer, C: TensorContainer>(
  _ examples: repeat each Example, name: String = "function", file: String = #fileID, line: Int = #line,
  column: Int = #column, _ body: (repeat (each Example).Traced) throws -> (A, B, C)
) throws -> CompiledFunction<Tuple3<A, B, C>, repeat (each Example).Traced> {
  try compile(repeat each examples, name: name, file: file, line: line, column: column) {
    (arguments: repeat (each Example).Traced) in Tuple3(parts: try body(repeat each arguments))
  }
}

extension CompiledFunction {
  /// Computes the outputs; see ``callAsFunction(_:)``.
  public func callAsFunction<A, B>(_ inputs: repeat each Input) throws -> (A, B) where Output == Tuple2<A, B> {
    let found: Tuple2<A, B> = try result(repeat each inputs)
    return found.parts
  }

  /// Computes the outputs; see ``callAsFunction(_:)``.
  public func callAsFunction<A, B, C>(_ inputs: repeat each Input) throws -> (A, B, C) where Output == Tuple3<A, B, C> {
    let found: Tuple3<A, B, C> = try result(repeat each inputs)
    return found.parts
  }
}

/// The gradient of a scalar function of two things: `let (da, db) = try gradient(at: (a, b)) { a, b in (a * b).sum() }`.
/// - Throws: as ``valueAndGradient(at:file:line:column:of:)``.
public func gradient<A: TensorContainer, B: TensorContainer>(
  at point: (A, B), file: String = #fileID, line: Int = #line, column: Int = #column, of body: (A, B) throws -> Tensor
) throws -> (A, B) {
  try valueAndGradient(at: point, file: file, line: line, column: column, of: body).gradient
}

/// The value and the gradient of a scalar function of two things.
/// - Throws: as ``valueAndGradient(at:file:line:column:of:)``.
public func valueAndGradient<A: TensorContainer, B: TensorContainer>(
  at point: (A, B), file: String = #fileID, line: Int = #line, column: Int = #column, of body: (A, B) throws -> Tensor
) throws -> (value: Tensor, gradient: (A, B)) {
  let found = try valueAndGradient(at: Tuple2(parts: point), file: file, line: line, column: column) {
    try body($0.parts.0, $0.parts.1)
  }
  return (found.value, found.gradient.parts)
}
