import Foundation
import TensorIR
import TensorOps

private typealias Expression = TensorIR.Expression

/// Runs kernels of the loop IR slowly, in f64 and with every access checked: what a lowering means before any C is
/// made. Integers go through f64 too, which the samples' small ones survive.
final class LoopInterpreter {
  final class Memory {
    var values: [Double]
    init(_ values: [Double]) { self.values = values }
  }

  struct Fault: Error, CustomStringConvertible { var description: String }

  private var buffers: [Int: Memory] = [:]
  /// Where pointers stand in the memory they point into.
  private var offsets: [Int: Int] = [:]
  private var variables: [Int: [Double]] = [:]

  /// Runs a kernel on each thread of a team in turn.
  func run(_ kernel: Kernel, _ memories: [Memory], _ scalars: [Int], team: Int) throws {
    for thread in 0..<team {
      (buffers, offsets, variables) = ([:], [:], [:])
      for (parameter, memory) in zip(kernel.buffers, memories) { buffers[parameter.buffer.id] = memory }
      for (variable, value) in zip(kernel.scalars, scalars) { variables[variable.id] = [Double(value)] }
      variables[kernel.thread.id] = [Double(thread)]
      variables[kernel.team.id] = [Double(team)]
      try run(kernel.body)
    }
  }

  private func run(_ statements: [Statement]) throws { for statement in statements { try run(statement) } }

  private func run(_ statement: Statement) throws {
    switch statement {
    case .declare(let variable, let value, _), .assign(let variable, let value):
      let lanes = try evaluate(value)
      guard lanes.count == variable.type.lanes else {
        throw Fault(description: "'\(variable.name)' of \(variable.type) is given \(lanes.count) lanes")
      }
      variables[variable.id] = lanes
    case .array(let buffer, let count): buffers[buffer.id] = Memory([Double](repeating: .nan, count: count))
    case .pointer(let pointer, let buffer, let offset):
      buffers[pointer.id] = buffers[buffer.id]
      offsets[pointer.id] = offsets[buffer.id, default: 0] + Int(try scalar(offset))
    case .advance(let pointer, let elements): offsets[pointer.id, default: 0] += Int(try scalar(elements))
    case .store(let buffer, let offset, let value, let count): try store(buffer, offset, value, count)
    case .transpose(let block):
      for i in 0..<block.lanes {
        for j in 0..<block.lanes {
          let value = Expression.load(
            block.from, block.fromOffset + .integer(i) * block.fromStep + .integer(j), lanes: 1)
          try store(block.to, block.toOffset + .integer(j) * block.toStep + .integer(i), value, nil)
        }
      }
    case .loop(let loop):
      var place = try scalar(loop.from)
      while place < (try scalar(loop.to)) {
        variables[loop.variable.id] = [place]
        try run(loop.body)
        place += try scalar(loop.step)
      }
    case .branch(let condition, let then, let otherwise):
      try run(try scalar(condition) != 0 ? then : otherwise)
    case .whileLoop(let condition, let body): while try scalar(condition) != 0 { try run(body) }
    case .multiplyTiles: throw Fault(description: "matrix registers are for the interpreter of bits")
    case .barrier, .prefetch, .stream, .comment: break
    case .badIndex(let index, let extent, let op, _):
      throw Fault(description: "'\(op)' was given index \(try scalar(index)) of \(try scalar(extent))")
    }
  }

  private func store(_ buffer: Buffer, _ offset: Expression, _ value: Expression, _ count: Expression?) throws {
    let lanes = try evaluate(value)
    let start = Int(try scalar(offset))
    let kept = try count.map { Int(try scalar($0)) } ?? lanes.count
    for (lane, value) in lanes.prefix(kept).enumerated() {
      _ = try load(buffer, start + lane)
      buffers[buffer.id]?.values[start + lane + offsets[buffer.id, default: 0]] = value
    }
  }

  private func load(_ buffer: Buffer, _ place: Int) throws -> Double {
    let place = place + offsets[buffer.id, default: 0]
    guard let memory = buffers[buffer.id], memory.values.indices.contains(place) else {
      throw Fault(description: "'\(buffer.name)' is accessed at \(place), beyond its end")
    }
    return memory.values[place]
  }

  private func scalar(_ expression: Expression) throws -> Double {
    let lanes = try evaluate(expression)
    guard lanes.count == 1 else { throw Fault(description: "a vector stands where a scalar is needed") }
    return lanes[0]
  }

  private func evaluate(_ expression: Expression) throws -> [Double] {
    switch expression {
    case .integer(let value): return [Double(value)]
    case .float(let number, let type): return Array(repeating: number.value, count: type.lanes)
    case .literal(let value, let type): return Array(repeating: Double(value), count: type.lanes)
    case .variable(let variable):
      guard let value = variables[variable.id] else {
        throw Fault(description: "'\(variable.name)' is read before it is declared")
      }
      return value
    case .unary(let op, let a): return try evaluate(a).map { LoopArithmetic.apply(op, $0) }
    case .binary(let op, let a, let b):
      let (x, y) = (try evaluate(a), try evaluate(b))
      guard x.count == y.count else { throw Fault(description: "\(op) of \(x.count) and \(y.count) lanes") }
      return try zip(x, y).map { try LoopArithmetic.apply(op, $0, $1, a.type.element) }
    case .select(let condition, let a, let b):
      let (c, x, y) = (try evaluate(condition), try evaluate(a), try evaluate(b))
      guard x.count == y.count, c.count == 1 || c.count == x.count else {
        throw Fault(description: "select of \(c.count), \(x.count) and \(y.count) lanes")
      }
      return x.indices.map { c[c.count == 1 ? 0 : $0] != 0 ? x[$0] : y[$0] }
    case .convert(let a, let element):
      return try evaluate(a).map { element.isFloat ? $0 : Double(Rounding.wrap(LoopArithmetic.whole($0), to: element)) }
    case .load(let buffer, let offset, let lanes):
      let start = Int(try scalar(offset))
      return try (0..<lanes).map { try load(buffer, start + $0) }
    case .loadPartial(let buffer, let offset, let lanes, let count):
      let (start, kept) = (Int(try scalar(offset)), Int(try scalar(count)))
      return try (0..<lanes).map { $0 < kept ? try load(buffer, start + $0) : 0 }
    case .gather(let buffer, let offset, let stride, let lanes):
      let (start, step) = (Int(try scalar(offset)), Int(try scalar(stride)))
      return try (0..<lanes).map { try load(buffer, start + $0 * step) }
    case .gatherPartial(let buffer, let offset, let stride, let lanes, let count):
      let (start, step, kept) = (Int(try scalar(offset)), Int(try scalar(stride)), Int(try scalar(count)))
      return try (0..<lanes).map { $0 < kept ? try load(buffer, start + $0 * step) : 0 }
    case .broadcast(let a, let lanes): return Array(repeating: try scalar(a), count: lanes)
    case .ramp(let base, let step, let lanes):
      let (start, by) = (try scalar(base), try scalar(step))
      return (0..<lanes).map { start + Double($0) * by }
    case .intrinsic(let intrinsic, let arguments, let type):
      let values = try arguments.map { try evaluate($0) }
      return (0..<type.lanes).map { lane in LoopArithmetic.call(intrinsic, values.map { $0[lane] }, type.element) }
    case .asIndex(let a): return try evaluate(a)
    case .reduce(let reduction, let a): return [LoopArithmetic.reduce(reduction, try evaluate(a))]
    case .bitcast: throw Fault(description: "bitcasts are not interpreted")
    }
  }
}

/// Operators and prelude functions on f64.
enum LoopArithmetic {
  static func apply(_ op: BinaryOperator, _ a: Double, _ b: Double, _ type: ElementType) throws -> Double {
    let width = Double(type.bitWidth)
    switch op {
    case .add: return a + b
    case .subtract: return a - b
    case .multiply: return a * b
    case .divide: return type.isFloat ? a / b : (a / b).rounded(.towardZero)
    case .quotient, .remainder:
      guard b != 0 else { throw LoopInterpreter.Fault(description: "division by zero") }
      return op == .quotient ? (a / b).rounded(.towardZero) : fmod(a, b)
    case .minimum: return min(a, b)
    case .maximum: return max(a, b)
    case .less: return a < b ? 1 : 0
    case .lessEqual: return a <= b ? 1 : 0
    case .greater: return a > b ? 1 : 0
    case .greaterEqual: return a >= b ? 1 : 0
    case .equal: return a == b ? 1 : 0
    case .notEqual: return a != b ? 1 : 0
    case .bitAnd: return Double(whole(a) & whole(b))
    case .bitOr: return Double(whole(a) | whole(b))
    case .bitXor: return Double(whole(a) ^ whole(b))
    case .shiftLeft: return b < 0 || b >= width ? 0 : a * exp2(b)
    case .shiftRight: return b < 0 || b >= width ? (a < 0 ? -1 : 0) : (a * exp2(-b)).rounded(.down)
    case .logicalAnd: return a != 0 && b != 0 ? 1 : 0
    case .logicalOr: return a != 0 || b != 0 ? 1 : 0
    }
  }

  /// An integer that f64 may have rounded past the end of i64.
  static func whole(_ a: Double) -> Int { Evaluator.saturate(a, .i64) }

  static func apply(_ op: UnaryOperator, _ a: Double) -> Double {
    switch op {
    case .negate: -a
    case .bitNot: Double(~whole(a))
    case .logicalNot: a == 0 ? 1 : 0
    }
  }

  static func call(_ intrinsic: Intrinsic, _ x: [Double], _ type: ElementType) -> Double {
    switch intrinsic {
    case .exp, .expNonpositive: return exp(x[0])
    case .exp2Nonpositive: return exp2(x[0])
    case .expm1: return expm1(x[0])
    case .log: return log(x[0])
    case .log1p: return log1p(x[0])
    case .tanh: return tanh(x[0])
    case .sigmoid: return 1 / (1 + exp(-x[0]))
    case .erf: return erf(x[0])
    case .exp2: return exp2(x[0])
    case .log2: return log2(x[0])
    case .log10: return log10(x[0])
    case .rsqrt: return 1 / x[0].squareRoot()
    case .sin: return sin(x[0])
    case .cos: return cos(x[0])
    case .tan: return tan(x[0])
    case .asin: return asin(x[0])
    case .acos: return acos(x[0])
    case .atan: return atan(x[0])
    case .atan2: return atan2(x[0], x[1])
    case .sinh: return sinh(x[0])
    case .cosh: return cosh(x[0])
    case .asinh: return asinh(x[0])
    case .acosh: return acosh(x[0])
    case .atanh: return atanh(x[0])
    case .hypot: return hypot(x[0], x[1])
    case .pow where !type.isFloat && x[0] == 0 && x[1] < 0: return 0
    case .pow where !type.isFloat: return pow(x[0], x[1]).rounded(.towardZero)
    case .pow: return pow(x[0], x[1])
    case .fmod: return fmod(x[0], x[1])
    case .rem: return x[1] == 0 ? 0 : fmod(x[0], x[1])
    case .floordiv: return x[1] == 0 ? 0 : (x[0] / x[1]).rounded(.down)
    case .dot4:
      return (0..<4).reduce(x[2]) { sum, byte in
        sum + Double((whole(x[0]) >> (8 * byte) & 255) * Int(Int8(truncatingIfNeeded: whole(x[1]) >> (8 * byte))))
      }
    case .dot2 where type == .i32:
      return [0, 16].reduce(x[2]) { sum, place in
        sum
          + Double(
            Int(Int16(truncatingIfNeeded: whole(x[0]) >> place)) * Int(Int16(truncatingIfNeeded: whole(x[1]) >> place)))
      }
    case .dot2: return .nan
    case .widen:
      let bytes = [0, 8].map { Int32(Int8(truncatingIfNeeded: whole(x[0]) >> $0)) }
      return Double(bytes[0] & 0xffff | bytes[1] << 16)
    case .sqrt: return x[0].squareRoot()
    case .floor: return x[0].rounded(.down)
    case .ceil: return x[0].rounded(.up)
    case .truncate: return x[0].rounded(.towardZero)
    case .round: return x[0].rounded(.toNearestOrEven)
    case .absolute: return abs(x[0])
    case .above: return x[1] < x[0] ? x[0] : x[1]
    case .below: return x[0] < x[1] ? x[0] : x[1]
    case .maximum: return x[0].isNaN || x[1].isNaN ? .nan : max(x[0], x[1])
    case .minimum: return x[0].isNaN || x[1].isNaN ? .nan : min(x[0], x[1])
    case .divide: return x[1] == 0 ? 0 : (x[0] / x[1]).rounded(.towardZero)
    case .remainder where x[1] == 0 && !type.isFloat: return 0
    case .remainder:
      let rest = fmod(x[0], x[1])
      return rest != 0 && (rest < 0) != (x[1] < 0) ? rest + x[1] : rest
    case .saturate: return Double(Evaluator.saturate(x[0], type))
    case .fma: return x[0] * x[1] + x[2]
    }
  }

  static func reduce(_ reduction: LaneReduction, _ lanes: [Double]) -> Double {
    switch reduction {
    case .sum: return lanes.reduce(0, +)
    case .product: return lanes.reduce(1, *)
    case .maximum: return lanes.reduce(-.infinity) { call(.maximum, [$0, $1], .f64) }
    case .minimum: return lanes.reduce(.infinity) { call(.minimum, [$0, $1], .f64) }
    }
  }
}
