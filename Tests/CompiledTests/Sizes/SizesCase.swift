import TensorIR
import TensorOps
import TensorPasses
import TestSamples

/// An op whose operands' extents are symbols, each its own as far as inference allows it, and the sizes that it is called
/// with, most of which do not fit.
struct SizesCase: Sendable, CustomStringConvertible {
  /// What is compiled.
  enum Form: String, Sendable, CaseIterable {
    /// The op by itself.
    case alone
    /// What it reads is computed on the way, and something else is added to what it gives.
    case fused
    /// With its gradient.
    case gradient
  }

  let sample: OpSample
  let form: Form
  /// The types of the parameters: operands, then what is added or flows back.
  private(set) var types: [TensorType] = []
  /// The parameters' values at the sizes of the sample.
  private(set) var parameters: [SampleOperand] = []
  /// The symbols' values for the sample.
  private(set) var base: [String: Int] = [:]

  var description: String { "\(form.rawValue) \(sample)" }

  /// Nil where the form makes no sense for the sample.
  init?(_ sample: OpSample, _ form: Form) {
    (self.sample, self.form) = (sample, form)
    let operands = sample.operands.filter { !$0.isAbsent }
    parameters = operands
    guard !operands.isEmpty, let results = try? results(operands.map(\.type)) else { return nil }
    if form != .alone {
      let more = results.filter { form == .fused ? $0.elementType != .bool : $0.elementType.isFloat }
      if more.isEmpty || more.contains(where: { $0.constantShape == nil }) { return nil }
      parameters += more.map { SampleOperand($0.elementType, $0.constantShape ?? []) }
    }
    types = parameters.map(\.type)
    guard (try? function(types)) != nil else { return nil }
    loosen()
    if base.isEmpty { return nil }
  }

  /// Gives every extent a symbol of its own where the function can be made with it.
  private mutating func loosen() {
    for (number, parameter) in parameters.enumerated() {
      for (axis, extent) in parameter.shape.enumerated() {
        let name = "p\(number)_\(axis)"
        var loose = types
        loose[number].shape[axis] = Dimension(symbol: name)
        let sizes = base.merging([name: extent]) { $1 }
        guard let made = try? function(loose), let simple = try? Self.simplified(made),
          simple.body.operations.flatMap(\.guards).allSatisfy({ $0.condition.holds { sizes[$0] } == true })
        else { continue }
        types = loose
        base = sizes
      }
    }
  }

  /// A function as it is once its composite ops are taken apart, which also must do with symbols.
  private static func simplified(_ function: Function) throws -> Function {
    try Pipeline.rewrite(function, PipelineOptions(target: .generic), to: .decompose)
  }

  private func results(_ types: [TensorType]) throws -> [TensorType] {
    var rest = types[...]
    var context = InferenceContext(symbols: SymbolTable())
    return try sample.op.inferTypes(
      sample.operands.map { $0.isAbsent ? FunctionBuilder.absent : rest.removeFirst() }, &context)
  }

  // MARK: The function

  /// The function for parameters of given types.
  func function(_ types: [TensorType]) throws -> Function {
    let trace = TraceRecorder(name: "sizes")
    let parameters = types.map { trace.parameter($0) }
    return try trace.finish(try record(in: trace, parameters))
  }

  /// Records the results in a trace.
  func record(in trace: TraceRecorder, _ parameters: [Tensor]) throws -> [Tensor] {
    var rest = parameters[...]
    var operands = sample.operands.map { $0.isAbsent ? Tensor.absent : rest.removeFirst() }
    switch form {
    case .alone: return try plain(try trace.add(sample.op, operands), trace)
    case .fused:
      operands = operands.map { $0.isAbsent || !$0.elementType.isFloat ? $0 : -$0 }
      return try plain(try trace.add(sample.op, operands), trace).map { result in
        result.elementType == .bool ? result : result + rest.removeFirst()
      }
    case .gradient:
      // What is differentiated was recorded before, so that gradients may take for granted what inference has checked.
      var context = InferenceContext(symbols: trace.symbols)
      _ = try sample.op.resultTypes(operands.map { $0.isAbsent ? nil : $0.type }, &context)
      let differentiated = try sample.op.differentiate(operands)
      if differentiated.results.contains(where: \.isPoison) { return differentiated.results }
      let cotangents = differentiated.results.map { $0.elementType.isFloat ? rest.removeFirst() : nil }
      // A cotangent has its result's shape.
      let shaped = zip(cotangents, differentiated.results).map { $0?.broadcast(to: $1.shape) }
      if shaped.contains(where: { $0?.isPoison ?? false }) { return shaped.compactMap { $0 } }
      let pulled = try differentiated.pull(shaped).compactMap { $0 }
      // The cotangents too: where no gradient needs them, nobody would ask whether they fit.
      return try plain(differentiated.results + pulled.filter { !$0.isAbsent } + shaped.compactMap { $0 }, trace)
    }
  }

  /// What users get is row-major.
  private func plain(_ tensors: [Tensor], _ trace: TraceRecorder) throws -> [Tensor] {
    try tensors.map { $0.isPoison || $0.type.layout.isPlain ? $0 : try trace.add(Reorder(.plain), [$0])[0] }
  }

  // MARK: Sizes

  /// The sizes of all calls: the sample's own, each symbol apart, and those together that are alike in the sample.
  var calls: [[String: Int]] {
    let names = base.keys.sorted()
    var list = [base]
    func add(_ changed: [String], _ size: (Int) -> Int) {
      var sizes = base
      for name in changed { sizes[name] = size(base[name] ?? 0) }
      if !list.contains(sizes), values(sizes) != nil { list.append(sizes) }
    }
    for name in names {
      add([name]) { _ in 0 }
      add([name]) { _ in 1 }
      add([name]) { $0 + 1 }
      add([name]) { $0 + 18 }
    }
    for extent in Set(base.values).sorted() {
      let alike = names.filter { base[$0] == extent }
      for size in [0, 1, 2, 17, 35] { add(alike) { _ in size } }
    }
    for size in [0, 1, 5] { add(names) { _ in size } }
    return list
  }

  private static let mostElements = 20_000

  /// The parameters' values at given sizes; nil where they are too many.
  func values(_ sizes: [String: Int]) -> [ReferenceTensor]? {
    var operands: [SampleOperand] = []
    for (type, parameter) in zip(types, parameters) {
      let shape = type.shape.compactMap { $0.evaluate { sizes[$0] } }
      let count = shape.reduce(1, *)
      if count > Self.mostElements { return nil }
      operands.append(SampleOperand(parameter.elementType, shape, parameter.values.repeated(count)))
    }
    return OpSample(sample.op, operands).values
  }

  /// What the evaluator gives at given sizes, in a function where they are numbers; nil where they do not fit.
  func expected(_ sizes: [String: Int], _ values: [ReferenceTensor]) -> Result<[ReferenceTensor], any Error> {
    Result {
      let numbered = types.map { type in type.substituting { sizes[$0].map { Dimension($0) } } }
      return try Evaluator.run(try function(numbered), values)
    }
  }
}

extension SampleOperand {
  fileprivate var type: TensorType { TensorType(elementType, shape.map { Dimension($0) }) }
}

extension SampleOperand.Values {
  /// As many, from the beginning again where there are too few.
  fileprivate func repeated(_ count: Int) -> SampleOperand.Values {
    switch self {
    case .list(let list) where !list.isEmpty: .list((0..<count).map { list[$0 % list.count] })
    case .integers(let list) where !list.isEmpty: .integers((0..<count).map { list[$0 % list.count] })
    case .list, .integers: .uniform(0, 1)
    default: self
    }
  }
}
