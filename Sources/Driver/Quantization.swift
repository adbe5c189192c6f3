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
        expected += y * y
        if x == y || x.isNaN && y.isNaN { continue }
        let difference = x.isFinite && y.isFinite ? abs(x - y) : .infinity
        greatest = max(greatest, difference)
        squares += difference * difference
      }
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
    let calibration = try Calibration(path, quantizer.activations, sets, compiler)
    compiler.progress?("quantise")
    let place = try OutputPlace(for: output)
    defer { place.discard() }
    let name = URL(fileURLWithPath: output).lastPathComponent
    let staged = place.staging.appendingPathComponent(name).path
    try quantizer.quantized(ranges: calibration.ranges).write(to: staged)
    let errors = try measure(staged, data, sets, calibration)
    let weights = name + ".data"
    let hasWeights = FileManager.default.fileExists(atPath: place.staging.appendingPathComponent(weights).path)
    _ = try place.publish((hasWeights ? [weights] : []) + [name])
    let unseen = quantizer.activations.filter { calibration.ranges[$0] == nil }
    return Result(
      nodes: quantizer.count - quantizer.nodes(reading: unseen),
      skipped: quantizer.skipped
        + unseen.map { ($0, "has no range: it is not computed under this name, or not finite") },
      errors: errors, sets: sets.count)
  }

  /// How far the outputs of a quantised model are, over all sets of data.
  private func measure(
    _ path: String, _ data: [DataDirectory], _ sets: [[DataInput]], _ calibration: Calibration
  ) throws -> [OutputError] {
    let runner = try Calibration.runner(try Calibration.load(path, sets), compiler)
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
    return errors
  }
}

/// The ranges of tensors of a model on data.
private struct Calibration {
  /// The names of the model's results.
  let names: [String]
  /// Of the tensors that the model has under their names, and in which something finite was seen.
  private(set) var ranges: [String: ClosedRange<Double>] = [:]
  /// The model's results for each set of data.
  private(set) var outputs: [[HostTensor]] = []

  /// Runs the model with the tensors among its results.
  init(_ path: String, _ wanted: [String], _ sets: [[DataInput]], _ compiler: ModelCompiler) throws {
    let loaded = try Calibration.load(path, sets)
    let (model, taps) = loaded.tapped(Set(wanted))
    let count = loaded.function.body.results.count
    names = taps.prefix(count).map(\.name)
    let runner = try Calibration.runner(model, compiler)
    let places = taps.indices.filter { wanted.contains(taps[$0].name) }
    for inputs in sets {
      try runner.setInputs(inputs)
      let results = try runner.run()
      outputs.append(Array(results.prefix(count)))
      for place in places { note(results[place], as: taps[place].name) }
    }
  }

  static func load(_ path: String, _ sets: [[DataInput]]) throws -> LoadedModel {
    try ModelLoader.load(path, data: LoadData(sets.first?.map(\.tensor) ?? []))
  }

  static func runner(_ model: LoadedModel, _ compiler: ModelCompiler) throws -> LibraryRunner {
    try LibraryRunner(compiler.library(model.function, named: "model"), of: model, threads: nil)
  }

  private mutating func note(_ tensor: HostTensor, as name: String) {
    let reader = NumberReader(tensor)
    var range = ranges[name]
    for number in (0..<tensor.elementCount).lazy.map(reader.number) where number.isFinite {
      range = min(range?.lowerBound ?? number, number)...max(range?.upperBound ?? number, number)
    }
    ranges[name] = range
  }
}
