import FileTypes

/// The model as the library that tensorc made of it.
struct CompiledClassifier: ByteClassifier {
  let library: String

  init(library: String) throws { self.library = library }

  func classify(bytes: [Int32]) throws -> [Float] {
    throw NotConnected(library: library)
  }
}

/// Until TensorRuntime can load a library.
struct NotConnected: Error, CustomStringConvertible {
  let library: String
  var description: String { "\(library) cannot be called yet: TensorRuntime is not there" }
}
