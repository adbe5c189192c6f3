// Takes models through `inspect`, `compile` and `opt` in one process, for scripts/fuzz_onnx.py: one line of standard
// input names a model, and perhaps after a tab the C file to write; one line of output says what became of it.
//
//   ok MILLISECONDS             it compiles
//   refused ID MILLISECONDS     there was an error for the user
//   broken TEXT                 there was an error that no user should see

import Foundation
import TensorCodegenC
import TensorDriver
import TensorIR
import TensorONNX
import TensorPasses

/// What the three subcommands do with a model.
func tryOut(_ model: String, writing output: String?) throws {
  let function = try ModelLoader.load(model).function
  let compiler = ModelCompiler(CompileOptions(target: "generic"))
  var summary = ModelSummary(function)
  summary.add(try compiler.lower(function, for: .generic))
  if let output { _ = try compiler.emit(.function(function), Emission(output: output, kinds: [.c])) }
  // What the importer leaves is text that reads back and rewrites as it did.
  let text = model + ".tir"
  defer { for ending in ["", ".blob"] { try? FileManager.default.removeItem(atPath: text + ending) } }
  try TextBundle.write([function], to: text)
  for again in try TextBundle.read(text, ops: ModelLoader.ops) {
    try again.verify()
    _ = try compiler.rewrite(again, for: .generic)
  }
}

/// The first of the errors, as the command would tell them; nil where it is a fault of ours.
func identifier(_ error: any Error) -> String? {
  switch error {
  case let error as OnnxErrors:
    let texts = error.list.map(\.description)
    if Set(texts).count != texts.count || texts.contains(where: { $0.contains("error: error:") }) { return nil }
    return error.list.contains { $0.id == "internal" } ? nil : error.list.first?.id
  case let error as OnnxError: return error.id == "internal" ? nil : error.id
  case let error as Diagnostic: return error.id == "internal" ? nil : error.id
  case let error as Diagnostics: return error.list.contains { $0.id == "internal" } ? nil : error.list.first?.id
  default: return nil
  }
}

while let line = readLine() {
  let words = line.split(separator: "\t").map(String.init)
  guard let model = words.first else { continue }
  let start = ContinuousClock.now
  var verdict = "ok"
  do { try tryOut(model, writing: words.count > 1 ? words[1] : nil) } catch {
    let text = "\(error)".replacingOccurrences(of: "\n", with: " ")
    verdict = identifier(error).map { "refused \($0)" } ?? "broken \(type(of: error)): \(text.prefix(600))"
  }
  let spent = (ContinuousClock.now - start).components
  let milliseconds = Int(spent.seconds) * 1000 + Int(spent.attoseconds / 1_000_000_000_000_000)
  print("\(verdict) \(milliseconds)")
  fflush(nil)
}
