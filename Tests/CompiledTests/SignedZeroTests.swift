import CompiledModels
import TensorIR
import TensorOps
import TensorPasses
import TestSamples
import Testing

/// The contract's suite takes 0 and -0 for one number; here their signs count, where an op's definition gives them.
@Suite struct SignedZeroTests {
  /// Ops of one operand that keep the sign of zero, and of others that give one.
  static let unary: [any TensorOp] = [
    Asin(), Asinh(), Atan(), Atanh(), Ceil(), Clip(minimum: 0, maximum: 1), Elu(), Erf(), Expm1(), Floor(), Log1p(),
    Negate(), Absolute(), Relu(), Round(), Sign(), Sin(), Sinh(), Sqrt(), Tan(), Tanh(), Truncate(), LeakyRelu(),
    Reciprocal(), ReciprocalSqrt(),
  ]
  static let binary: [any TensorOp] = [
    Add(), Subtract(), Multiply(), Divide(), Maximum(), Minimum(), Atan2(), TruncatedRemainder(), Remainder(), Hypot(),
  ]

  /// Extrema of which one operand is a number, on either side; they have kernels of their own.
  static func besideConstants(_ trace: TraceRecorder, _ x: Tensor, _ results: inout [Tensor]) -> [any TensorOp] {
    var ops: [any TensorOp] = []
    for number in [0, -0.0, 1, -1] {
      for op in [Maximum(), Minimum()] as [any TensorOp] {
        let constant = x.like(number)
        results += (try? trace.add(op, [x, constant])) ?? []
        results += (try? trace.add(op, [constant, x])) ?? []
        ops += [op, op]
      }
    }
    return ops
  }

  @Test(arguments: [ElementType.f32, .f64]) func signsOfZerosAreThoseOfTheDefinition(_ type: ElementType) throws {
    let values: [Double] = [0, -0.0, 0.25, -0.25, -.infinity, .infinity, 1, -1, 2]
    let pairs = values.flatMap { a in values.map { (a, $0) } }
    let trace = TraceRecorder(name: "zeros", symbols: SymbolTable([Symbol("n")]))
    let shape = [Dimension(symbol: "n")]
    let (a, b) = (trace.parameter(TensorType(type, shape)), trace.parameter(TensorType(type, shape)))
    var results: [Tensor] = []
    for op in Self.unary { results += try trace.add(op, [a]) }
    for op in Self.binary { results += try trace.add(op, [a, b]) }
    let ops: [any TensorOp] = Self.unary + Self.binary + Self.besideConstants(trace, a, &results)
    let function = try trace.finish(results)
    let inputs = [pairs.map(\.0), pairs.map(\.1)].map { ReferenceTensor(type, [pairs.count], floats: $0) }
    let found = try Compiled.run(function, inputs)
    let wanted = try Evaluator.run(function, inputs)
    for (number, op) in ops.enumerated() {
      for place in pairs.indices where wanted[number].floats[place] == 0 {
        let (x, y) = (found[number].floats[place], wanted[number].floats[place])
        #expect(x == 0 && x.sign == y.sign, "\(op.name) of \(pairs[place]) is \(x) instead of \(y)")
      }
    }
  }

  /// 1 / sqrt(-0) is negative, though a C compiler may think that it knows better.
  @Test(arguments: [nil, Target.generic, .x86v3] as [Target?]) func rootsOfNegativeZero(_ target: Target?) throws {
    for type in [ElementType.f32, .f64] {
      let trace = TraceRecorder(name: "roots", symbols: SymbolTable([Symbol("n")]))
      let x = trace.parameter(TensorType(type, [Dimension(symbol: "n")]))
      let parts = try [x.sqrt().like(1) / x.sqrt()] + trace.add(ReciprocalSqrt(), [x])
      let function = try trace.finish(try parts.flatMap { try trace.add(Less(), [$0, x.like(0)]) })
      let values = (0..<19).map { [-0.0, 0, 4][$0 % 3] }
      let found = try Compiled.run(function, [ReferenceTensor(type, [19], floats: values)], target: target)
      for result in found { #expect(result.integers == values.map { $0.sign == .minus ? 1 : 0 }, "\(type)") }
    }
  }
}
