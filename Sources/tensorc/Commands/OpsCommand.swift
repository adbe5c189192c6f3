import ArgumentParser
import TensorCoverage
import TensorIR
import TensorOps
import TensorSchedules

/// `tensorc ops`
struct OpsCommand: ParsableCommand, Exemplified {
  static let example = "tensorc ops pool"

  static let configuration = CommandConfiguration(
    commandName: "ops", abstract: "List the ops of the tensor IR.")

  @Argument(help: "Only ops with this text in their name or summary.")
  var filter: String?

  @Flag(help: "Print a table in Markdown: docs/ops.md.")
  var markdown = false

  @Flag(help: "Print what stands for each of Burn's backend methods, in Markdown: docs/op-coverage.md.")
  var coverage = false

  @Flag(help: "Print what stands for each function that Burn's users call, in Markdown: docs/api-coverage.md.")
  var api = false

  @Flag(
    help: "Print what stands for each of Burn's layers and pieces of training, in Markdown: docs/layer-coverage.md.")
  var layers = false

  func validate() throws {
    if layers, markdown || api || coverage || filter != nil { throw ValidationError("--layers stands alone") }
    if coverage, markdown || api || filter != nil { throw ValidationError("--coverage stands alone") }
    if api, markdown || filter != nil { throw ValidationError("--api stands alone") }
  }

  func run() throws {
    if layers { return Console().result(String(LayerDocument.text.dropLast())) }
    if api { return Console().result(String(ApiDocument.text.dropLast())) }
    if coverage {
      // The console ends the line.
      return Console().result(String(CoverageDocument.text.dropLast()))
    }
    let types = Registry.types.sorted { $0.name < $1.name }.filter { type in
      guard let filter = filter?.lowercased() else { return true }
      return type.name.lowercased().contains(filter) || type.summary.lowercased().contains(filter)
    }
    if types.isEmpty, let filter {
      throw UsageError("unknown-op", "no op has '\(filter)' in its name or summary")
    }
    let console = Console()
    if markdown {
      if filter == nil { console.result(head) }
      console.result("| op | what it computes | operands | kind | gradient |\n|---|---|---|---|---|")
      for type in types {
        console.result(
          "| `\(type.name)` | \(type.summary) | \(operands(type)) | \(kind(type)) | \(gradient(type)) |")
      }
    } else {
      console.result(Readable.table(types.map { [$0.name, $0.summary] }, indent: ""))
      if filter == nil { console.result("\(types.count) ops\n\(CoverageDocument.summary)") }
    }
  }

  /// What stands above the whole table.
  private var head: String {
    """
    # Ops

    The ops of the tensor IR, written by `make docs`. Their attributes stand in `.tir` in braces, named as the stored
    properties in the op's file under Sources/Ops.

    Operands are counted; those in brackets, by their positions from 0, may be left out (`_`).

    - pointwise: an expression of the elements at the same place; fused into the kernels around it
    - elements: an expression of elements at other places; fused likewise
    - rows: combines the elements along axes, in a walk over rows
    - contraction, window, scatter, scan, recurrence, routine: has kernels of its own, of that kind
    - control: steps of the program around kernels
    - collective: a step at which ranks, processes that run the same function, exchange tensors
    - structure: holds other operations, or is memory
    - composite: made of other ops, unless a pass has a fused kernel for it

    """
  }

  /// `2 to 3 (2 optional)`: optional operands by their positions, from 0.
  private func operands(_ type: any TensorOp.Type) -> String {
    let signature = type.signature
    let optional = signature.optional.sorted().map(String.init).joined(separator: ", ")
    return signature.operandText + (optional.isEmpty ? "" : " (\(optional) optional)")
  }

  private func kind(_ type: any TensorOp.Type) -> String {
    if type is any PointwiseOp.Type { return "pointwise" }
    if let kind = ScheduleTable.kind(of: type) { return kind.rawValue }
    return type is any RegionOp.Type || type is any StoredOp.Type ? "structure" : "composite"
  }

  private func gradient(_ type: any TensorOp.Type) -> String {
    // Not every loop has one, and what the layouts pass makes is made behind differentiation.
    let without: [any TensorOp.Type] = [
      Loop.self, WinogradConvolution.self, WinogradFilterGradient.self, FilterGradient.self,
    ]
    return type is any NotDifferentiable.Type || without.contains { $0 == type } ? "none" : "yes"
  }
}
