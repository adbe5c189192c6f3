import ArgumentParser
import Foundation
import TensorDriver
import TensorIR
import TensorPasses

/// `tensorc opt`
struct OptCommand: ParsableCommand, Exemplified {
  static let example = "tensorc opt model.tir --stop-after simplify"

  static let configuration = CommandConfiguration(
    commandName: "opt", abstract: "Run passes over a .tir file and print what they leave.",
    discussion: """
      The stages are \(Stage.allCases.map(\.rawValue).joined(separator: ", ")). Without options, all that leave a \
      function run; of a program that lower, partition or plan left, those that follow. The passes are \(NamedPass.all.map(\.name).joined(separator: ", ")).
      """)

  @Argument(help: "A .tir file, or - for standard input.")
  var file: String

  @Option(help: ArgumentHelp("Only these passes, in this order, with commas between them.", valueName: "a,b"))
  var passes: String?

  @Option(name: .customLong("start-from"), help: "The stage to start with.")
  var first: Stage?

  @Option(name: .customLong("stop-after"), help: "The stage to stop after.")
  var last: Stage?

  @OptionGroup var code: TargetOptions
  @OptionGroup var consoleOptions: ConsoleOptions

  func validate() throws {
    if passes != nil && (first != nil || last != nil) {
      throw ValidationError("--passes excludes --start-from and --stop-after")
    }
  }

  func run() throws {
    let chosen = try passes.map(OptCommand.named)
    let console = consoleOptions.console
    var options = code.options
    options.first = first ?? .imported
    var compiler = ModelCompiler(options) { console.detail("  \($0)") }
    try about(file) { try code.configureUnmeasured(&compiler) }
    for source in try read() {
      try about(file) {
        switch source {
        case .function(let function): console.result(try self.text(of: function, chosen, compiler))
        case .program(let program):
          guard chosen == nil else {
            throw UsageError("text-kind", "--passes takes functions, and '\(file)' is a lowered program")
          }
          guard code.precision.setting == .f32, code.tuning.file == nil else {
            throw UsageError("text-kind", "--precision and --tune take a function, and '\(file)' is a lowered program")
          }
          console.result(try compiler.lower(program, for: try compiler.targetForText(), to: last ?? .plan).text())
        }
      }
    }
  }

  private func text(of function: Function, _ chosen: [NamedPass]?, _ compiler: ModelCompiler) throws -> String {
    if let chosen { return try NamedPass.run(chosen, on: function).description }
    let target = try compiler.targetForText()
    if let last, Stage.afterFusion.contains(last) { return try compiler.lower(function, for: target, to: last).text() }
    return try compiler.rewrite(function, for: target, to: last ?? .fuse).description
  }

  private func read() throws -> [CompilerInput] {
    guard file == "-" else {
      if let program = try TextBundle.readProgram(file) { return [.program(program)] }
      return try TextBundle.read(file, ops: ModelLoader.ops).map(CompilerInput.function)
    }
    let text = String(decoding: FileHandle.standardInput.readDataToEndOfFile(), as: UTF8.self)
    if LoweredProgram.isProgram(text) { return [.program(try LoweredProgram(parsing: text, file: "-"))] }
    return try TextParser.parse(text, file: "-", ops: ModelLoader.ops).verified().map(CompilerInput.function)
  }

  private static func named(_ list: String) throws -> [NamedPass] {
    try list.split(separator: ",", omittingEmptySubsequences: false).map { name in
      guard let pass = NamedPass.named(String(name)) else {
        let known = NamedPass.all.map(\.name).joined(separator: ", ")
        throw UsageError("unknown-pass", "there is no pass '\(name)'; the passes are \(known)")
      }
      return pass
    }
  }
}
