import Foundation
import TensorCodegenC
import TensorData
import TensorIR
import TensorOps

/// There is no Python with onnx and onnxruntime.
public struct ReferenceMissing: Error, CustomStringConvertible {
  public var attempts: [String]

  public var description: String {
    "error: onnxruntime is not found (\(attempts.joined(separator: "; "))): 'pip install onnx onnxruntime', or name the "
      + "Python that has them in TENSORC_PYTHON [reference-missing]"
  }
}

/// Computes the tensors of an ONNX model with onnxruntime, in a Python process.
public struct OnnxReference: Sendable {
  private let python: String

  /// Finds a Python that has onnx and onnxruntime: `TENSORC_PYTHON`, else `python3` on the path.
  ///
  /// - Throws: ``ReferenceMissing``.
  public init() throws {
    let named = ProcessInfo.processInfo.environment["TENSORC_PYTHON"]
    var attempts: [String] = []
    for candidate in named.map({ [$0] }) ?? ["python3", "python"] {
      let outcome = try? OnnxReference.execute(candidate, ["-c", "import numpy, onnx, onnxruntime"])
      if outcome?.status == 0 {
        python = candidate
        return
      }
      let reason = outcome?.errors.split(separator: "\n").last.map(String.init)
      attempts.append("\(candidate): \(reason ?? "does not start")")
    }
    throw ReferenceMissing(attempts: attempts)
  }

  /// The tensors of the given names; those that the model does not hold, or that are no tensors, are left out. Of text with
  /// `labels` under its name, the places among these, i64, and -1 for other texts.
  ///
  /// - Throws: a `Diagnostic` with what onnxruntime said, where it does not run the model.
  public func values(
    of model: String, inputs: [String: HostTensor], names: [String], labels: [String: [String]] = [:]
  ) throws -> [String: HostTensor] {
    let place = FileManager.default.temporaryDirectory.appendingPathComponent("tensorc-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: place) }
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    var files: [String: String] = [:]
    for (number, (name, tensor)) in inputs.sorted(by: { $0.key < $1.key }).enumerated() {
      files[name] = "input_\(number).npy"
      try NpyFile.write(tensor, to: place.appendingPathComponent("input_\(number).npy").path)
    }
    let request = try JSONEncoder().encode(Request(model: model, inputs: files, names: names, labels: labels))
    try request.write(to: place.appendingPathComponent("request.json"))
    let outcome = try OnnxReference.execute(python, ["-c", OnnxReference.script, place.path])
    guard outcome.status == 0 else {
      let reason = outcome.errors.split(separator: "\n").last.map(String.init) ?? "it ended with \(outcome.status)"
      throw Diagnostic("reference-failed", "onnxruntime does not run the model: \(reason)")
    }
    var found: [String: HostTensor] = [:]
    for (number, name) in names.enumerated() {
      let path = place.appendingPathComponent("value_\(number).npy").path
      if FileManager.default.fileExists(atPath: path) { found[name] = try NpyFile.read(path) }
    }
    return found
  }

  private struct Request: Encodable {
    var model: String
    var inputs: [String: String]
    var names: [String]
    var labels: [String: [String]]
  }

  /// Tensors that are no outputs are made outputs; onnxruntime finds their types.
  private static let script = """
    import json, os, sys
    import numpy, onnx, onnxruntime
    place = sys.argv[1]
    with open(os.path.join(place, "request.json")) as file:
        request = json.load(file)
    onnxruntime.set_default_logger_severity(3)
    path = request["model"]
    model = onnx.load(path, load_external_data=False)
    outputs = [value.name for value in model.graph.output]
    made = {name for node in model.graph.node for name in node.output if name}
    wanted = [name for name in request["names"] if name in made or name in outputs]
    extra = [name for name in wanted if name not in outputs]
    if extra:
        model = onnx.load(path)
        model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in extra)
        path = os.path.join(place, "model.onnx")
        big = model.ByteSize() > 2**30
        onnx.save(model, path, save_as_external_data=big)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    known = {value.name for value in session.get_inputs()}
    inputs = {name: numpy.load(os.path.join(place, file)) for name, file in request["inputs"].items() if name in known}
    for name, value in zip(wanted, session.run(wanted, inputs)):
        if isinstance(value, numpy.ndarray) and value.dtype.kind in "OSU" and name in request["labels"]:
            places = {text: place for place, text in enumerate(request["labels"][name])}
            value = numpy.array([places.get(text, -1) for text in value.ravel()], "int64").reshape(value.shape)
        if isinstance(value, numpy.ndarray) and value.dtype.kind in "fiub":
            numpy.save(os.path.join(place, f"value_{request['names'].index(name)}.npy"), value)
    """

  private static func execute(_ program: String, _ arguments: [String]) throws -> (status: Int32, errors: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [program] + arguments
    let errors = Pipe()
    process.standardError = errors
    process.standardOutput = FileHandle.nullDevice
    process.standardInput = FileHandle.nullDevice
    try process.runTakingSignals()
    let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (process.terminationStatus, text)
  }
}

extension LoadedModel {
  /// The model with every named tensor among its results, after its own, in the order in which they are computed.
  ///
  /// - Parameter wanted: the names of those that are asked for, inputs among them; nil for all that are computed.
  /// - Returns: the model, and for each of its results the name and the place in the user's model.
  public func tapped(_ wanted: Set<String>? = nil) -> (model: LoadedModel, taps: [(name: String, location: Location)]) {
    var copy = self
    let own = function.body.results.indices.map { index in
      index < function.resultNames.count ? function.resultNames[index] : function[function.body.results[index]].name
    }
    var taps = own.map { (name: $0, location: Location.unknown) }
    var known = Set(own)
    func tap(_ id: ValueID, _ location: Location) {
      let name = function[id].name
      guard !name.isEmpty, wanted?.contains(name) ?? true, known.insert(name).inserted else { return }
      copy.function.body.results.append(id)
      taps.append((name, location))
    }
    if wanted != nil { for id in function.body.parameters { tap(id, .unknown) } }
    for operation in function.body.operations where !(operation.op is Constant) {
      for id in operation.results { tap(id, operation.location) }
    }
    copy.function.resultNames = taps.map(\.name)
    return (copy, taps)
  }
}
