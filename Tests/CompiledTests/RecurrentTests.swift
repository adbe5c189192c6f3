import CompiledModels
import Foundation
import TensorIR
import TensorOps
import Testing

import struct TensorIR.Dimension

@testable import TensorPasses

/// Recurrent layers: the evaluator against onnxruntime, the decomposition against the evaluator, and compiled
/// code against the evaluator.
@Suite struct RecurrentTests {
  /// A layer that onnxruntime computed; see Tests/Fixtures/make_recurrent.py.
  struct Case: Decodable, Sendable, CustomTestStringConvertible {
    struct Numbers: Decodable, Sendable {
      var shape: [Int]
      var values: [Double]
    }
    var name: String
    var op: String
    var direction: RecurrentDirection
    var hidden: Int
    var linearBeforeReset: Bool
    var inputs: [Numbers?]
    var outputs: [Numbers]

    var testDescription: String { name }

    var layer: any RecurrentLayer {
      switch op {
      case "LSTM": Lstm(direction: direction, hidden: hidden)
      case "GRU": Gru(direction: direction, hidden: hidden, linearBeforeReset: linearBeforeReset)
      default: Rnn(direction: direction, hidden: hidden)
      }
    }

    var operands: [ReferenceTensor] {
      inputs.enumerated().map { index, numbers in
        guard let numbers else { return .absent }
        return index == 4
          ? ReferenceTensor(.i32, numbers.shape, integers: numbers.values.map { Int($0) })
          : ReferenceTensor(.f32, numbers.shape, floats: numbers.values)
      }
    }

    var expected: [ReferenceTensor] { outputs.map { ReferenceTensor(.f32, $0.shape, floats: $0.values) } }
  }

  static let cases: [Case] = {
    let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    let data = try? Data(contentsOf: tests.appendingPathComponent("Fixtures/recurrent.json"))
    return data.flatMap { try? JSONDecoder().decode([Case].self, from: $0) } ?? []
  }()

  /// A function that is some layers beside each other, steps and batch of each symbolic; with `weightsInside`
  /// the weights are constants.
  static func function(
    _ layers: [(any RecurrentLayer, [ReferenceTensor])], weightsInside: Bool = false
  ) throws -> (Function, [ReferenceTensor]) {
    let symbols = layers.indices.flatMap { [Symbol("steps\($0)"), Symbol("batch\($0)")] }
    let trace = TraceRecorder(name: "layers", symbols: SymbolTable(symbols))
    var inputs: [ReferenceTensor] = []
    var results: [Tensor] = []
    for (number, (layer, operands)) in layers.enumerated() {
      let (steps, batch) = (Dimension(symbol: "steps\(number)"), Dimension(symbol: "batch\(number)"))
      let tensors = operands.enumerated().map { index, operand -> Tensor in
        if operand.isAbsent { return .absent }
        if weightsInside && (1...3).contains(index) {
          return trace.record(Constant(operand.literal), [], at: .unknown)[0]
        }
        inputs.append(operand)
        var shape = operand.shape.map { Dimension($0) }
        switch index {
        case 0: shape.replaceSubrange(0..<2, with: [steps, batch])
        case 4: shape[0] = batch
        case 5, 6: shape[1] = batch
        default: break
        }
        return trace.parameter(TensorType(operand.elementType, shape), name: "input\(number)_\(index)")
      }
      results += try trace.add(layer, tensors)
    }
    return (try trace.finish(results), inputs)
  }

  static func function(
    _ layer: any RecurrentLayer, _ operands: [ReferenceTensor], weightsInside: Bool = false
  ) throws -> (Function, [ReferenceTensor]) {
    try function([(layer, operands)], weightsInside: weightsInside)
  }

  /// Operands of a layer with random weights, scaled to keep states from saturating.
  static func operands(
    _ layer: any RecurrentLayer, steps: Int, batch: Int, input: Int, states: Bool = true,
    lengths: [Int]? = nil
  ) -> [ReferenceTensor] {
    let (count, rows, hidden) = (layer.direction.count, layer.cell.gates * layer.hidden, layer.hidden)
    func numbers(_ shape: [Int], _ scale: Double, _ seed: Int) -> ReferenceTensor {
      let sample = Compiled.sample(shape, seed: seed)
      return ReferenceTensor(.f32, shape, floats: sample.floats.map { $0 * scale })
    }
    let scale = 1 / Double(hidden).squareRoot()
    let initial = states ? numbers([count, batch, hidden], 0.4, 5) : .absent
    let common = [
      numbers([steps, batch, input], 1, 1), numbers([count, rows, input], 0.3, 2),
      numbers([count, rows, hidden], scale, 3), numbers([count, 2 * rows], 0.3, 4),
      lengths.map { ReferenceTensor(.i32, [batch], integers: $0) } ?? .absent, initial,
    ]
    return layer is Lstm ? common + [states ? numbers([count, batch, hidden], 0.4, 6) : .absent] : common
  }

  @Test func hasFixtures() { #expect(RecurrentTests.cases.count >= 17) }

  @Test(arguments: RecurrentTests.cases) func evaluatorAgreesWithOnnxruntime(item: Case) throws {
    let (function, inputs) = try RecurrentTests.function(item.layer, item.operands)
    let difference = Compiled.difference(try Evaluator.run(function, inputs), item.expected)
    #expect(difference < 2e-6)
  }

  @Test(arguments: RecurrentTests.cases) func decompositionAgreesWithEvaluator(item: Case) throws {
    let (function, inputs) = try RecurrentTests.function(item.layer, item.operands)
    let decomposed = try Decompose.run(function)
    #expect(decomposed.body.operations.contains { $0.op is RecurrentSequence })
    let difference = Compiled.difference(
      try Evaluator.run(decomposed, inputs), try Evaluator.run(function, inputs))
    #expect(difference < 1e-6)
  }

  @Test func compiledCodeAgreesWithOnnxruntime() throws {
    let layers = RecurrentTests.cases.map { ($0.layer, $0.operands) }
    let (function, inputs) = try RecurrentTests.function(layers, weightsInside: true)
    let results = try Compiled.run(function, inputs)
    var start = 0
    for item in RecurrentTests.cases {
      let own = Array(results[start..<start + item.expected.count])
      #expect(Compiled.difference(own, item.expected) < 5e-6, "\(item.name)")
      start += own.count
    }
  }

  @Test func packsConstantWeightsAtCompileTime() throws {
    let layer = Gru(direction: .bidirectional, hidden: 100, linearBeforeReset: true)
    let operands = RecurrentTests.operands(layer, steps: 1, batch: 1, input: 40)
    let (function, _) = try RecurrentTests.function(layer, operands, weightsInside: true)
    let simple = try Pipeline.rewrite(function, PipelineOptions(target: .x86v4), to: .decompose)
    #expect(simple.body.operations.allSatisfy { !($0.op is GatePanels) && !($0.op is Transpose) })
  }

  static let layers: [any RecurrentLayer] = [
    Lstm(direction: .bidirectional, hidden: 24), Lstm(direction: .reverse, hidden: 16), Gru(hidden: 7),
    Gru(direction: .bidirectional, hidden: 40, linearBeforeReset: true),
    Rnn(direction: .bidirectional, hidden: 33),
  ]

  /// One library for every number of steps and rows, 0 among them; the bits are those of one thread.
  @Test(arguments: 0..<RecurrentTests.layers.count) func everySize(number: Int) throws {
    let layer = RecurrentTests.layers[number]
    let (function, _) = try RecurrentTests.function(
      layer, RecurrentTests.operands(layer, steps: 1, batch: 1, input: 9), weightsInside: true)
    let model = try Compiled.model(function)
    for (steps, batch) in [(0, 2), (3, 0), (1, 1), (5, 1), (4, 2), (2, 7), (3, 13), (2, 25)] {
      let operands = RecurrentTests.operands(layer, steps: steps, batch: batch, input: 9)
      let (reference, inputs) = try RecurrentTests.function(layer, operands, weightsInside: true)
      let expected = try Evaluator.run(reference, inputs)
      let one = try Compiled.run(model, function, inputs, threads: 1)
      let two = try Compiled.run(model, function, inputs, threads: 2)
      #expect(Compiled.difference(two, expected) < 5e-6, "\(steps) steps, \(batch) rows")
      #expect(zip(one, two).allSatisfy { $0.floats == $1.floats }, "the bits depend on the threads")
    }
  }

  static let large: [any RecurrentLayer] = [
    Lstm(hidden: 200), Gru(direction: .reverse, hidden: 256, linearBeforeReset: true), Gru(hidden: 210),
  ]

  /// Layers so large that threads share the units of a row.
  @Test(arguments: 0..<RecurrentTests.large.count) func unitsDividedBetweenThreads(number: Int) throws {
    let layer = RecurrentTests.large[number]
    let operands = RecurrentTests.operands(layer, steps: 5, batch: 1, input: 3, lengths: [4])
    let (function, inputs) = try RecurrentTests.function(layer, operands, weightsInside: true)
    let model = try Compiled.model(function)
    let one = try Compiled.run(model, function, inputs, threads: 1)
    #expect(Compiled.difference(one, try Evaluator.run(function, inputs)) < 1e-5)
    for _ in 0..<20 {
      let two = try Compiled.run(model, function, inputs, threads: 2)
      #expect(zip(one, two).allSatisfy { $0.floats == $1.floats }, "the bits depend on the threads")
    }
  }

  @Test(arguments: [Target.generic, .x86v3]) func narrowVectors(target: Target) throws {
    let layers = RecurrentTests.layers.map {
      ($0, RecurrentTests.operands($0, steps: 3, batch: 5, input: 4, lengths: [3, 1, 0, 2, 3]))
    }
    let (function, inputs) = try RecurrentTests.function(layers)
    let results = try Compiled.run(function, inputs, target: target)
    #expect(Compiled.difference(results, try Evaluator.run(function, inputs)) < 5e-6)
  }

  @Test func refusesWhatDoesNotFit() throws {
    let trace = TraceRecorder(name: "f")
    let x = trace.parameter(TensorType(.f32, [4, 2, 3]), name: "x")
    let w = trace.parameter(TensorType(.f32, [1, 20, 4]), name: "w")
    let r = trace.parameter(TensorType(.f32, [1, 20, 5]), name: "r")
    #expect(throws: Diagnostic.self) { try trace.add(Lstm(hidden: 5), [x, w, r]) }
    #expect(throws: Diagnostic.self) { try trace.add(Lstm(hidden: 5), [x, w]) }
    #expect(throws: Diagnostic.self) { try trace.add(Gru(hidden: 0), [x, w, r]) }
  }

  static let differentiated: [any RecurrentLayer] = [
    Lstm(direction: .bidirectional, hidden: 3), Gru(direction: .reverse, hidden: 3),
    Gru(hidden: 3, linearBeforeReset: true), Rnn(direction: .bidirectional, hidden: 3),
  ]

  /// A weighted sum of all results of a layer in f64, its parameters those operands that are not absent.
  private func loss(_ layer: any RecurrentLayer, _ operands: [ReferenceTensor]) throws -> Function {
    let trace = TraceRecorder(name: "loss")
    let tensors = operands.enumerated().map { index, operand in
      operand.isAbsent
        ? Tensor.absent
        : trace.parameter(TensorType(.f64, operand.shape.map { Dimension($0) }), name: "p\(index)")
    }
    let results = try trace.add(layer, tensors)
    let sums = try results.enumerated().map { index, result in
      let shape = result.shape.compactMap(\.constant)
      let weights = try trace.add(Constant(Compiled.sample(shape, seed: 20 + index, .f64).literal), [])
      return (result * weights[0]).sum(axes: Array(shape.indices))
    }
    return try trace.finish([sums.dropFirst().reduce(sums[0], +)])
  }

  @Test(arguments: 0..<RecurrentTests.differentiated.count) func gradientAgreesWithDifferences(
    number: Int
  ) throws {
    let layer = RecurrentTests.differentiated[number]
    var operands = RecurrentTests.operands(layer, steps: 3, batch: 2, input: 2)
    if layer is Lstm { operands.append(Compiled.sample([layer.direction.count, 9], seed: 7)) }
    let inputs = operands.filter { !$0.isAbsent }.map { ReferenceTensor(.f64, $0.shape, floats: $0.floats) }
    let function = try loss(layer, operands)
    let gradient = try Gradient.valueAndGradient(of: function, at: Array(inputs.indices))
    let found = try Evaluator.run(gradient, inputs)
    for (position, input) in inputs.enumerated() {
      for element in stride(from: 0, to: input.count, by: max(input.count / 5, 1)) {
        func value(_ change: Double) throws -> Double {
          var floats = input.floats
          floats[element] += change
          var changed = inputs
          changed[position] = ReferenceTensor(.f64, input.shape, floats: floats)
          return try Evaluator.run(function, changed)[0].floats[0]
        }
        let expected = (try value(1e-5) - value(-1e-5)) / 2e-5
        #expect(
          abs(found[position + 1].floats[element] - expected) < 1e-7,
          "operand \(position), element \(element)")
      }
    }
  }

  @Test func refusesToDifferentiateUnknownSteps() throws {
    let trace = TraceRecorder(name: "f", symbols: SymbolTable([Symbol("n")]))
    let x = trace.parameter(TensorType(.f32, [Dimension(symbol: "n"), 2, 3]), name: "x")
    let w = trace.parameter(TensorType(.f32, [1, 5, 3]), name: "w")
    let r = trace.parameter(TensorType(.f32, [1, 5, 5]), name: "r")
    let y = try trace.add(Rnn(hidden: 5), [x, w, r])[1]
    let function = try trace.finish([y.sum(axes: [0, 1, 2])])
    #expect(throws: Diagnostic.self) { try Gradient.valueAndGradient(of: function, at: [1]) }
  }
}
