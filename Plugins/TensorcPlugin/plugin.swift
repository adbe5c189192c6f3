import Foundation
import PackagePlugin

/// Compiles the models of a package as it is built.
///
/// A C target with the plugin compiles every `.onnx` and `.tir` file in its directory to assembler, which is linked as its
/// other code is. A Swift target with the plugin that depends on such a C target gets a Swift type for each of the models.
/// Options of `tensorc compile` for `mlp.onnx` stand in `mlp.options` beside it.
@main
struct TensorcPlugin: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: Target) async throws -> [Command] {
    if let target = target as? ClangSourceModuleTarget {
      let models = TensorcPlugin.models(of: target)
      if models.isEmpty {
        Diagnostics.warning("the target '\(target.name)' has no .onnx or .tir file for TensorcPlugin to compile")
      }
      return try models.map { try command(for: $0, kind: "s", context) }
    }
    let libraries = target.dependencies.flatMap { dependency -> [ClangSourceModuleTarget] in
      if case .target(let target) = dependency, let library = target as? ClangSourceModuleTarget { return [library] }
      return []
    }
    let models = libraries.flatMap(TensorcPlugin.models)
    if models.isEmpty {
      Diagnostics.error(
        "the Swift target '\(target.name)' depends on no C target with an .onnx or .tir file: put models into a C target "
          + "with TensorcPlugin, and let '\(target.name)' depend on it")
    }
    return try models.map { try command(for: $0, kind: "swift", context) }
  }

  /// SwiftPM tells a plugin of the sources of a C target alone, so its directory is looked into.
  private static func models(of target: ClangSourceModuleTarget) -> [URL] {
    let files = try? FileManager.default.contentsOfDirectory(at: target.directoryURL, includingPropertiesForKeys: nil)
    return (files ?? []).filter { ["onnx", "tir"].contains($0.pathExtension) }.sorted { $0.path < $1.path }
  }

  private func command(for model: URL, kind: String, _ context: PluginContext) throws -> Command {
    let name = model.deletingPathExtension().lastPathComponent
    let stem = context.pluginWorkDirectoryURL.appendingPathComponent(name)
    let options = model.deletingPathExtension().appendingPathExtension("options")
    var inputs = [model]
    var chosen: [String] = []
    if let text = try? String(contentsOf: options, encoding: .utf8) {
      inputs.append(options)
      chosen = text.split(whereSeparator: \.isWhitespace).map(String.init)
    }
    // A package is linked without OpenMP unless it asks for it.
    if !chosen.contains("--threads") { chosen += ["--threads", "none"] }
    return .buildCommand(
      displayName: "tensorc \(model.lastPathComponent) (\(kind))", executable: try executable(context),
      arguments: ["compile", model.path, "-o", stem.path, "--emit", kind, "--quiet"] + chosen, inputFiles: inputs,
      outputFiles: [stem.appendingPathExtension(kind == "s" ? "S" : kind)])
  }

  private func executable(_ context: PluginContext) throws -> URL {
    if let path = ProcessInfo.processInfo.environment["TENSORC_COMMAND"] { return URL(fileURLWithPath: path) }
    return try context.tool(named: "tensorc").url
  }
}
