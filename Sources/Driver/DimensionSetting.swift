import TensorIR

/// A decision of the user about a symbolic dimension: `batch=1` or `batch=1..64`.
public struct DimensionSetting: Hashable, Sendable {
  public var name: String
  /// The values it may take; nil at the end where there is no limit.
  public var minimum: Int
  public var maximum: Int?

  public init(_ name: String, minimum: Int, maximum: Int?) {
    self.name = name
    self.minimum = minimum
    self.maximum = maximum
  }

  /// Reads `NAME=N`, `NAME=MIN..MAX` or `NAME=MIN..`; nil where the text is none of them.
  public init?(_ text: String) {
    // A name may hold "=", a number cannot.
    guard let equals = text.lastIndex(of: "="), equals > text.startIndex else { return nil }
    name = String(text[..<equals])
    let value = text[text.index(after: equals)...]
    if let dots = value.firstRange(of: "..") {
      guard let low = DimensionSetting.size(value[..<dots.lowerBound]) else { return nil }
      let rest = value[dots.upperBound...]
      let high = DimensionSetting.size(rest)
      guard rest.isEmpty || high.map({ $0 >= low }) ?? false else { return nil }
      minimum = low
      maximum = high
    } else {
      guard let size = DimensionSetting.size(value) else { return nil }
      minimum = size
      maximum = size
    }
  }

  /// The only value, where there is one.
  public var fixed: Int? { minimum == maximum ? minimum : nil }

  /// Larger extents could not be multiplied with anything.
  private static let largest = 1 << 40

  private static func size(_ text: Substring) -> Int? {
    guard !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }), let value = Int(text),
      value <= largest
    else { return nil }
    return value
  }
}
