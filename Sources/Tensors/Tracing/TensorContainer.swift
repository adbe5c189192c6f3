import TensorIR
import TensorOps

/// A value that holds tensors: a tensor, a layer, a model, an optimiser's state. What a compiled function takes and
/// gives.
///
/// A struct whose parts are stored properties needs nothing more than to say so; its parts are found by name, in the
/// order in which they are declared:
///
///     struct Network: Module {
///       var first = Linear(784, 256)
///       var second = Linear(256, 10)
///       func callAsFunction(_ x: Tensor) -> Tensor { second(first(x).relu()) }
///     }
///
/// What is found: properties that are `var` and tensors, containers, arrays, optionals and dictionaries of such, `any
/// Module` and arrays of it. A tensor anywhere else, in a `let` or a tuple, is told as a mistake (`unvisited-field`)
/// where the container is traced or differentiated. A type may also list its parts itself, by a ``visit(_:)`` of its
/// own.
///
/// Parts that are not tensors (sizes, rates) are fixed when a function is traced, and a call with a container in which
/// a rate, a switch or a choice has changed is refused. What a stored closure captures is a constant too.
public protocol TensorContainer {
  /// Shows each part to the visitor, always the same ones in the same order. By default the stored properties.
  mutating func visit(_ visitor: TensorVisitor)
}

/// Walks through the tensors of a container and may replace them.
public final class TensorVisitor {
  private var path: [String] = []
  private let body: (_ name: String, _ isTrained: Bool, inout Tensor) -> Void
  /// How many parts around the present one are not trained.
  private var untrainedDepth = 0
  /// How many adapters are around the present part.
  private var adapterDepth = 0
  /// The parts around the present one of which only adapters are trained, and what is chosen beside them.
  private var adapted: [(depth: Int, trained: [NamePattern])] = []
  /// Given each linear layer that may have an adapter, under its name.
  private let seesLayer: ((_ name: String, inout Linear) -> Void)?
  /// What is wrong with the fields of containers; collected where not nil.
  var mistakes: [Diagnostic]?
  /// Whether names are wanted. They are made for each tensor anew.
  private let isNamed: Bool

  public init(_ body: @escaping (_ name: String, inout Tensor) -> Void) {
    self.body = { name, _, tensor in body(name, &tensor) }
    seesLayer = nil
    isNamed = true
  }

  /// A visitor that is told whether optimisers change a tensor, and not its name.
  static func trained(_ body: @escaping (_ isTrained: Bool, inout Tensor) -> Void) -> TensorVisitor {
    TensorVisitor(isNamed: false, seesLayer: nil) { _, isTrained, tensor in body(isTrained, &tensor) }
  }

  /// A visitor that is not told names.
  static func unnamed(_ body: @escaping (inout Tensor) -> Void) -> TensorVisitor {
    TensorVisitor(isNamed: false, seesLayer: nil) { _, _, tensor in body(&tensor) }
  }

  private init(
    isNamed: Bool = true, seesLayer: ((_ name: String, inout Linear) -> Void)?,
    _ body: @escaping (_ name: String, _ isTrained: Bool, inout Tensor) -> Void = { _, _, _ in }
  ) {
    self.body = body
    self.seesLayer = seesLayer
    self.isNamed = isNamed
  }

  /// A visitor of the linear layers outside of what is not trained.
  package static func layers(_ body: @escaping (_ name: String, inout Linear) -> Void) -> TensorVisitor {
    TensorVisitor(seesLayer: body)
  }

  /// Visits a part under a name, which is joined with those of the containers around it: `first.weight`.
  public func callAsFunction<Part: TensorContainer>(_ name: String, _ part: inout Part) {
    if !name.isEmpty { path.append(name) }
    part.visit(self)
    if !name.isEmpty { path.removeLast() }
  }

  /// Visits a part that optimisers leave alone, such as running statistics: it is saved, loaded, compiled and moved
  /// like others.
  public func untrained<Part: TensorContainer>(_ name: String, _ part: inout Part) {
    untrainedDepth += 1
    self(name, &part)
    untrainedDepth -= 1
  }

  /// Visits a part of which optimisers change adapters and tensors of chosen names alone.
  package func adapted<Part: TensorContainer>(_ part: inout Part, trained: [NamePattern]) {
    adapted.append((path.count, trained))
    part.visit(self)
    adapted.removeLast()
  }

  /// Visits what is learnt beside weights that stay as they are.
  func adapter<Part: TensorContainer>(_ name: String, _ part: inout Part) {
    adapterDepth += 1
    self(name, &part)
    adapterDepth -= 1
  }

  func layer(_ linear: inout Linear) {
    if untrainedDepth == 0 { seesLayer?(path.joined(separator: "."), &linear) }
  }

  fileprivate func leaf(_ tensor: inout Tensor) {
    let isTrained = untrainedDepth == 0 && tensor.elementType.isFloat && isChosen
    body(isNamed ? path.joined(separator: ".") : "", isTrained, &tensor)
  }

  /// Whether all parts around the present one that have adapters leave it to optimisers.
  private var isChosen: Bool {
    adapterDepth > 0
      || adapted.allSatisfy { depth, trained in
        let name = trained.isEmpty ? "" : path.dropFirst(depth).joined(separator: ".")
        return trained.contains { $0.matches(name) }
      }
  }
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
  public var tensors: [Tensor] {
    var copy = self
    var found: [Tensor] = []
    copy.visit(.unnamed { found.append($0) })
    return found
  }

  /// The same container with other tensors, as many as it holds; where there are fewer, the rest stays.
  public func replacing(_ tensors: [Tensor]) -> Self {
    var copy = self
    var rest = tensors[...]
    copy.visit(.unnamed { $0 = rest.popFirst() ?? $0 })
    return copy
  }

  /// Which of the tensors optimisers change: floats outside of parts that are not trained.
  public var areTrained: [Bool] {
    var copy = self
    var found: [Bool] = []
    copy.visit(.trained { isTrained, _ in found.append(isTrained) })
    return found
  }

  /// The tensors that optimisers change, in order.
  public var trainedTensors: [Tensor] { zip(tensors, areTrained).filter(\.1).map(\.0) }

  /// The same container with other tensors in the place of those that optimisers change.
  public func replacing(trained: [Tensor]) -> Self {
    var rest = trained[...]
    return replacing(zip(tensors, areTrained).map { $1 ? rest.popFirst() ?? $0 : $0 })
  }

  /// The same container with every tensor changed.
  public func mapTensors(_ change: (Tensor) throws -> Tensor) rethrows -> Self { replacing(try tensors.map(change)) }

  /// How many numbers it holds.
  public var parameterCount: Int {
    tensors.reduce(0) { $0 + ($1.type.constantShape?.reduce(1, *) ?? 0) }
  }
}
