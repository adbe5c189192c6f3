/// The type of a value: element type, logical shape and layout.
public struct TensorType: Hashable, Sendable, Codable, CustomStringConvertible {
  public var elementType: ElementType
  public var shape: [Dimension]
  public var layout: Layout

  public init(_ elementType: ElementType, _ shape: [Dimension], layout: Layout = .plain) {
    self.elementType = elementType
    self.shape = shape
    self.layout = layout
  }

  public var rank: Int { shape.count }

  /// The number of elements.
  public var count: Dimension { shape.reduce(1, *) }

  /// The number of elements stored, padding of blocked layouts included.
  public var storedCount: Dimension { layout.storedShape(shape).reduce(1, *) }

  /// The bytes that a dense buffer of this type takes.
  public var byteCount: Dimension {
    let width = elementType.bitWidth
    return width >= 8 ? storedCount * Dimension(width / 8) : (storedCount + 1).floorDivided(by: 2)
  }

  /// The greatest size in bytes of a tensor whose shape is known; no machine addresses more.
  static let byteLimit = 1 << 56

  /// Why no tensor can have this type: an extent that is negative or does not fit in 64 bits, or more bytes than any
  /// memory has. Extents of 0 count as 1, for strides are products too. Nil if one can.
  public var sizeFault: String? {
    var bytes = max(elementType.bitWidth / 8, 1)
    for extent in shape {
      if extent.holdsOverflow { return "an extent of \(self) does not fit in 64 bits" }
      guard let number = extent.constant else { continue }
      if number < 0 { return "\(self) has a negative extent" }
      let (product, overflow) = bytes.multipliedReportingOverflow(by: max(number, 1))
      guard !overflow, product <= TensorType.byteLimit else { return "\(self) is larger than any memory" }
      bytes = product
    }
    return nil
  }

  /// The same element type and shape in row-major order.
  public var plain: TensorType { TensorType(elementType, shape) }

  /// The shape as numbers, nil where a symbol is in it.
  public var constantShape: [Int]? {
    let numbers = shape.compactMap(\.constant)
    return numbers.count == shape.count ? numbers : nil
  }

  /// `f32[n, 24, h, w] in nhwc`
  public var description: String {
    let text = "\(elementType)[\(shape.map(\.description).joined(separator: ", "))]"
    return layout.isPlain ? text : "\(text) in \(layout)"
  }

  public func with(layout: Layout) -> TensorType { TensorType(elementType, shape, layout: layout) }
  public func with(shape: [Dimension]) -> TensorType { TensorType(elementType, shape) }
  public func with(elementType: ElementType) -> TensorType { TensorType(elementType, shape, layout: layout) }

  /// The type with symbols replaced.
  public func substituting(_ replacement: (String) -> Dimension?) -> TensorType {
    TensorType(elementType, shape.map { $0.substituting(replacement) }, layout: layout)
  }
}
