/// Identifiers of C: made valid, and unique where they are visible.
struct CNames {
  /// Names in use, one set for each open block.
  private var scopes: [Set<String>]

  init(reserved: [String] = []) { scopes = [CNames.keywords.union(reserved)] }

  mutating func enter() { scopes.append([]) }
  mutating func leave() { scopes.removeLast() }

  /// The name itself where it is free, else with the number behind it, else with more.
  mutating func declare(_ name: String, number: Int) -> String {
    let stem = CNames.identifier(name)
    var candidate = stem
    var attempt = number
    while isTaken(candidate) {
      candidate = "\(stem)_\(attempt)"
      attempt += 1
    }
    scopes[scopes.count - 1].insert(candidate)
    return candidate
  }

  /// Keeps a name from being declared.
  mutating func reserve(_ name: String) { scopes[scopes.count - 1].insert(name) }

  private func isTaken(_ name: String) -> Bool { scopes.contains { $0.contains(name) } }

  /// The text with everything replaced that C does not allow in an identifier.
  static func identifier(_ text: String) -> String {
    var result = ""
    for byte in text.utf8 {
      switch byte {
      case 48...57, 65...90, 97...122: result.append(Character(UnicodeScalar(byte)))
      default: if result.last != "_" { result.append("_") }
      }
    }
    if result.isEmpty || result == "_" { return "x" }
    // A leading underscore, like a leading digit, is not ours to use.
    if let first = result.utf8.first, first == 95 || (48...57).contains(first) { return "x" + result }
    return result
  }

  /// Whether a file of this name can stand in an `#include`, in a comment and in a command of its first comment.
  static func isFileName(_ text: String) -> Bool {
    let isPlain = text.unicodeScalars.allSatisfy { scalar in
      scalar.value > 32 && scalar.value != 127 && !"\"'\\/*?<>|&;$`()[]{}!#~%".unicodeScalars.contains(scalar)
    }
    return isPlain && !text.isEmpty && text.first != "-"
  }

  /// Words that a variable cannot be called: of C, of what the emitted files include, and our own macros.
  private static let keywords: Set<String> = [
    "auto", "break", "case", "char", "const", "continue", "default", "do", "double", "else", "enum", "extern", "float",
    "for", "goto", "if", "inline", "int", "long", "register", "restrict", "return", "short", "signed", "sizeof",
    "static", "struct", "switch", "typedef", "union", "unsigned", "void", "volatile", "while", "asm", "typeof", "bool",
    "true", "false", "NAN", "INFINITY", "NULL", "errno", "linux", "unix", "alignas", "alignof", "constexpr", "nullptr",
    "static_assert", "thread_local", "typeof_unqual", "I", "assert", "EOF", "stdin", "stdout", "stderr", "signgam",
    "int8_t", "int16_t", "int32_t", "int64_t", "uint8_t", "uint16_t", "uint32_t", "uint64_t", "size_t", "memcpy",
  ]
}
