import TensorIR
import TensorOps

extension ElementAccess {
  /// How many lanes an element at an index has.
  func lanes(at index: [Index]) -> Int { index.contains { $0.step != 0 } ? evaluator.lanes : 1 }

  /// Refuses vectors along an axis, where lanes would need different treatment.
  func requireScalar(_ index: Index) throws { if index.step != 0 { throw NotVectorizable() } }

  /// A variable of the result's type that the branches of `write` assign; zero until then.
  func chosen(at index: [Index], zero: Double = 0, _ write: (Variable) throws -> Void) throws -> Expression {
    let type = LoopType(resultType().elementType.computeType, lanes: lanes(at: index))
    let value = builder.mutable("chosen", .constant(zero, type))
    try write(value)
    return .variable(value)
  }

  /// Assigns a value in a block of its own: what is computed there is not known outside.
  func assign(_ variable: Variable, _ value: () throws -> Expression) throws {
    try evaluator.scope(lanes: evaluator.lanes, partial: evaluator.partialCount) {
      builder.assign(variable, evaluator.widened(try value(), lanes: variable.type.lanes))
    }
  }

  /// A value where all conditions hold, a constant elsewhere; nothing is read where they fail.
  func guarded(
    _ conditions: [Expression], at index: [Index], otherwise: Double, _ value: () throws -> Expression
  ) throws -> Expression {
    guard let first = conditions.first else { return try value() }
    let condition = conditions.dropFirst().reduce(first) { .binary(.logicalAnd, $0, $1) }
    return try chosen(at: index, zero: otherwise) { variable in
      try builder.branch(condition) { try assign(variable, value) }
    }
  }
}
