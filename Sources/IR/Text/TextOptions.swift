/// What the text form of a function shows.
public struct TextOptions: Sendable {
  /// Whether operations end with their place in the user's model.
  public var locations: Bool
  /// Whether operations show the equalities that are checked before them.
  public var guards: Bool
  /// How tensors are written; by default in full where they are small, else as a reference without a file.
  public var tensor: @Sendable (TensorLiteral) -> String

  public init(
    locations: Bool = true, guards: Bool = true,
    tensor: @escaping @Sendable (TensorLiteral) -> String = { $0.description }
  ) {
    self.locations = locations
    self.guards = guards
    self.tensor = tensor
  }

  /// Everything that the parser needs to build the same function.
  public static let full = TextOptions()
  /// Without locations, for goldens and diffs.
  public static let brief = TextOptions(locations: false)
}
