import Foundation
import TensorData
import TensorIR
import TensorONNX

/// Quantises an ONNX model by what it computes on data, and measures what that costs.
public struct Quantization {
  /// How far an output is from what is expected of it.
  public struct OutputError: Sendable {
    public var name: String
    /// Of the model as it was, against the expected outputs of the data; nil where there are none.
    public var before: Distance?
    /// Of the quantised model, against the same; against the model as it was where there are none.
    public var after: Distance
  }

  /// The greatest difference, and the root of the mean square of differences over that of what is expected.
  public struct Distance: Sendable {
    public var greatest = 0.0
    public var relative: Double { expected > 0 ? (squares / expected).squareRoot() : squares > 0 ? .infinity : 0 }
    private var squares = 0.0
    private var expected = 0.0

    mutating func add(_ actual: HostTensor, _ wanted: HostTensor) throws {
      guard actual.shape == wanted.shape else {
        throw Diagnostic(
          "output-shape", "an output is \(actual.typeText), and the data expects \(wanted.typeText)")
      }
      let (a, b) = (NumberReader(actual), NumberReader(wanted))
      for place in 0..<actual.elementCount {
        let (x, y) = (a.number(place), b.number(place))
        if x == y || x.isNaN && y.isNaN { continue }
        greatest = max(greatest, abs(x - y))
        squares += (x - y) * (x - y)
      }
      for place in 0..<actual.elementCount { expected += b.number(place) * b.number(place) }
    }
  }

  /// What was done.
  public struct Result: Sendable {
    public var nodes: Int
    public var skipped: [(node: String, reason: String)]
    public var errors: [OutputError]
    /// Data sets that were run.
    public var sets: Int
  }

  public var scheme: QuantizationScheme
  public var excluded: Set<String>
  public var compiler: ModelCompiler

  public init(scheme: QuantizationScheme, excluded: Set<String> = [], compiler: ModelCompiler = ModelCompiler()) {
    (self.scheme, self.excluded, self.compiler) = (scheme, excluded, compiler)
  }

  /// Writes the quantised model to a path that ends in `.onnx`, beside it first.
  ///
  /// - Throws: diagnostics about the model and the data; `onnx-quantize` where nothing can be quantised.
  public func run(_ path: String, data: [DataDirectory], to output: String) throws -> Result {
    let quantizer = try OnnxQuantizer(OnnxModel(contentsOf: path), scheme: scheme, excluded: excluded)
    let sets = try data.map { try DataInput.read($0) }
    let calibration = try Calibration(
      try ModelLoader.load(path, data: LoadData(sets.first?.map(\.tensor) ?? [])), quantizer.activations, compiler
    ).run(sets)
    compiler.progress?("quantise")
    let place = try OutputPlace(for: output)
    defer { place.discard() }
    let name = URL(fileURLWithPath: output).lastPathComponent
    let staged = place.staging.appendingPathComponent(name).path
    try quantizer.quantized(ranges: calibration.ranges).write(to: staged)
    let loaded = try ModelLoader.load(staged, data: LoadData(sets.first?.map(\.tensor) ?? []))
    let runner = try LibraryRunner(compiler.library(loaded.function, named: "model"), of: loaded, threads: nil)
    var errors = calibration.names.map { OutputError(name: $0, after: Distance()) }
    for (number, inputs) in sets.enumerated() {
      try runner.setInputs(inputs)
      let results = try runner.run()
      let before = calibration.outputs[number]
      let expected = data[number].outputs.isEmpty ? nil : try data[number].readOutputs()
      for index in errors.indices where index < results.count {
        let wanted = expected.flatMap { index < $0.count ? $0[index] : nil }
        if let wanted {
          var distance = errors[index].before ?? Distance()
          try distance.add(before[index], wanted)
          errors[index].before = distance
        }
        try errors[index].after.add(results[index], wanted ?? before[index])
      }
    }
    let weights = name + ".data"
    let hasWeights = FileManager.default.fileExists(atPath: place.staging.appendingPathComponent(weights).path)
    _ = try place.publish((hasWeights ? [weights] : []) + [name])
    let done =
      calibration.missing.isEmpty ? quantizer.count : quantizer.count - quantizer.nodes(reading: calibration.missing)
    let left = calibration.missing.map { (node: $0, reason: "is computed under no name that calibration finds") }
    return Result(nodes: done, skipped: quantizer.skipped + left, errors: errors, sets: sets.count)
  }
}

/// The ranges of tensors of a model on data.
struct Calibration {
  private let model: LoadedModel
  private let runner: LibraryRunner
  private let wanted: [String]
  /// The names of the model's results.
  let names: [String]
  /// Tensors that the model does not have under their names.
  let missing: [String]
  private(set) var ranges: [String: ClosedRange<Double>] = [:]
  /// The model's results for each set of data.
  private(set) var outputs: [[HostTensor]] = []

  /// Compiles the model with the tensors among its results.
  init(_ loaded: LoadedModel, _ wanted: [String], _ compiler: ModelCompiler) throws {
    var function = loaded.function
    names = function.body.results.indices.map { index in
      index < function.resultNames.count ? function.resultNames[index] : function[function.body.results[index]].name
    }
    var known: [String: ValueID] = [:]
    for id in function.body.parameters + function.body.operations.flatMap(\.results) { known[function[id].name] = id }
    self.wanted = wanted.filter { known[$0] != nil }
    missing = wanted.filter { known[$0] == nil }
    function.resultNames = names + self.wanted.map { "calibrated \($0)" }
    function.body.results += self.wanted.compactMap { known[$0] }
    var tapped = loaded
    tapped.function = function
    model = tapped
    runner = try LibraryRunner(compiler.library(function, named: "model"), of: tapped, threads: nil)
  }

  func run(_ sets: [[DataInput]]) throws -> Calibration {
    var copy = self
    for inputs in sets {
      try runner.setInputs(inputs)
      let results = try runner.run()
      copy.outputs.append(Array(results.prefix(names.count)))
      for (name, tensor) in zip(wanted, results.dropFirst(names.count)) {
        let reader = NumberReader(tensor)
        var (low, high) = (Double.infinity, -Double.infinity)
        for place in 0..<tensor.elementCount {
          let number = reader.number(place)
          if number.isFinite { (low, high) = (min(low, number), max(high, number)) }
        }
        guard low <= high else { continue }
        let before = copy.ranges[name]
        copy.ranges[name] = min(low, before?.lowerBound ?? low)...max(high, before?.upperBound ?? high)
      }
    }
    return copy
  }
}
