import ArgumentParser
import Foundation
import TensorCodegenC
import TensorData
import TensorDriver
import TensorIR
import TensorPasses
import TensorRuntime

/// What a user decides about a model before it is compiled.
struct ModelOptions: ParsableArguments {
  @Option(
    name: .customLong("dim"),
    help: ArgumentHelp("Fix a dimension, or bound it.", valueName: "name=n|name=min..max"))
  var dimensions: [DimensionSetting] = []

  @Option(
    name: .customLong("const"),
    help: ArgumentHelp("Make an input a constant, read from a .npy or .pb file.", valueName: "name=file"))
  var constants: [ConstantSetting] = []

  func validate() throws {
    if let name = dimensions.map(\.name).firstRepeated {
      throw ValidationError("--dim \(name) is given twice")
    }
    if let name = constants.map(\.name).firstRepeated {
      throw ValidationError("--const \(name) is given twice")
    }
  }

  func readConstants() throws -> [String: HostTensor] {
    var tensors: [String: HostTensor] = [:]
    for constant in constants { tensors[constant.name] = try DataFiles.read(constant.file) }
    return tensors
  }

  func load(_ path: String, data: LoadData? = nil) throws -> LoadedModel {
    try about(path) {
      let loaded = try ModelLoader.load(path, dimensions: dimensions, constants: readConstants(), data: data)
      Console.warn(loaded.warnings, of: path)
      return loaded
    }
  }

  var isEmpty: Bool { dimensions.isEmpty && constants.isEmpty }
}

/// What a user decides about the code.
struct TargetOptions: ParsableArguments {
  @Option(help: "The machine to compile for: \(ModelCompiler.targetNames.joined(separator: ", ")).")
  var target: String?

  @Option(
    name: .customLong("dump-dir"),
    help: ArgumentHelp("Write the text after each stage there.", valueName: "dir"))
  var dumpDirectory: String?

  @OptionGroup var precision: PrecisionOptions
  @OptionGroup var tuning: TuningOptions

  @Flag(
    name: .customLong("no-winograd"),
    help: "Compute convolutions of 3 by 3 with all of their multiplications, where fewer would do.")
  var avoidsWinograd = false

  /// For the compiler, without what may have to be measured first.
  var options: CompileOptions {
    var options = CompileOptions(target: target, dumpDirectory: dumpDirectory)
    options.usesWinograd = !avoidsWinograd
    return options
  }

  func validate() throws {
    if let target, !ModelCompiler.targetNames.contains(target) {
      let names = ModelCompiler.targetNames.joined(separator: ", ")
      throw ValidationError("there is no target '\(target)'; the targets are \(names)")
    }
  }
}

/// How much memory a call may take.
struct MemoryOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The most workspace of a call: what does not fit is computed again in the backward part. 400MB, 2GiB, or 40% of what it takes otherwise.",
      valueName: "bytes|share"))
  var memoryBudget: MemoryBudget?
}

extension MemoryBudget: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
}

/// `NAME=FILE`
struct ConstantSetting: ExpressibleByArgument {
  var name: String
  var file: String

  init?(argument: String) {
    let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
    guard parts.count == 2 else { return nil }
    (name, file) = (parts[0], parts[1])
  }
}

extension DimensionSetting: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
}

extension Stage: ExpressibleByArgument {}

/// Kinds with commas between them: `so,c`.
struct KindList: ExpressibleByArgument {
  var kinds: [EmittedKind]

  init?(argument: String) {
    kinds = []
    for part in argument.split(separator: ",", omittingEmptySubsequences: false) {
      guard let kind = EmittedKind(rawValue: String(part)) else { return nil }
      kinds.append(kind)
    }
  }
}

extension Array where Element: Hashable {
  fileprivate var firstRepeated: Element? {
    var seen: Set<Element> = []
    return first { !seen.insert($0).inserted }
  }
}
