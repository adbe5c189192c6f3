/// The type of a variable or an expression in the loop IR: an index, or an element type and a number of lanes, 1 for a
/// scalar.
///
/// Indices are apart from data of 64 bits: data of the user's wrap, and arithmetic on them has a result for every operand;
/// indices lie within memory, and their arithmetic is the machine's. ``Expression/asIndex(_:)`` and
/// ``Expression/convert(_:_:)`` lead from one to the other.
public struct LoopType: Hashable, Sendable, CustomStringConvertible {
  public let element: ElementType
  public let lanes: Int
  /// Whether it is ``index``.
  public let isIndex: Bool

  public init(_ element: ElementType, lanes: Int = 1) {
    (self.element, self.lanes, isIndex) = (element, lanes, false)
  }

  private init() { (element, lanes, isIndex) = (.i64, 1, true) }

  /// Loop counters, offsets, positions and extents.
  public static let index = LoopType()

  public var description: String {
    if isIndex { return "index" }
    return lanes == 1 ? element.rawValue : "\(element)x\(lanes)"
  }
}

/// A scalar, vector or register of a kernel. Equal numbers are equal variables; the name is for people.
public struct Variable: Hashable, Sendable {
  public let id: Int
  public let name: String
  public let type: LoopType

  public init(id: Int, name: String, type: LoopType) {
    self.id = id
    self.name = name
    self.type = type
  }

  public static func == (a: Variable, b: Variable) -> Bool { a.id == b.id && a.type == b.type }
  public func hash(into hasher: inout Hasher) {
    hasher.combine(id)
    hasher.combine(type)
  }
}

/// Memory that a kernel reads or writes: a parameter, or an array on its stack.
public struct Buffer: Hashable, Sendable {
  public let id: Int
  public let name: String
  /// How the elements are stored.
  public let element: ElementType

  public init(id: Int, name: String, element: ElementType) {
    self.id = id
    self.name = name
    self.element = element
  }

  public static func == (a: Buffer, b: Buffer) -> Bool { a.id == b.id && a.element == b.element }
  public func hash(into hasher: inout Hasher) {
    hasher.combine(id)
    hasher.combine(element)
  }
}
