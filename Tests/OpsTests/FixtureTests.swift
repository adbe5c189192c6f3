import Foundation
import TensorIR
import TensorOps
import Testing

/// The evaluator against NumPy and SciPy, through Fixtures/ops.json, which Fixtures/make_ops.py writes.
@Suite struct FixtureTests {
  static let cases: [FixtureCase] = {
    let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Fixtures/ops.json")
    return (try? JSONDecoder().decode([FixtureCase].self, from: Data(contentsOf: url))) ?? []
  }()

  @Test func casesAreThere() {
    #expect(FixtureTests.cases.count > 60)
    #expect(Set(FixtureTests.cases.map(\.name)) == Set(FixtureTests.ops.keys))
  }

  @Test(arguments: cases) func evaluatorAgreesWithNumPy(_ fixture: FixtureCase) throws {
    let op = try #require(FixtureTests.ops[fixture.name])
    let operands = fixture.operands.map(\.reference)
    var context = InferenceContext(symbols: SymbolTable())
    let types = operands.map { TensorType($0.elementType, $0.shape.map { Dimension($0) }) }
    let results = try op.evaluate(operands, try op.inferTypes(types, &context))
    for (result, expected) in zip(results, fixture.results.map(\.reference)) {
      #expect(result.elementType == expected.elementType)
      #expect(result.shape == expected.shape)
      #expect(result.integers == expected.integers)
      for (place, (a, b)) in zip(result.floats, expected.floats).enumerated() {
        #expect(isClose(a, b, 1e-13), "element \(place)")
      }
    }
  }

  private static let pool = Window(kernel: [3, 3], strides: [2, 2], before: [1, 1], after: [1, 1])
  private static let ceilPool = Window(kernel: [2, 2], strides: [2, 2], ceilMode: true)

  /// The op that a case is for, with its attributes.
  private static let ops: [String: any TensorOp] = {
    let plain: [any TensorOp] = [
      Absolute(), Sign(), Sqrt(), Exp(), Expm1(), Log(), Log1p(), Tanh(), Floor(), Ceil(), Round(),
      Reciprocal(), Erf(),
      Sigmoid(), IsNaN(), IsInfinite(), Softplus(), Relu(), Sin(), Cos(), Gelu(), Silu(), HardSwish(),
      Power(), Maximum(),
      Minimum(), Equal(), NotEqual(), Less(), LessEqual(), Greater(), GreaterEqual(), Remainder(), Add(),
      Multiply(),
      Subtract(), Clip(minimum: -1, maximum: 1.5), LeakyRelu(alpha: 0.1), Elu(alpha: 1.5),
      HardSigmoid(alpha: 0.3, beta: 0.4), Slice(starts: [3, 1], sizes: [2, 2], steps: [-2, 3]),
      Concat(axis: 1),
      Reverse(axes: [1]), Transpose([1, 0]), Gather(axis: 1), GatherGradient(axis: 0, extent: 4),
      Sum(axes: [0, 2]),
      Product(axes: [0, 2]), Mean(axes: [0, 2]), Max(axes: [0, 2]), Min(axes: [0, 2]), AllTrue(axes: [0, 2]),
      AnyTrue(axes: [0, 2]), ArgMax(axis: 1), ArgMin(axis: 1), Softmax(axis: 1), LogSoftmax(axis: 1),
      LayerNorm(axis: 2, epsilon: 0.1), BatchNorm(epsilon: 0.1), MaxPool(pool), AveragePool(pool),
    ]
    let named: [String: any TensorOp] = [
      "gelu_tanh": Gelu(approximate: true), "cast_u8": Cast(to: .u8), "broadcast": BroadcastTo([2, 4, 3]),
      "pad_constant": Pad(before: [1, 3], after: [2, 0], value: 1.5),
      "pad_reflect": Pad(before: [1, 3], after: [2, 0], mode: .reflect),
      "pad_edge": Pad(before: [1, 3], after: [2, 0], mode: .edge),
      "arg_max_last": ArgMax(axis: 1, selectLast: true),
      "max_pool_ceil": MaxPool(ceilPool), "average_pool_include": AveragePool(pool, countIncludePad: true),
      "average_pool_ceil": AveragePool(ceilPool),
    ]
    return named.merging(plain.map { ($0.name, $0) }) { first, _ in first }
  }()
}

/// One case of the file.
struct FixtureCase: Decodable, Sendable, CustomStringConvertible {
  struct Tensor: Decodable, Sendable {
    let type: ElementType
    let shape: [Int]
    let data: [Number]

    var reference: ReferenceTensor {
      type.isFloat
        ? ReferenceTensor(type, shape, floats: data.map(\.value))
        : ReferenceTensor(type, shape, integers: data.map { Int($0.value) })
    }
  }

  /// A number, a bool, or a string for what JSON has no number for.
  struct Number: Decodable, Sendable {
    let value: Double

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let number = try? container.decode(Double.self) {
        value = number
      } else if let truth = try? container.decode(Bool.self) {
        value = truth ? 1 : 0
      } else {
        value = Double(try container.decode(String.self)) ?? .nan
      }
    }
  }

  let name: String
  let operands: [Tensor]
  let results: [Tensor]
  var description: String { "\(name) of \(operands.map { "\($0.type)\($0.shape)" }.joined(separator: ", "))" }
}
