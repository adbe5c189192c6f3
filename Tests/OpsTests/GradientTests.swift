import TensorIR
import TensorOps
import TestSamples
import TestSupport
import Testing

/// Pullbacks against central differences, all in f64.
@Suite struct GradientTests {
  static let samples = OpSamples.selected.filter { sample in
    sample.hasGradient && sample.operands.contains { $0.elementType.isFloat }
      && sample.operands.allSatisfy { $0.shape.reduce(1, *) <= 60 }
  }

  @Test(arguments: samples) func pullbackAgreesWithDifferences(_ sample: OpSample) throws {
    let operands = sample.operands.map(\.inDouble)
    let check = try GradientCheck(OpSample(sample.op, operands))
    guard let check else { return }
    for operand in operands.indices where operands[operand].elementType.isFloat {
      let gradient = try check.gradient(operand)
      for element in gradient.floats.indices {
        let slope = try check.slope(operand, element)
        #expect(isClose(gradient.floats[element], slope, 2e-6), "operand \(operand) element \(element)")
      }
    }
  }

  @Test func tiesAreSplitEvenly() throws {
    let pair = SampleOperand(.f64, [2], .list([1, 1]))
    for op in [Maximum(), Minimum()] as [any TensorOp] {
      let check = try #require(try GradientCheck(OpSample(op, pair, pair)))
      let (a, b) = (try check.gradient(0).floats, try check.gradient(1).floats)
      #expect(a == b)
      #expect(zip(a, check.weights).allSatisfy { $0 == 0.5 * $1 })
    }
  }

  @Test func firstOfEqualElementsTakesTheGradient() throws {
    let x = SampleOperand(.f64, [2, 2], .list([1, 3, 3, 3]))
    let check = try #require(try GradientCheck(OpSample(Max(axes: [0, 1]), x)))
    #expect(try check.gradient(0).floats == [0, check.weights[0], 0, 0])
  }

  @Test func reluPassesOnlyAboveZero() throws {
    let check = try #require(try GradientCheck(OpSample(Relu(), SampleOperand(.f64, [2], .list([0, 1])))))
    #expect(try check.gradient(0).floats == [0, check.weights[1]])
  }

  @Test func powerHasNoNaNAtZero() throws {
    let base = SampleOperand(.f64, [3], .list([0, 0, 2]))
    let exponent = SampleOperand(.f64, [3], .list([2, 0, 0]))
    let check = try #require(try GradientCheck(OpSample(Power(), base, exponent)))
    #expect(try check.gradient(0).floats == [0, 0, 0])
    #expect(try check.gradient(1).floats.prefix(2) == [0, 0])
  }
}

/// The weighted sum of an op's float result, and its derivatives in both ways.
struct GradientCheck {
  private let sample: OpSample
  private let loss: Function
  private let inputs: [ReferenceTensor]
  let weights: [Double]

  /// Nil where the result is not a float.
  init?(_ sample: OpSample) throws {
    self.sample = sample
    let trace = TraceRecorder(name: "loss")
    let operands = sample.types.map { trace.parameter($0) }
    let result = try #require(try Tensor.record(sample.op, operands).first)
    guard result.elementType.isFloat else { return nil }
    let weight = trace.parameter(result.type)
    let product = result * weight
    loss = try trace.finish([product.sum(axes: Array(0..<product.rank))])
    let shape = result.shape.compactMap(\.constant)
    var random = Mutations(seed: 3)
    weights = (0..<shape.reduce(1, *)).map { _ in Double.random(in: 0.5...1.5, using: &random) }
    inputs = sample.values + [ReferenceTensor(result.elementType, shape, floats: weights)]
  }

  func gradient(_ operand: Int) throws -> ReferenceTensor {
    let function = try Gradient.valueAndGradient(of: loss, at: [operand])
    return try #require(try Evaluator.run(function, inputs).last)
  }

  func slope(_ operand: Int, _ element: Int) throws -> Double {
    let step = 1e-5
    let ends = try [step, -step].map { change in
      var moved = inputs
      var floats = moved[operand].floats
      floats[element] += change
      moved[operand] = ReferenceTensor(.f64, moved[operand].shape, floats: floats)
      return try #require(try Evaluator.run(loss, moved).first).floats[0]
    }
    return (ends[0] - ends[1]) / (2 * step)
  }
}
