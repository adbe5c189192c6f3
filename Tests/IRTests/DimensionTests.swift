import Testing

@testable import TensorIR

/// A polynomial kept as it was written, to compare its value with that of the normal form.
private indirect enum Formula {
  case number(Int)
  case symbol(String)
  case binary(String, Formula, Formula)

  static let symbols = ["a", "b", "n"]

  static func random(depth: Int, _ random: inout SplitMix) -> Formula {
    if depth == 0 || Int.random(in: 0..<6, using: &random) == 0 {
      return Bool.random(using: &random)
        ? .number(Int.random(in: -7...7, using: &random))
        : .symbol(symbols[Int.random(in: 0..<3, using: &random)])
    }
    let operators = ["+", "+", "-", "*", "*", "floordiv", "mod", "min", "max", "ceildiv", "broadcast"]
    let name = operators[Int.random(in: 0..<operators.count, using: &random)]
    let left = Formula.random(depth: depth - 1, &random)
    if name == "floordiv" || name == "mod" || name == "ceildiv" {
      let by: Formula =
        Int.random(in: 0..<4, using: &random) == 0
        ? .symbol("n") : .number(Int.random(in: 1...6, using: &random))
      return .binary(name, left, by)
    }
    return .binary(name, left, .random(depth: depth - 1, &random))
  }

  var dimension: Dimension {
    switch self {
    case .number(let value): return Dimension(value)
    case .symbol(let name): return Dimension(symbol: name)
    case .binary(let name, let left, let right):
      let (a, b) = (left.dimension, right.dimension)
      switch name {
      case "+": return a + b
      case "-": return a - b
      case "*": return a * b
      case "floordiv": return a.floorDivided(by: b)
      case "ceildiv": return a.ceilingDivided(by: b)
      case "mod": return a.modulo(b)
      case "min": return .minimum(a, b)
      case "max": return .maximum(a, b)
      default: return .broadcast(a, b)
      }
    }
  }

  /// nil where two extents do not broadcast, which a guard refuses before.
  func value(_ values: [String: Int]) -> Int? {
    switch self {
    case .number(let value): return value
    case .symbol(let name): return values[name]
    case .binary(let name, let left, let right):
      guard let a = left.value(values), let b = right.value(values) else { return nil }
      switch name {
      case "+": return a + b
      case "-": return a - b
      case "*": return a * b
      case "floordiv": return Int((Double(a) / Double(b)).rounded(.down))
      case "ceildiv": return Int((Double(a) / Double(b)).rounded(.up))
      case "mod": return ((a % b) + b) % b
      case "min": return min(a, b)
      case "max": return max(a, b)
      default: return a == 1 ? b : b == 1 || a == b ? a : nil
      }
    }
  }
}

private let table = SymbolTable([Symbol("a"), Symbol("b", maximum: 5), Symbol("n", minimum: 1)])

private func sampleValues(_ random: inout SplitMix) -> [String: Int] {
  [
    "a": Int.random(in: 0...9, using: &random), "b": Int.random(in: 0...5, using: &random),
    "n": Int.random(in: 1...9, using: &random),
  ]
}

@Suite struct DimensionTests {
  @Test func simplificationKeepsTheValue() {
    var random = SplitMix(state: 1)
    var compared = 0
    for _ in 0..<2_000 {
      let formula = Formula.random(depth: 4, &random)
      let dimension = formula.dimension
      for _ in 0..<4 {
        let values = sampleValues(&random)
        guard let wanted = formula.value(values), !dimension.isOverflow else { continue }
        compared += 1
        #expect(dimension.evaluate { values[$0] } == wanted, "\(formula) as \(dimension) with \(values)")
      }
    }
    #expect(compared > 4_000)
  }

  @Test func theNormalFormReadsBack() throws {
    var random = SplitMix(state: 2)
    for _ in 0..<1_000 {
      let dimension = Formula.random(depth: 4, &random).dimension
      #expect(try Dimension(text: dimension.description) == dimension)
    }
  }

  @Test func substitutionCommutesWithEvaluation() {
    var random = SplitMix(state: 3)
    for _ in 0..<500 {
      let formula = Formula.random(depth: 3, &random)
      let values = sampleValues(&random)
      guard let wanted = formula.value(values), !formula.dimension.isOverflow else { continue }
      let replaced = formula.dimension.substituting { values[$0].map { Dimension($0) } }
      #expect(replaced.constant == wanted, "\(formula.dimension) with \(values)")
    }
  }

  @Test func comparisonsAreSound() {
    var random = SplitMix(state: 4)
    var decided = 0
    for _ in 0..<2_000 {
      let (left, right) = (Formula.random(depth: 3, &random), Formula.random(depth: 2, &random))
      let (a, b) = (left.dimension, right.dimension)
      let (equal, atMost) = (table.isEqual(a, b), table.isAtMost(a, b))
      if equal != .unknown || atMost != .unknown { decided += 1 }
      for _ in 0..<4 {
        let values = sampleValues(&random)
        guard left.value(values) != nil, right.value(values) != nil, let x = a.evaluate({ values[$0] }),
          let y = b.evaluate({ values[$0] })
        else { continue }
        if equal == .yes { #expect(x == y) }
        if equal == .no { #expect(x != y, "\(a) and \(b) with \(values)") }
        if atMost == .yes { #expect(x <= y, "\(a) and \(b) with \(values)") }
        if atMost == .no { #expect(x > y, "\(a) and \(b) with \(values)") }
      }
    }
    #expect(decided > 200)
  }

  @Test func additionAndMultiplicationCommute() {
    var random = SplitMix(state: 5)
    for _ in 0..<500 {
      let a = Formula.random(depth: 3, &random).dimension
      let b = Formula.random(depth: 3, &random).dimension
      #expect(a + b == b + a)
      #expect(a * b == b * a)
      #expect(a.isOverflow || a - a == 0)
    }
  }

  @Test func floorDivisionOfNegativeNumbers() {
    for number in -20...20 {
      for divisor in 1...7 {
        let quotient = Dimension(number).floorDivided(by: Dimension(divisor))
        let remainder = Dimension(number).modulo(Dimension(divisor))
        #expect(quotient * Dimension(divisor) + remainder == Dimension(number))
        #expect((0..<divisor).contains(remainder.constant ?? -1))
      }
    }
    #expect(Dimension(.min).floorDivided(by: 3).constant == Int.min / 3 - 1)
    #expect(Dimension(.min).modulo(3).constant == 1)
  }

  @Test func divisionFindsWholeParts() {
    let (n, h, w): (Dimension, Dimension, Dimension) = (.init(symbol: "n"), .init(symbol: "h"), .init(symbol: "w"))
    #expect((4 * n + 3).floorDivided(by: 4) == n)
    #expect((n * h * w).floorDivided(by: h * w) == n)
    #expect(n.floorDivided(by: 2).floorDivided(by: 3) == n.floorDivided(by: 6))
    #expect((4 * n + 5).modulo(4) == 1)
    #expect(n.floorDivided(by: 0) == .overflow)
    let huge = n.floorDivided(by: Dimension(.max)).floorDivided(by: 3)
    #expect(huge.evaluate { _ in 7 } == 0)
  }

  @Test func broadcastAtoms() {
    let (n, m): (Dimension, Dimension) = (.init(symbol: "n"), .init(symbol: "m"))
    #expect(Dimension.broadcast(n, 1) == n)
    #expect(Dimension.broadcast(1, n) == n)
    #expect(Dimension.broadcast(n, n) == n)
    #expect(Dimension.broadcast(n, 4) == 4)
    #expect(Dimension.broadcast(n, m) == Dimension.broadcast(m, n))
    #expect(Dimension.broadcast(Dimension.broadcast(n, m), m) == Dimension.broadcast(n, m))
    #expect(Dimension.broadcast(n, m).evaluate { $0 == "n" ? 1 : 5 } == 5)
  }

  @Test func overflowIsPoison() {
    let big = Dimension(.max)
    #expect(big + 1 == .overflow)
    #expect(big * Dimension(symbol: "n") * 2 == .overflow)
    #expect(Dimension.overflow - Dimension.overflow == .overflow)
    #expect(Dimension.overflow.constant == nil)
    #expect(-Dimension(.min) == .overflow)
    #expect(Dimension(-1) - Dimension(.min) == Dimension(.max))
    let least = Dimension(.min) * Dimension(symbol: "n")
    _ = least.floorDivided(by: -Dimension(symbol: "n"))
    #expect(least.exactQuotient(by: -1) == nil)
  }

  @Test func growthIsBounded() {
    var product: Dimension = 1
    for index in 0..<40 { product = product * (Dimension(symbol: "a\(index)") + Dimension(symbol: "b\(index)")) }
    #expect(product == .overflow)
  }

  @Test func divisibilityFollowsFromFactsAlone() {
    let table = SymbolTable([Symbol("n", divisor: 4), Symbol("m")])
    let (n, m): (Dimension, Dimension) = (.init(symbol: "n"), .init(symbol: "m"))
    #expect(table.isDivisible(n * m, by: 4))
    #expect(table.isDivisible(6 * n + 24, by: 8))
    #expect(!table.isDivisible(n + 2, by: 4))
    #expect(!table.isDivisible(m, by: 2))
    #expect(!table.isDivisible(n, by: 0))
  }
}
