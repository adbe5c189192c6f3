/// Small helpers that the printers share.
public enum TextForm {
  /// The version of the text form, which the first line of a `.tir` file states.
  public static let version = 1

  /// The string in double quotes with control characters, quotes and backslashes escaped.
  public static func quote(_ string: String) -> String {
    var result = "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case "\r": result += "\\r"
      default:
        if scalar.value < 32 || scalar.value == 127 {
          result += "\\u{\(String(scalar.value, radix: 16))}"
        } else {
          result.unicodeScalars.append(scalar)
        }
      }
    }
    return result + "\""
  }

  /// Whether the text is a word of the language: letters, digits and `_`, perhaps with points inside, no digit first.
  static func isWord(_ text: String, points: Bool = true) -> Bool {
    guard let first = text.utf8.first, isWordStart(first) else { return false }
    let parts = text.utf8.split(separator: point, omittingEmptySubsequences: false)
    return (points || parts.count == 1) && parts.allSatisfy { !$0.isEmpty && $0.allSatisfy(isWordByte) }
  }

  /// The text itself where it is a word, else in quotes.
  static func word(_ text: String) -> String { isWord(text) ? text : quote(text) }

  static func isWordStart(_ byte: UInt8) -> Bool {
    (97...122).contains(byte) || (65...90).contains(byte) || byte == 95
  }

  static func isWordByte(_ byte: UInt8) -> Bool { isWordStart(byte) || isDigit(byte) }

  static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }

  static let point = UInt8(ascii: ".")
}
