/// A pattern of names: `*` stands for any text, `?` for one character.
package struct NamePattern: Sendable {
  private let pattern: [Character]
  package init(_ text: String) { pattern = Array(text) }

  package func matches(_ name: String) -> Bool {
    let name = Array(name)
    // For each number of characters of the name, whether what came of the pattern so far matches them.
    var reached = [true] + Array(repeating: false, count: name.count)
    for piece in pattern {
      var next = Array(repeating: false, count: name.count + 1)
      for place in 0...name.count {
        if piece == "*" {
          next[place] = reached[place] || place > 0 && next[place - 1]
        } else {
          next[place] = place > 0 && reached[place - 1] && (piece == "?" || piece == name[place - 1])
        }
      }
      reached = next
    }
    return reached[name.count]
  }
}
