// Measures kernels as the compiler makes them:
//
//   kernel-bench [--emit DIRECTORY] [--model FILE]… [WORD…]
//
// Every case whose name holds one of the words (all without one) is compiled for this machine and timed on one thread and
// on two; shares are of what multiply-adds in registers reach. Models are timed whole, with unknown dimensions 1.

import Foundation
import TensorCodegenC
import TensorDriver
import TensorIR
import TensorPasses

func main() throws {
  var words: [String] = []
  var models: [String] = []
  var measurement = Measurement(compiler: try LibraryCompiler())
  var arguments = CommandLine.arguments.dropFirst()
  while let argument = arguments.popFirst() {
    switch argument {
    case "--emit": measurement.directory = arguments.popFirst().map { URL(fileURLWithPath: $0) }
    case "--model": arguments.popFirst().map { models.append($0) }
    default: words.append(argument)
    }
  }
  let target = measurement.target
  let peakModel = try measurement.model(Peak.program(target), name: "peak")
  let peak = try [1, 2].map { threads in
    Double(threads * 2 * Peak.work(target)) / (try measurement.time(peakModel, threads: threads)) * 1e-9
  }
  print("peak: \(Int(peak[0])) GFLOP/s on one thread, \(Int(peak[1])) on two")
  for make in models.isEmpty || !words.isEmpty ? Cases.all : [] {
    let item = try make()
    guard words.isEmpty || words.contains(where: { item.name.contains($0) }) else { continue }
    let program = try Pipeline.compile(item.function, PipelineOptions(target: target))
    let model = try measurement.model(program, name: item.name)
    let columns = try zip([1, 2], peak).map { threads, peak in
      let time = try measurement.time(model, threads: threads)
      let speed = Double(2 * item.work) / time * 1e-9
      return String(format: "%9.1f us %5.0f GFLOP/s %3.0f %%", time * 1e6, speed, speed / peak * 100)
    }
    print(item.name.padding(toLength: 28, withPad: " ", startingAt: 0), columns.joined(separator: "  "))
    fflush(nil)
  }
  for path in models {
    let loaded = try ModelLoader.load(path)
    let program = try Pipeline.compile(loaded.function, PipelineOptions(target: target))
    let name = URL(fileURLWithPath: path).deletingLastPathComponent().lastPathComponent
    let model = try measurement.model(program, name: name)
    let times = try [1, 2].map { try measurement.time(model, threads: $0) * 1e3 }
    print(name, times.map { String(format: "%9.3f ms", $0) }.joined(separator: "  "))
  }
}

do { try main() } catch {
  FileHandle.standardError.write(Data("kernel-bench: \(error)\n".utf8))
  exit(1)
}
