import TensorIR
import TensorOps
import TensorSchedules
import TestSamples
import Testing

/// The loops of each op, interpreted, against its own formula; with sizes as numbers and as symbols.
@Suite struct LoweringTests {
  /// What is only run compiled, with the reason.
  static let compiledOnly = [
    Matmul.name: "it packs operands into scratch memory that the threads share between barriers",
    MatmulInteger.name: "it packs operands into scratch memory that the threads share between barriers",
    MatmulNBits.name: "it packs operands into scratch memory that the threads share between barriers",
    ConvolutionInteger.name: "it packs operands into scratch memory that the threads share between barriers",
    MatmulBF16.name: "it packs operands into scratch memory that the threads share between barriers",
    ConvolutionBF16.name: "it packs operands into scratch memory that the threads share between barriers",
    WinogradConvolution.name: "it reads filters in panels",
    WinogradFilterGradient.name: "it reads channels innermost",
    FilterGradient.name: "it reads filters innermost",
    Convolution.name: "it packs operands into scratch memory that the threads share between barriers",
    RecurrentSequence.name: "its threads wait for each other at barriers inside the kernel",
    RandomBits.name: "its products have 64 bits, and the interpreter's numbers are f64",
    Sort.name: "its keys are bits, and the interpreter's numbers are f64",
    ArgSort.name: "its keys are bits, and the interpreter's numbers are f64",
    ArgTopK.name: "its keys are bits, and the interpreter's numbers are f64",
    BitCast.name: "its results are bits, and the interpreter's numbers are f64",
    Reorder.name: "its result lies in memory in another order",
  ]

  static let samples = OpSamples.selected.filter { sample in
    let op = sample.op
    guard compiledOnly[op.name] == nil else { return false }
    // The interpreter counts in f64, which has no room for these, and rounds nothing between.
    if sample.types.contains(where: { $0.elementType == .u64 }) || (op as? Cast)?.to == .u64 { return false }
    if sample.operands.contains(where: \.isWide) { return false }
    var context = InferenceContext(symbols: SymbolTable())
    guard let op = op as? any ElementOp else { return op is any ReductionOp || op is any ScheduledOp }
    // What does not fuse is memory, not a kernel.
    return (try? op.inferTypes(sample.types, &context)).map { op.fuses(sample.types, $0) } ?? true
  }

  @Test(arguments: samples, [false, true]) func loopsAgreeWithEvaluation(
    _ sample: OpSample, symbolic: Bool
  ) throws {
    let trace = TraceRecorder(name: "lowered", symbols: SymbolTable((2...60).map { Symbol("s\($0)") }))
    var function: Function
    if sample.operands.isEmpty {
      function = try trace.finish(trace.record(sample.op, [], at: .unknown))
    } else {
      let inputs = sample.parameters(of: trace, symbolic ? sample.types { "s\($0)" } : sample.types)
      function = try trace.finish(try Tensor.record(sample.op, inputs))
    }
    let inputs = sample.inputs
    let expected = try Evaluator.run(function, inputs)
    for target in [Target.x86v4, .generic] {
      let found = try InterpretingSink(function, inputs, target).run()
      for (result, want) in zip(found, expected) {
        let numbers = (0..<want.count).map { want.number($0) }
        #expect(result.count == numbers.count)
        for (place, (a, b)) in zip(result, numbers).enumerated() {
          let rounded =
            want.elementType.isFloat
            ? Rounding.round(a, to: want.elementType)
            : Double(Rounding.wrap(LoopArithmetic.whole(a), to: want.elementType))
          #expect(isClose(rounded, b, tolerance(want.elementType)), "element \(place) for \(target.name)")
        }
      }
    }
  }

  /// Narrow floats are rounded twice by the interpreter: from f64, and where a kernel would go through f32.
  private func tolerance(_ type: ElementType) -> Double {
    switch type {
    case .f64: 1e-12
    case .f16: 1e-3
    case .bf16: 8e-3
    default: 1e-6
    }
  }

  /// With channels innermost in memory, where pools work on vectors of channels.
  @Test(arguments: [MaxPool(LoweringTests.window), AveragePool(LoweringTests.window)] as [any TensorOp])
  func poolsTakeChannelsLast(_ op: any TensorOp) throws {
    let x = OpSample(op, SampleOperand(.f32, [2, 19, 5, 4], .distinct)).values[0]
    let layout = Layout.channelsLast(rank: 4)
    var builder = FunctionBuilder(name: "pool")
    let input = builder.parameter(TensorType(.f32, [2, 19, 5, 4], layout: layout), name: "x")
    let function = builder.finish(try builder.add(op, [input], layouts: [layout]))
    let stored = Transpose([0, 2, 3, 1])
    func permuted(_ tensor: ReferenceTensor) throws -> ReferenceTensor {
      let shape = [0, 2, 3, 1].map { Dimension(tensor.shape[$0]) }
      return try stored.evaluate([tensor], [TensorType(.f32, shape)])[0]
    }
    let found = try InterpretingSink(function, [try permuted(x)], .x86v4).run()[0]
    let expected = try permuted(try Evaluator.run(function, [x])[0])
    for (a, b) in zip(found, expected.floats) { #expect(isClose(a, b, 1e-6)) }
  }

  private static let window = Window(kernel: [3, 2], strides: [2, 1], before: [1, 0], after: [1, 1])
}

/// Interprets the kernels of a function of one operation as they come.
final class InterpretingSink: KernelSink {
  let target: Target
  let symbols: SymbolTable
  private let function: Function
  private var memories: [LoopInterpreter.Memory] = []
  private var places: [ValueID: Int] = [:]
  private var sizes: [String: Int] = [:]
  /// Scratch memory of which each thread has its own.
  private var ownScratch: Set<Int> = []
  private var fault: (any Error)?

  init(_ function: Function, _ inputs: [ReferenceTensor], _ target: Target) throws {
    (self.function, self.target, symbols) = (function, target, function.symbols)
    for (parameter, input) in zip(function.body.parameters, inputs) {
      for (dimension, size) in zip(function.type(of: parameter).shape, input.shape) {
        if let name = dimension.symbolName { sizes[name] = size }
      }
      add(parameter, (0..<input.count).map { input.number($0) })
    }
    for result in function.body.results {
      let count = try #require(function.type(of: result).count.evaluate { sizes[$0] })
      add(result, [Double](repeating: .nan, count: count))
    }
  }

  private func add(_ value: ValueID, _ values: [Double]) {
    places[value] = memories.count
    memories.append(LoopInterpreter.Memory(values))
  }

  func run() throws -> [[Double]] {
    let group = Group(
      operations: function.body.operations, leaves: function.body.parameters, outputs: function.body.results,
      function: function)
    try Schedules.lower(group, into: self)
    if let fault { throw fault }
    return function.body.results.compactMap { places[$0].map { memories[$0].values } }
  }

  func buffer(of value: ValueID) throws -> BufferReference { .temporary(try #require(places[value])) }

  /// As many elements as there are bytes: enough for any type. Threads run one after the other and may share it.
  func scratch(_ name: String, bytes: Dimension, perThread: Bool) -> BufferReference {
    memories.append(
      LoopInterpreter.Memory([Double](repeating: .nan, count: bytes.evaluate { sizes[$0] } ?? 0)))
    if perThread { ownScratch.insert(memories.count - 1) }
    return .temporary(memories.count - 1)
  }

  func constant(_ literal: TensorLiteral) -> BufferReference { .temporary(-1) }

  func call(_ builder: KernelBuilder, buffers: [BufferReference], work: Dimension, at location: Location) {
    do {
      let used = try buffers.map { reference in
        guard case .temporary(let place) = reference, memories.indices.contains(place) else {
          throw LoopInterpreter.Fault(description: "a buffer is not interpreted")
        }
        return memories[place]
      }
      let scalars = try builder.scalarArguments.map { try #require($0.evaluate { sizes[$0] }) }
      let kernel = builder.finish()
      let owned = buffers.indices.filter { place in
        if case .temporary(let number) = buffers[place] { ownScratch.contains(number) } else { false }
      }
      if let mistake = kernel.mistakes(owned: Set(owned)).first {
        throw LoopInterpreter.Fault(description: "'\(kernel.name)': \(mistake)")
      }
      try LoopInterpreter().run(kernel, used, scalars, team: 3)
    } catch { fault = error }
  }
}
