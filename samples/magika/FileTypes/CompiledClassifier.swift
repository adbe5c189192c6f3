import TensorRuntime

/// The model as the library that tensorc made of it.
///
/// It takes one row of tokens at a time, into memory that it keeps; so a program with several threads gives each its own.
public final class CompiledClassifier: ByteClassifier {
  private let context: Context
  private let input: String

  /// - Throws: where the file cannot be loaded, or takes something else than tokens.
  public init(library: String) throws {
    let model = try CompiledLibrary(path: library).makeModel()
    let description = model.description
    guard description.inputs.count == 1, description.outputs.count == 1,
      description.inputs[0].elementType == .i32,
      description.outputs[0].elementType == .f32
    else {
      throw NotAClassifier(library: library)
    }
    input = description.inputs[0].name
    context = model.makeContext()
  }

  public func classify(bytes: [Int32]) throws -> [Float] {
    try context.writeInput(input, shape: [1, bytes.count], of: Int32.self) {
      _ = $0.update(fromContentsOf: bytes)
    }
    try context.run()
    return try context.output(0).elements()
  }
}

struct NotAClassifier: Error, CustomStringConvertible {
  let library: String
  var description: String {
    "\(library) does not take one tensor of i32 and give one of f32, as the classifier does"
  }
}
