import TensorONNX
import Tensors

/// Traces what a model computes and writes it as an ONNX model, the model's tensors as initializers under their names:
/// `first.weight`.
///
///     try exportONNX(network, TensorType.f32("n", 784), to: "digits.onnx", inputs: ["images"]) { network, images in
///       ["logits": network(images)]
///     }
///
/// onnxruntime and other tools run it by ONNX's own operators of opset 21. A dimension that is a symbol is one of the
/// model's. Results are named by the keys of a dictionary or the names of a container; others `y0`, `y1`, ….
/// - Parameters:
///   - examples: what the model is applied to: types, whose dimensions may be symbols, or values of which the types count.
///   - path: a file that ends in `.onnx`; it appears whole or not at all. Weights of more than
///     `options.externalDataLimit` bytes stand beside it.
///   - inputs: what the tensors of the examples are called; `x1`, `x2`, … unless given.
/// - Throws: what is wrong with shapes and element types; `onnx-export` for each operation that ONNX has no operator for,
///   with its place; `name-count`; `TensorDataError` where a file cannot be written.
public func exportONNX<Model: TensorContainer & TensorExample, each Example: TensorExample, Output: TensorContainer>(
  _ model: Model, _ examples: repeat each Example, to path: String, inputs: [String]? = nil,
  options: OnnxExportOptions = OnnxExportOptions(), file: String = #fileID, line: Int = #line, column: Int = #column,
  _ body: (Model.Traced, repeat (each Example).Traced) throws -> Output
) throws {
  var function = try trace(model, repeat each examples, name: "main", file: file, line: line, column: column, body)
  let named = model.namedTensors
  let given = function.body.parameters.dropFirst(named.count)
  if let inputs {
    guard inputs.count == given.count else {
      throw Diagnostic(
        "name-count", "'inputs' takes a name for each of \(given.count) tensors and was given \(inputs.count)",
        at: .source(file: file, line: line, column: column))
    }
    for (id, name) in zip(given, inputs) { function[id].name = name }
  }
  var options = options
  for (id, entry) in zip(function.body.parameters, named) {
    guard let value = try entry.tensor.recorder?.literal(of: entry.tensor.id) else {
      throw Diagnostic(
        "foreign-tensor", "'\(entry.name)' is a tensor that is being traced, and has no value to be written",
        at: .source(file: file, line: line, column: column))
    }
    options.parameters[function[id].name] = value
  }
  try function.exportONNX(to: path, options: options)
}
