import TensorIR

/// Writes into each kernel what is known of the sizes that its calls pass: one that is the same number in all of them stands
/// in the kernel and is no longer passed, and code for sizes that none of them has goes.
///
/// Kernels are shared first, by layers whose sizes differ; what is left to choose when they run is then what really differs.
/// The C compiler could find the same only where kernels and calls are in one file.
enum PropagateSizes {
  static func run(_ program: LoweredProgram) -> LoweredProgram {
    var result = program
    let calls = Dictionary(grouping: program.calls, by: \.kernel)
    var kept: [Int: [Int]] = [:]
    for (index, kernel) in program.kernels.enumerated() {
      guard let calls = calls[index], !kernel.scalars.isEmpty else { continue }
      var known: [Int: KnownSize] = [:]
      for (place, variable) in kernel.scalars.enumerated() {
        known[variable.id] = KnownSize(calls.map { $0.scalars[place] }, program.symbols)
      }
      result.kernels[index].body = KnownSizes(known).rewrite(kernel.body)
      kept[index] = kernel.scalars.indices.filter { known[kernel.scalars[$0].id]?.number == nil }
      result.kernels[index].scalars = kept[index, default: []].map { kernel.scalars[$0] }
    }
    result.steps = program.steps.mapCalls { call in
      guard let kept = kept[call.kernel] else { return call }
      var call = call
      call.scalars = kept.map { call.scalars[$0] }
      return call
    }
    return result
  }
}

/// What all calls of a kernel say of one size.
struct KnownSize: Equatable {
  /// What it always is.
  private(set) var number: Int?
  private(set) var mayBeZero = false
  /// What it is at least where it is not zero.
  private(set) var least = Int.max

  init(number: Int) {
    self.number = number
    mayBeZero = number == 0
    least = number
  }

  /// - Parameter sizes: that of each call; nil if nothing is known of one of them.
  init?(_ sizes: [Dimension], _ symbols: SymbolTable) {
    if let first = sizes.first, first.constant != nil, sizes.allSatisfy({ $0 == first }) { number = first.constant }
    for size in sizes {
      if let number = size.constant {
        if number < 0 { return nil }
        if number == 0 { mayBeZero = true } else { least = min(least, number) }
      } else {
        guard let lower = symbols.range(of: size).lower, lower >= 0 else { return nil }
        mayBeZero = mayBeZero || lower == 0
        least = min(least, max(lower, symbols.divisor(of: size)))
      }
    }
  }
}

/// A walk over the statements of a kernel with what is known of its sizes.
private struct KnownSizes {
  private var known: [Int: KnownSize]

  init(_ known: [Int: KnownSize]) { self.known = known }

  func rewrite(_ statements: [Statement]) -> [Statement] {
    var inner = self
    return statements.flatMap { inner.rewrite($0) }
  }

  private mutating func rewrite(_ statement: Statement) -> [Statement] {
    let statement = statement.mapExpressions(fold)
    switch statement {
    case .declare(let variable, .integer(let number), mutable: false):
      known[variable.id] = KnownSize(number: number)
      return []
    case .branch(let condition, let then, let otherwise):
      guard let truth = condition.constantTruth else { break }
      return rewrite(truth ? then : otherwise)
    default: break
    }
    return [statement.mapBlocks(rewrite)]
  }

  private func fold(_ expression: Expression) -> Expression {
    switch expression.mapOperands(fold) {
    case .variable(let variable):
      return known[variable.id]?.number.map { .integer($0) } ?? .variable(variable)
    case .binary(.less, .integer(let number), .variable(let variable)):
      return isAbove(number, variable) ? .truth(true) : .less(.integer(number), .variable(variable))
    case .binary(.lessEqual, .variable(let variable), .integer(let number)):
      return isAbove(number, variable) ? .truth(false) : .binary(.lessEqual, .variable(variable), .integer(number))
    case .binary(.maximum, .variable(let variable), .integer(let number)):
      return isAbove(number - 1, variable) ? .variable(variable) : .maximum(.variable(variable), .integer(number))
    case .binary(
      .logicalAnd, .binary(.less, 0, .variable(let a)), .binary(.lessEqual, .variable(let b), .integer(let most)))
    where a == b && known[a.id].map { $0.least > most } ?? false:
      return .truth(false)
    case let folded: return folded
    }
  }

  private func isAbove(_ number: Int, _ variable: Variable) -> Bool {
    known[variable.id].map { !$0.mayBeZero && $0.least > number } ?? false
  }
}
