import TensorIR
import TensorOps

/// A value that holds tensors: a tensor, a layer, a model, an optimiser's state. What a compiled function takes and
/// gives.
///
/// A type lists its parts in one place, in the order in which they are declared:
///
///     struct Network: TensorContainer {
///       var first: Linear
///       var second: Linear
///       mutating func visit(_ visitor: TensorVisitor) {
///         visitor("first", &first)
///         visitor("second", &second)
///       }
///     }
///
/// Parts that are not tensors (sizes, rates) are not listed; they are fixed when a function is traced, and a call with a
/// container in which a rate, a switch or a choice has changed is refused.
public protocol TensorContainer {
  /// Shows each part to the visitor, always the same ones in the same order.
  mutating func visit(_ visitor: TensorVisitor)
}

/// Walks through the tensors of a container and may replace them.
public final class TensorVisitor {
  private var path: [String] = []
  private let body: (_ name: String, inout Tensor) -> Void

  public init(_ body: @escaping (_ name: String, inout Tensor) -> Void) { self.body = body }

  /// Visits a part under a name, which is joined with those of the containers around it: `first.weight`.
  public func callAsFunction<Part: TensorContainer>(_ name: String, _ part: inout Part) {
    if !name.isEmpty { path.append(name) }
    part.visit(self)
    if !name.isEmpty { path.removeLast() }
  }

  fileprivate func leaf(_ tensor: inout Tensor) { body(path.joined(separator: "."), &tensor) }
}

extension Tensor: TensorContainer {
  public mutating func visit(_ visitor: TensorVisitor) { visitor.leaf(&self) }
}

extension Array: TensorContainer where Element: TensorContainer {
  /// The elements are named by their positions.
  public mutating func visit(_ visitor: TensorVisitor) {
    for index in indices { visitor("\(index)", &self[index]) }
  }
}

extension Optional: TensorContainer where Wrapped: TensorContainer {
  public mutating func visit(_ visitor: TensorVisitor) {
    guard var part = self else { return }
    visitor("", &part)
    self = part
  }
}

/// Two containers as one.
public struct Pair<First: TensorContainer, Second: TensorContainer>: TensorContainer {
  public var first: First
  public var second: Second

  public init(_ first: First, _ second: Second) {
    self.first = first
    self.second = second
  }

  public mutating func visit(_ visitor: TensorVisitor) {
    visitor("first", &first)
    visitor("second", &second)
  }
}

extension Pair: Sendable where First: Sendable, Second: Sendable {}

/// A container without tensors: what an update gives that gives nothing.
public struct Nothing: TensorContainer, Sendable {
  public init() {}
  public mutating func visit(_ visitor: TensorVisitor) {}
}

extension TensorContainer {
  /// The tensors with their names, in order.
  public var namedTensors: [(name: String, tensor: Tensor)] {
    var copy = self
    var found: [(String, Tensor)] = []
    copy.visit(TensorVisitor { found.append(($0, $1)) })
    return found
  }

  /// The tensors, in order.
  public var tensors: [Tensor] { namedTensors.map(\.tensor) }

  /// The same container with other tensors, as many as it holds; where there are fewer, the rest stays.
  public func replacing(_ tensors: [Tensor]) -> Self {
    var copy = self
    var rest = tensors[...]
    copy.visit(TensorVisitor { _, tensor in tensor = rest.popFirst() ?? tensor })
    return copy
  }

  /// The same container with every tensor changed.
  public func mapTensors(_ change: (Tensor) throws -> Tensor) rethrows -> Self { replacing(try tensors.map(change)) }

  /// How many numbers it holds.
  public var parameterCount: Int {
    tensors.reduce(0) { $0 + ($1.type.constantShape?.reduce(1, *) ?? 0) }
  }
}
