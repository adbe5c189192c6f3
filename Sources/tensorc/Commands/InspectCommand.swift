import ArgumentParser
import TensorDriver
import TensorIR
import TensorPasses

/// `tensorc inspect`
struct InspectCommand: ParsableCommand, Exemplified {
  static let example = "tensorc inspect model.onnx --dim batch=1"

  static let configuration = CommandConfiguration(
    commandName: "inspect", abstract: "Show a model's inputs, outputs, ops, parameters, work and memory.",
    discussion: """
      Work and memory are formulas over the sizes that a call chooses; --dim puts numbers in.
      """)

  @Argument(help: "A model, .onnx or .tir.")
  var model: String

  @OptionGroup var precision: PrecisionOptions
  @OptionGroup var memory: MemoryOptions
  @OptionGroup var modelOptions: ModelOptions
  @OptionGroup var consoleOptions: ConsoleOptions

  func run() throws {
    let console = consoleOptions.console
    guard ModelLoader.kind(of: model) != nil else {
      throw UsageError("model-kind", "'\(model)' is not a model: its name ends neither in .onnx nor in .tir")
    }
    let loaded = try modelOptions.load(model)
    let function = loaded.function
    var summary = ModelSummary(function)
    var compiler = ModelCompiler(CompileOptions(memoryBudget: memory.memoryBudget)) { console.progress($0) }
    compiler.options.precision = try about(model) { try precision.resolved(for: loaded, by: compiler) }
    do {
      if precision.setting != .f32 { summary.products = try compiler.products(function) }
      summary.add(try compiler.lower(function, for: try compiler.targetForText()))
      console.endProgress()
    } catch {
      console.endProgress()
      // What can be told without kernels is still worth telling.
      for line in ErrorReport(error, file: model).lines {
        console.note("work and memory are unknown: \(line)")
      }
    }
    console.result(text(summary, function.name))
  }

  private func text(_ summary: ModelSummary, _ name: String) -> String {
    var rows = [["model", name]]
    rows += summary.inputs.enumerated().map { ["input \($0)", "\($1.name): \($1.type)"] }
    rows += summary.outputs.enumerated().map {
      ["output \($0)", "\($1.name): \(Describe.type($1.type, summary.symbols))"]
    }
    let given = summary.symbols.filter { !$0.isComputed }
    if !given.isEmpty { rows.append(["sizes", given.map(Describe.symbol).joined(separator: ", ")]) }
    let bytes = Readable.bytes(summary.parameterBytes)
    rows.append([
      "parameters", "\(Readable.count(summary.parameterCount)) in \(summary.constantCount) tensors, \(bytes)",
    ])
    let total = summary.ops.reduce(0) { $0 + $1.count }
    rows.append(["ops", "\(total): " + summary.ops.map { "\($0.name) \($0.count)" }.joined(separator: ", ")])
    if !summary.products.isEmpty { rows += productRows(summary.products) }
    if let kernels = summary.kernelCount { rows.append(["kernels", "\(kernels)"]) }
    if let work = summary.work {
      rows.append(["work", InspectCommand.number(work) + " multiply-adds or elements"])
    }
    if let workspace = summary.workspace {
      rows.append(["workspace", InspectCommand.bytes(workspace)])
    }
    if let each = summary.workspacePerThread, each != 0 {
      rows.append(["", "and for each thread \(InspectCommand.bytes(each))"])
    }
    return Readable.table(rows, indent: "")
  }

  /// Which products run in what: how many, and those in f32 by name.
  private func productRows(_ products: [PrecisionProduct]) -> [[String]] {
    let exact = products.filter { !$0.isLowered }
    let lowered = precision.setting.fixed == nil ? "bf16" : precision.setting.description
    let rows = [["products", "\(products.count - exact.count) in \(lowered), \(exact.count) in f32"]]
    return rows + exact.map { ["", "f32: \($0.name) \($0.type) at \($0.location)"] }
  }

  private static func number(_ dimension: Dimension) -> String {
    dimension.constant.map(Readable.count) ?? dimension.description
  }

  private static func bytes(_ dimension: Dimension) -> String {
    dimension.constant.map(Readable.bytes) ?? "\(dimension) bytes"
  }
}
