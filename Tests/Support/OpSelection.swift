import Foundation

/// The ops that the suites over all ops are restricted to: `TENSORC_CONTRACT_OPS=sort,top_k swift test …`; all where the
/// variable is not set.
public struct OpSelection: Sendable {
  public static let chosen = OpSelection(ProcessInfo.processInfo.environment["TENSORC_CONTRACT_OPS"])

  private let names: Set<String>?

  init(_ list: String?) {
    let words = (list ?? "").split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
    names = words.isEmpty ? nil : Set(words)
  }

  /// Whether it is all ops.
  public var isAll: Bool { names == nil }

  public func contains(_ name: String) -> Bool { names?.contains(name) ?? true }
}
