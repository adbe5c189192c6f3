// Calls a compiled model from Swift: load, create, run, print.
import Foundation
import TensorRuntime

do {
  let arguments = try Arguments([String](CommandLine.arguments.dropFirst()))
  let model = try CompiledLibrary(path: arguments.library).makeModel()
  let description = model.description

  var inputs = try arguments.files.map(NumpyFile.read)
  for value in description.inputs.dropFirst(inputs.count) { inputs.append(try arguments.makeInput(value)) }

  for (value, output) in zip(description.outputs, try model.run(inputs)) {
    let elements = output.elementType == .f32 ? try output.elements(as: Float.self).prefix(8) : []
    print("\(value.name): \(output)", elements.map { "\($0)" }.joined(separator: " "))
  }
} catch {
  FileHandle.standardError.write(Data("\(error)\n".utf8))
  exit(1)
}
