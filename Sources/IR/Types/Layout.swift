/// How the elements of a tensor lie in memory, over an unchanged logical shape.
///
/// The outer axes are stored in `order`; each block then splits an axis, innermost last. Rank 4 prints with the letters
/// n, c, h, w (`nhwc`, `nChw16c`), other ranks with a, b, c …; a capital marks a blocked axis. Only `reorder` changes a
/// layout; type inference and evaluation ignore it.
public struct Layout: Hashable, Sendable, CustomStringConvertible {
  /// A split of an axis into blocks of `size` elements, the last one padded with zeros.
  public struct Block: Hashable, Sendable {
    public var axis: Int
    public var size: Int
    public init(axis: Int, size: Int) {
      self.axis = axis
      self.size = size
    }
  }

  /// The axes from the outermost to the innermost; empty for row-major.
  public var order: [Int]
  /// The inner blocks, outermost first.
  public var blocks: [Block]

  /// Row-major and dense: what users see.
  public static let plain = Layout(order: [], blocks: [])

  public init(order: [Int], blocks: [Block] = []) {
    self.order = order == Array(0..<order.count) && blocks.isEmpty ? [] : order
    self.blocks = blocks
  }

  /// Channels (axis 1) innermost: `nhwc` for rank 4.
  public static func channelsLast(rank: Int) -> Layout {
    rank < 3 ? .plain : Layout(order: [0] + Array(2..<rank) + [1])
  }

  public var isPlain: Bool { order.isEmpty && blocks.isEmpty }

  /// The axes from the outermost to the innermost for a tensor of `rank`.
  public func axes(rank: Int) -> [Int] { order.isEmpty ? Array(0..<rank) : order }

  /// `nhwc`, `nChw16c`; `plain` for row-major.
  public var description: String {
    if isPlain { return "plain" }
    let letters = Layout.letters(rank: order.count)
    func letter(_ axis: Int) -> String { letters.indices.contains(axis) ? letters[axis] : "?" }
    let blocked = Set(blocks.map(\.axis))
    let outer = order.map { blocked.contains($0) ? letter($0).uppercased() : letter($0) }.joined()
    return outer + blocks.map { "\($0.size)\(letter($0.axis))" }.joined()
  }

  /// Reads the text form; nil where it is not one. The rank is the number of letters that no size stands before.
  public init?(_ text: String) {
    if text == "plain" { self = .plain; return }
    guard text.utf8.count <= 256 else { return nil }
    let parts = Layout.parts(of: text)
    guard !parts.isEmpty else { return nil }
    let outer = parts.filter { $0.size.isEmpty }
    let letters = Layout.letters(rank: outer.count)
    var blocks: [Block] = []
    var order: [Int] = []
    for (size, letter) in parts {
      guard let axis = letters.firstIndex(of: letter.lowercased()), axis < outer.count else { return nil }
      if size.isEmpty {
        guard blocks.isEmpty else { return nil }
        order.append(axis)
      } else {
        guard let number = Int(size), number > 0 else { return nil }
        blocks.append(Block(axis: axis, size: number))
      }
    }
    guard order.sorted() == Array(0..<outer.count) else { return nil }
    self.init(order: order, blocks: blocks)
    // A capital without a block, or a block without a capital, is a slip of the pen.
    if isPlain ? text != letters.prefix(outer.count).joined() : text != description { return nil }
  }

  /// Reads the text form for a tensor of `rank`.
  public init?(_ text: String, rank: Int) {
    self.init(text)
    guard fits(rank: rank) else { return nil }
  }

  /// Whether a tensor of `rank` can have this layout.
  public func fits(rank: Int) -> Bool {
    isPlain
      || order.sorted() == Array(0..<rank) && rank <= 26
        && blocks.allSatisfy { $0.size > 0 && order.indices.contains($0.axis) }
  }

  private static func letters(rank: Int) -> [String] {
    rank == 4 ? ["n", "c", "h", "w"] : (0..<26).map { String(UnicodeScalar(UInt8(97 + $0))) }
  }

  /// The letters, each with the digits before it.
  private static func parts(of text: String) -> [(size: String, letter: Character)] {
    var result: [(size: String, letter: Character)] = []
    var digits = ""
    for character in text {
      if character.isASCII && character.isNumber {
        digits.append(character)
      } else {
        result.append((digits, character))
        digits = ""
      }
    }
    if !digits.isEmpty { result.append((digits, "?")) }
    return result
  }

  /// The extents in memory, outermost first, of a tensor with this layout: outer extents, then block sizes.
  public func storedShape(_ shape: [Dimension]) -> [Dimension] {
    var outer = shape
    for block in blocks { outer[block.axis] = outer[block.axis].ceilingDivided(by: Dimension(block.size)) }
    return axes(rank: shape.count).map { outer[$0] } + blocks.map { Dimension($0.size) }
  }

  /// The distance in elements between neighbours on each logical axis; nil for a blocked layout.
  public func strides(of shape: [Dimension]) -> [Dimension]? {
    guard blocks.isEmpty else { return nil }
    var strides = [Dimension](repeating: 1, count: shape.count)
    var next: Dimension = 1
    for axis in axes(rank: shape.count).reversed() {
      strides[axis] = next
      next = next * shape[axis]
    }
    return strides
  }
}
