/// The type of a variable or an expression in the loop IR: an element type and a number of lanes, 1 for a scalar.
public struct LoopType: Hashable, Sendable, CustomStringConvertible {
  public var element: ElementType
  public var lanes: Int

  public init(_ element: ElementType, lanes: Int = 1) {
    self.element = element
    self.lanes = lanes
  }

  /// Loop counters, offsets and extents.
  public static let index = LoopType(.i64)

  public var description: String { lanes == 1 ? element.rawValue : "\(element)x\(lanes)" }
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
