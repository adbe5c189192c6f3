/// Names of models as identifiers of Swift.
struct SwiftNames {
  private var taken: Set<String>

  init(taken: Set<String> = []) { self.taken = taken }

  /// `input_ids` becomes `inputIds`, `onnx::Add_0` `onnxAdd0`; what is taken already gets a number.
  mutating func declare(_ text: String, or fallback: String) -> String {
    let words = SwiftNames.words(text)
    var stem = words.first.map { SwiftNames.withFirst($0, uppercased: false) } ?? fallback
    stem += words.dropFirst().map { SwiftNames.withFirst($0, uppercased: true) }.joined()
    if stem.first?.isNumber ?? true { stem = fallback + SwiftNames.withFirst(stem, uppercased: true) }
    var name = stem
    var number = 2
    while !taken.insert(name).inserted {
      name = "\(stem)\(number)"
      number += 1
    }
    return name
  }

  /// `my-model` becomes `MyModel`; a name of Swift's or the runtime's gets `Model` after it.
  static func type(_ text: String) -> String {
    var name = words(text).map { withFirst($0, uppercased: true) }.joined()
    if name.first?.isLetter != true { name = "Model" + name }
    return known.contains(name) ? name + "Model" : name
  }

  /// As it is written where it is used: keywords stand between backticks.
  static func used(_ name: String) -> String { keywords.contains(name) ? "`\(name)`" : name }

  /// The runs of letters and digits, those outside ASCII left out.
  private static func words(_ text: String) -> [String] {
    text.split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }.map(String.init)
  }

  private static func withFirst(_ word: String, uppercased: Bool) -> String {
    // NAMES in capitals are lower-cased whole where a name begins with them.
    if !uppercased, word.allSatisfy({ !$0.isLowercase }) { return word.lowercased() }
    return (uppercased ? word.prefix(1).uppercased() : word.prefix(1).lowercased()) + word.dropFirst()
  }

  private static let known: Set<String> = [
    "Bool", "Int", "Int8", "Int16", "Int32", "Int64", "UInt8", "UInt16", "UInt32", "UInt64", "Float", "Float16",
    "Double", "String", "Array", "Sendable", "Self", "Type", "Any", "Never", "Task", "HostArray", "CompiledModel",
    "CompiledLibrary", "UnsafeRawPointer", "Swift",
  ]

  private static let keywords: Set<String> = [
    "associatedtype", "class", "deinit", "enum", "extension", "fileprivate", "func", "import", "init", "inout",
    "internal",
    "let", "open", "operator", "private", "protocol", "public", "rethrows", "static", "struct", "subscript",
    "typealias",
    "var", "break", "case", "continue", "default", "defer", "do", "else", "fallthrough", "for", "guard", "if", "in",
    "repeat", "return", "switch", "where", "while", "as", "catch", "false", "is", "nil", "super", "self", "throw",
    "throws", "true", "try", "precedencegroup", "await",
  ]
}
