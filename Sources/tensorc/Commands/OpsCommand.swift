import ArgumentParser
import TensorIR
import TensorOps

/// `tensorc ops`
struct OpsCommand: ParsableCommand, Exemplified {
  static let example = "tensorc ops pool"

  static let configuration = CommandConfiguration(
    commandName: "ops", abstract: "List the ops of the tensor IR.")

  @Argument(help: "Only ops with this text in their name or summary.")
  var filter: String?

  @Flag(help: "Print a table in Markdown.")
  var markdown = false

  func run() throws {
    let types = Registry.types.sorted { $0.name < $1.name }.filter { type in
      guard let filter = filter?.lowercased() else { return true }
      return type.name.lowercased().contains(filter) || type.summary.lowercased().contains(filter)
    }
    if types.isEmpty, let filter {
      throw UsageError("unknown-op", "no op has '\(filter)' in its name or summary")
    }
    let console = Console()
    if markdown {
      console.result("| op | what it computes | gradient |\n|---|---|---|")
      for type in types { console.result("| `\(type.name)` | \(type.summary) | \(gradient(type)) |") }
    } else {
      console.result(Readable.table(types.map { [$0.name, $0.summary] }, indent: ""))
      if filter == nil { console.result("\(types.count) ops") }
    }
  }

  private func gradient(_ type: any TensorOp.Type) -> String {
    type is any NotDifferentiable.Type ? "none" : "yes"
  }
}
