import Foundation
import TensorIR
import TensorPasses

/// Writes what each stage leaves, `03-decompose.tir`, so that two runs can be compared with `diff -r`.
public struct StageDump: Sendable {
  private let directory: String

  /// - Throws: a `Diagnostic` where the directory cannot be made.
  public init(directory: String) throws {
    self.directory = directory
    do {
      try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    } catch {
      throw Diagnostic(
        "output-unwritable", "the directory '\(directory)' cannot be made: \(OutputPlace.reason(error))")
    }
  }

  /// Writes a function; large tensors go into a file beside it, so that it can be read back.
  public func write(_ function: Function, after stage: Stage) throws {
    try TextBundle.write([function], to: path(stage, "tir"))
  }

  /// Writes a program of kernels likewise.
  public func write(_ program: LoweredProgram, after stage: Stage) throws {
    try TextBundle.write(program, to: path(stage, "tir"))
  }

  private func path(_ stage: Stage, _ suffix: String) -> String {
    let number = Stage.allCases.firstIndex(of: stage) ?? 0
    let name = "\(number < 10 ? "0" : "")\(number)-\(stage.rawValue).\(suffix)"
    return URL(fileURLWithPath: directory).appendingPathComponent(name).path
  }
}
