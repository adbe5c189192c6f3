import TensorRuntime

/// What the command line asks for: sizes for symbols, and .npy files.
struct Arguments {
  var library = ""
  var sizes: [String: Int] = [:]
  var files: [String] = []

  init(_ arguments: [String]) throws {
    guard let library = arguments.first else { throw Failure("usage: RunModel LIB.so [SYMBOL=SIZE | FILE.npy]...") }
    self.library = library
    for argument in arguments.dropFirst() {
      let parts = argument.split(separator: "=")
      if parts.count == 2, let size = Int(parts[1]) {
        sizes[String(parts[0])] = size
      } else {
        files.append(argument)
      }
    }
  }

  /// An array of ones for an input, or of zeros when it is not f32. Symbols without a size get 2.
  func makeInput(_ value: ValueDescription) throws -> HostArray {
    let shape = value.dimensions.map { $0.size ?? sizes[$0.formula] ?? 2 }
    var array = try HostArray(zeros: shape, value.elementType)
    if value.elementType == .f32 {
      try array.withUnsafeMutableElements(of: Float.self) { $0.update(repeating: 1) }
    }
    return array
  }
}

struct Failure: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
