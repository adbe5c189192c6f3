import TensorData

/// What the user decides about a model when it is imported.
public struct ImportOptions: Sendable {
  /// The values that a named dimension may take; a range of one value fixes it.
  public var dimensions: [String: ClosedRange<Int>]
  /// Inputs that are known: they become constants, and the function does not take them.
  public var constants: [String: HostTensor]
  /// The extents of inputs that are known; they take the place of symbols, of unknown extents and of unknown ranks.
  public var shapes: [String: [Int]]

  public init(
    dimensions: [String: ClosedRange<Int>] = [:], constants: [String: HostTensor] = [:], shapes: [String: [Int]] = [:]
  ) {
    self.dimensions = dimensions
    self.constants = constants
    self.shapes = shapes
  }
}

/// All that was wrong with a model, thrown as one error.
public struct OnnxErrors: Error, Equatable, Sendable, CustomStringConvertible {
  public let list: [OnnxError]
  public init(_ list: [OnnxError]) { self.list = list }
  /// One line for each error.
  public var description: String { list.map(\.description).joined(separator: "\n") }
}
