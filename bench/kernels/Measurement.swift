import Foundation
import TensorCodegenC
import TensorIR
import TensorRuntime

/// Compiles programs and takes the least of many short runs.
struct Measurement {
  let compiler: LibraryCompiler
  /// Where the C and the libraries go, for reading and for other programs; nil keeps none.
  var directory: URL?
  /// How long each thread count of a case is measured.
  var seconds = 0.25

  var target: Target { compiler.toolchain.native }

  func model(_ program: LoweredProgram, name: String) throws -> Model {
    let prefix = String(name.map { $0.isLetter || $0.isNumber ? $0 : "_" })
    if let directory {
      try LibraryCompiler.compile(
        program, to: directory.appendingPathComponent("\(prefix).c"), kind: .source, target: target, prefix: prefix)
    }
    let name = directory == nil ? "tensorc-\(UUID().uuidString).so" : "\(prefix).so"
    let url = (directory ?? FileManager.default.temporaryDirectory).appendingPathComponent(name)
    defer { if directory == nil { try? FileManager.default.removeItem(at: url) } }
    try compiler.compile(program, to: url, kind: .shared, target: target, prefix: "bench")
    return try CompiledLibrary(path: url.path).makeModel()
  }

  /// The least time of a run in seconds.
  func time(_ model: Model, threads: Int) throws -> Double {
    let context = model.makeContext(threads: threads)
    for (position, input) in model.description.inputs.enumerated() {
      let shape = input.dimensions.map { $0.size ?? 1 }
      let values = (0..<shape.reduce(1, *)).map { place -> Float in Float(place % 17) / 17 - 0.5 }
      try context.setInput(position, try HostArray(values, shape: shape))
    }
    try context.run()
    let start = now()
    var least = Double.infinity
    while now() - start < seconds {
      let before = now()
      try context.run()
      least = min(least, now() - before)
    }
    return least
  }

  private func now() -> Double {
    Double(DispatchTime.now().uptimeNanoseconds) * 1e-9
  }
}
