import Tensors

/// A part whose tensors optimisers leave alone: running statistics, or layers that are not trained on. They are saved,
/// loaded and compiled like others; what is computed with them is differentiated as ever.
@dynamicMemberLookup
public struct Frozen<Part: TensorContainer>: Module {
  public var value: Part

  public init(_ value: Part) { self.value = value }

  public subscript<Member>(dynamicMember path: KeyPath<Part, Member>) -> Member { value[keyPath: path] }

  public mutating func visit(_ visitor: TensorVisitor) { visitor.untrained("", &value) }
}

extension Frozen: Sendable where Part: Sendable {}
