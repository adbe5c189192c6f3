import TensorIR
import TensorOps

/// Which element types an op takes, found by trying them, and its samples in each of them.
public struct SampleTypes: Sendable {
  /// The types that tensors of users have; i4 and u4 are those of packed constants only.
  public static let all = ElementType.floats + ElementType.integers + [.bool]

  /// Where the element type stands under which a sample counts.
  enum Place: Sendable, Equatable {
    /// That of an operand, and of all operands that have the same.
    case operand(Int)
    /// That of the result, which an attribute says.
    case attribute
  }

  public let name: String
  private let samples: [OpSample]
  let place: Place
  /// The types that the op takes, in the order of ``all``.
  public let accepted: [ElementType]

  /// - Parameter samples: those of one op; at least one.
  public init(_ samples: [OpSample]) {
    name = samples.first?.op.name ?? ""
    self.samples = samples
    let widest = samples.map(\.operands.count).max() ?? 0
    let places = (0..<widest).map { Place.operand($0) } + [.attribute]
    // An operand that is always of one type, such as a condition or an index, tells nothing.
    let found = places.lazy.map { place in (place, Self.accepted(samples, place)) }
    let best = found.first { $0.1.count > 1 } ?? (widest > 0 ? .operand(0) : .attribute, [])
    place = best.0
    let own = Set(samples.compactMap { $0.elementType(at: best.0) })
    accepted = Self.all.filter { best.1.contains($0) || own.contains($0) }
  }

  private static func accepted(_ samples: [OpSample], _ place: Place) -> [ElementType] {
    all.filter { type in samples.contains { $0.retyped(type, at: place) != nil } }
  }

  /// The type under which a sample of this op counts.
  public func type(of sample: OpSample) -> ElementType? { sample.elementType(at: place) }

  /// The samples of a type that were written down.
  public func samples(of type: ElementType) -> [OpSample] { samples.filter { self.type(of: $0) == type } }

  /// Samples of other types turned into a type, f32 first, for what is still wanted.
  public func turned(into type: ElementType) -> [OpSample] {
    let order = [.f32] + Self.all.filter { $0 != .f32 }
    return order.filter { $0 != type }.flatMap { samples(of: $0) }.compactMap { $0.retyped(type, at: place) }
  }
}

extension OpSample {
  func elementType(at place: SampleTypes.Place) -> ElementType? {
    switch place {
    case .operand(let index):
      return operands.indices.contains(index) && !operands[index].isAbsent ? operands[index].elementType : nil
    case .attribute:
      var context = InferenceContext(symbols: SymbolTable())
      return (try? op.inferTypes(types, &context))?.first?.elementType
    }
  }

  /// The same sample in another type; nil where the op does not take it.
  func retyped(_ type: ElementType, at place: SampleTypes.Place) -> OpSample? {
    guard let own = elementType(at: place) else { return nil }
    if own == type { return self }
    let result: OpSample
    switch place {
    case .operand:
      result = OpSample(
        op, operands.map { $0.elementType == own && !$0.isAbsent ? $0.turned(into: type) : $0 }, hasGradient: false,
        symbolic: symbolicExtents)
    case .attribute:
      guard let op = op.retyped(from: own, to: type) else { return nil }
      result = OpSample(op, operands, hasGradient: false, symbolic: symbolicExtents)
    }
    var context = InferenceContext(symbols: SymbolTable())
    return (try? result.op.inferTypes(result.types, &context)) == nil ? nil : result
  }
}

extension TensorOp {
  /// The op with another element type in the attributes that have `own`; nil where none has.
  fileprivate func retyped(from own: ElementType, to type: ElementType) -> (any TensorOp)? {
    guard let fields = try? AttributeEncoder().fields(of: self) else { return nil }
    let turned = fields.map { field in
      switch field.value {
      case .elementType(own): Attribute.Field(field.name, .elementType(type))
      case .tensor(let literal): Attribute.Field(field.name, .tensor(literal.turned(into: type)))
      default: field
      }
    }
    return turned == fields ? nil : (try? AttributeDecoder().op(Self.self, from: turned)) as? any TensorOp
  }
}

extension TensorLiteral {
  /// The same numbers, as far as the type has them.
  fileprivate func turned(into type: ElementType) -> TensorLiteral {
    let tensor = ReferenceTensor(self)
    let numbers = (0..<tensor.count).map { tensor.number($0) }
    return type.isFloat
      ? ReferenceTensor(type, shape, floats: numbers).literal
      : ReferenceTensor(type, shape, integers: numbers.map { Evaluator.saturate($0, type) }).literal
  }
}

extension SampleOperand {
  /// The same operand in another type, its values where that has room for them.
  func turned(into type: ElementType) -> SampleOperand {
    let turned: Values
    switch values {
    case .uniform(let low, let high):
      if type == .bool {
        turned = .uniform(0, 1)
      } else if type.isFloat {
        turned = values
      } else {
        turned = .uniform(type.isSigned ? max(low.rounded(.down), -9) : max(low, 0), max(min(high.rounded(.up), 9), 0))
      }
    case .integers(let list):
      turned = type.isFloat || type == .bool ? .uniform(0, 1) : .integers(list.map { Rounding.wrap($0, to: type) })
    case .list(let list): turned = .list(type.isFloat ? list : list.map { Double(Evaluator.saturate($0, type)) })
    case .distinct, .absent: turned = values
    }
    return SampleOperand(type, shape, turned)
  }
}
