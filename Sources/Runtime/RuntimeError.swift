import TensorABI

/// A mistake in loading or calling a compiled library: what is wrong, where, and what to do.
public struct RuntimeError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The library's return code, one of `tensorc_code` in tensorc.h; nil when the runtime itself found the mistake.
  public let code: Int32?
  /// Short and stable, such as `buffer-too-small`: for programs, and for looking it up in the documentation.
  public let id: String
  /// The node of the user's model at which the run failed; empty when there is none.
  public let node: String
  /// One or two sentences for a person.
  public let text: String
  /// The bytes that would have been enough, when a buffer was too small or memory ran out; otherwise 0.
  public let neededBytes: UInt64

  init(_ id: String, _ text: String, code: Int32? = nil, node: String = "", neededBytes: UInt64 = 0) {
    self.id = id
    self.text = text
    self.code = code
    self.node = node
    self.neededBytes = neededBytes
  }

  /// `node 'conv1' (Conv): error: … [id]`, as the compiler tells of nodes, or `mlp.swift:15:17: error: … [id]`.
  public var description: String {
    let message = "error: \(text) [\(id)]"
    if node.isEmpty { return message }
    // A library names a node as "conv1 (Conv)" and a line as "mlp.swift:15:17".
    if node.last == ")", let open = node.lastIndex(of: "("), node[..<open].last == " " {
      return "node '\(node[..<open].dropLast())' \(node[open...]): \(message)"
    }
    let parts = node.split(separator: ":")
    let isLine = parts.count > 2 && parts.suffix(2).allSatisfy { Int($0) != nil }
    return isLine ? "\(node): \(message)" : "node '\(node)': \(message)"
  }
}

extension RuntimeError {
  /// What the library wrote, or a stand-in when it returned a code without writing.
  init(code: Int32, reported error: UnsafePointer<tensorc_error>) {
    guard error.pointee.code == code else {
      self.init("library-failed", "The library returned code \(code) without an explanation.", code: code)
      return
    }
    self.init(
      string(in: error.pointee.id), string(in: error.pointee.text), code: code,
      node: string(in: error.pointee.node), neededBytes: error.pointee.needed)
  }
}

/// The string in a fixed C array, up to its zero or its end.
private func string<Characters>(in characters: Characters) -> String {
  withUnsafeBytes(of: characters) { bytes in
    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }
}
