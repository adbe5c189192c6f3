import ArgumentParser
import Foundation
import TensorCodegenC
import TensorDriver
import TensorRuntime

/// `tensorc doctor`
struct DoctorCommand: ParsableCommand, Exemplified {
  static let example = "tensorc doctor"

  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Say which C compiler, OpenMP and cache are used, and how to mend what is missing.",
    discussion: """
      TENSORC_CC names the compiler to use; XDG_CACHE_HOME says where the cache is.
      """)

  func run() throws {
    let console = Console()
    console.result(Versions.text)
    var advice: [String] = []
    var missing: (any Error)?
    do {
      let chosen = try Toolchain.discover()
      console.result(Readable.table(rows(chosen), indent: ""))
      if !chosen.hasOpenMP {
        advice.append(
          "libraries will be serial: install an OpenMP runtime (Debian: apt-get install libomp-dev; macOS: "
            + "brew install libomp) or gcc")
      }
    } catch {
      console.result("compiler    none")
      missing = error
    }
    console.result(Readable.table(machineRows() + cacheRows(&advice), indent: ""))
    for line in advice { console.result("advice: \(line)") }
    if let missing { throw missing }
    if advice.isEmpty { console.result("all is well") }
  }

  private func rows(_ chosen: Toolchain) -> [[String]] {
    let others = Toolchain.all().filter { $0.compiler != chosen.compiler }
    let native = chosen.native
    var rows = [
      ["compiler", "\(chosen.compiler)  (\(chosen.version))"],
      ["OpenMP", chosen.hasOpenMP ? "works" : "missing"],
      [
        "vectors",
        "\(native.vectorBytes) bytes, \(native.registers) registers\(native.hasFMA ? ", fused multiply-add" : "")",
      ],
      ["target", "native, as \(native.flags.joined(separator: " "))"],
    ]
    for other in others {
      rows.append([
        "also there",
        "\(other.compiler)  (\(other.version))\(other.hasOpenMP ? ", OpenMP works" : ", no OpenMP")",
      ])
    }
    return rows
  }

  private func machineRows() -> [[String]] { [["processors", "\(Processors.available)"]] }

  private func cacheRows(_ advice: inout [String]) -> [[String]] {
    guard let directory = Cache.standardDirectory else {
      advice.append("nothing is cached: \(Cache().problem ?? "")")
      return [["cache", "none"]]
    }
    if let problem = Cache().problem { advice.append("nothing is cached: \(problem)") }
    let keys: [URLResourceKey] = [.fileSizeKey]
    let files =
      (try? FileManager.default.contentsOfDirectory(at: directory, includingPropertiesForKeys: keys)) ?? []
    let sizes = files.compactMap { try? $0.resourceValues(forKeys: [.fileSizeKey]).fileSize }
    let total = sizes.reduce(0, +)
    let limit = Readable.bytes(Cache().largestByteCount)
    return [
      ["cache", "\(directory.path), \(files.count) files, \(Readable.bytes(total)) of at most \(limit)"]
    ]
  }
}
