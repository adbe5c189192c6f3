/// Reads the one Python literal an `.npy` header holds: a dictionary of `descr`, `fortran_order` and `shape`.
///
/// It accepts what NumPy writes and the spacing, quotes and key order that other writers use; nothing else of Python.
struct NpyHeaderParser {
  let text: [UInt8]
  private var position = 0

  init(text: [UInt8]) { self.text = text }

  mutating func parse() throws -> NpyHeader {
    var descriptor: String?
    var isFortranOrder: Bool?
    var shape: [Int]?
    try expect("{")
    while !accept("}") {
      let key = try string()
      try expect(":")
      switch key {
      case "descr" where descriptor == nil: descriptor = try string()
      case "fortran_order" where isFortranOrder == nil: isFortranOrder = try boolean()
      case "shape" where shape == nil: shape = try tuple()
      default: throw NpyHeader.malformed("unexpected key '\(key)'")
      }
      if !accept(",") {
        try expect("}")
        break
      }
    }
    skipSpace()
    guard position == text.count else { throw NpyHeader.malformed("text follows the dictionary") }
    guard let descriptor, let isFortranOrder, let shape else {
      throw NpyHeader.malformed("one of 'descr', 'fortran_order' and 'shape' is missing")
    }
    return NpyHeader(descriptor: descriptor, isFortranOrder: isFortranOrder, shape: shape)
  }

  private mutating func skipSpace() {
    while position < text.count, [0x20, 0x0A, 0x09, 0x0D].contains(text[position]) { position += 1 }
  }

  private mutating func accept(_ character: Character) -> Bool {
    skipSpace()
    guard position < text.count, text[position] == character.asciiValue else { return false }
    position += 1
    return true
  }

  private mutating func expect(_ character: Character) throws {
    guard accept(character) else {
      throw NpyHeader.malformed("'\(character)' expected at byte \(position) of its text")
    }
  }

  private mutating func string() throws -> String {
    skipSpace()
    guard position < text.count, let quote = [0x27, 0x22].first(where: { $0 == text[position] }) else {
      if position < text.count, text[position] == UInt8(ascii: "[") {
        throw TensorDataError(id: "npy-type", message: "structured element types are not tensors")
      }
      throw NpyHeader.malformed("a quoted string expected at byte \(position) of its text")
    }
    let start = position + 1
    guard let end = text[start...].firstIndex(of: quote) else {
      throw NpyHeader.malformed("a string is not closed")
    }
    position = end + 1
    return String(decoding: text[start..<end], as: UTF8.self)
  }

  private mutating func boolean() throws -> Bool {
    skipSpace()
    for (word, value) in [("True", true), ("False", false)] where text[position...].starts(with: word.utf8) {
      position += word.utf8.count
      return value
    }
    throw NpyHeader.malformed("'fortran_order' is neither True nor False")
  }

  private mutating func tuple() throws -> [Int] {
    var extents: [Int] = []
    try expect("(")
    while !accept(")") {
      extents.append(try number())
      guard extents.count <= NpyHeader.maximumRank else {
        throw NpyHeader.malformed("the shape has more than \(NpyHeader.maximumRank) axes")
      }
      if !accept(",") {
        try expect(")")
        break
      }
    }
    return extents
  }

  private mutating func number() throws -> Int {
    skipSpace()
    let digits = text[position...].prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    guard let value = Int(String(decoding: digits, as: UTF8.self)) else {
      throw NpyHeader.malformed("the shape is not a tuple of numbers that 64 bits hold")
    }
    position += digits.count
    // Python 2 wrote long integers so.
    if position < text.count, text[position] == UInt8(ascii: "L") { position += 1 }
    return value
  }
}
