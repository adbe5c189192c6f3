import TensorData
import TensorIR
import TensorOps

/// A small integer or bool tensor whose elements are dimensions; true is 1.
struct SymbolicTensor: Equatable {
  /// Shapes, axes and the like are far smaller; tables of data are not worth following.
  static let maximumCount = 1024

  let elementType: ElementType
  let shape: [Int]
  let elements: [Dimension]

  /// Nil where the tensor is too large, its shape is not one of the elements, or one of them is out of reach.
  init?(_ elementType: ElementType, _ shape: [Int], _ elements: [Dimension]) {
    guard elements.count <= SymbolicTensor.maximumCount, !elements.contains(where: { $0.isOverflow || $0.isLong }),
      (try? HostTensor.elementCount(shape: shape)) == elements.count
    else { return nil }
    self.elementType = elementType
    self.shape = shape
    self.elements = elements
  }

  /// The integers or truth values of a tensor of the file; nil for others.
  init?(_ literal: HostTensor) {
    guard literal.elementCount <= SymbolicTensor.maximumCount,
      let type = ElementType(rawValue: literal.type.rawValue), let values = literal.integers
    else { return nil }
    self.init(type, literal.shape, values.map { Dimension($0) })
  }

  var rank: Int { shape.count }

  /// The elements where all are numbers.
  var numbers: [Int]? {
    let numbers = elements.compactMap(\.constant)
    return numbers.count == elements.count ? numbers : nil
  }

  /// The elements at flat positions, under a new shape.
  func picking(_ positions: [Int], _ shape: [Int]) -> SymbolicTensor? {
    SymbolicTensor(elementType, shape, positions.map { elements[$0] })
  }

  func with(_ elementType: ElementType) -> SymbolicTensor? { SymbolicTensor(elementType, shape, elements) }

  /// The tensor itself where all elements are numbers that fit its type.
  func hostTensor() throws -> HostTensor? {
    guard let numbers else { return nil }
    func tensor<Element: FixedWidthInteger & BitwiseCopyable>(
      _ type: DataType, _: Element.Type
    ) throws -> HostTensor? {
      let values = numbers.compactMap { Element(exactly: $0) }
      return values.count == numbers.count ? try HostTensor(type: type, shape: shape, elements: values) : nil
    }
    switch elementType {
    case .i64: return try tensor(.i64, Int64.self)
    case .i32: return try tensor(.i32, Int32.self)
    case .i16: return try tensor(.i16, Int16.self)
    case .i8: return try tensor(.i8, Int8.self)
    case .u64: return try tensor(.u64, UInt64.self)
    case .u32: return try tensor(.u32, UInt32.self)
    case .u16: return try tensor(.u16, UInt16.self)
    case .u8: return try tensor(.u8, UInt8.self)
    case .bool: return try tensor(.bool, UInt8.self)
    case .i4, .u4, .f64, .f32, .f16, .bf16: return nil
    }
  }
}

extension HostTensor {
  /// The elements of a tensor of integers or truth values; nil for floats and for what `Int` does not hold.
  var integers: [Int]? {
    func read<Element: FixedWidthInteger & BitwiseCopyable>(_: Element.Type) -> [Int]? {
      guard let values = try? elements(as: Element.self) else { return nil }
      let numbers = values.compactMap { Int(exactly: $0) }
      return numbers.count == values.count ? numbers : nil
    }
    switch type {
    case .i64: return read(Int64.self)
    case .i32: return read(Int32.self)
    case .i16: return read(Int16.self)
    case .i8: return read(Int8.self)
    case .u64: return read(UInt64.self)
    case .u32: return read(UInt32.self)
    case .u16: return read(UInt16.self)
    case .u8, .bool: return read(UInt8.self)
    case .f64, .f32, .f16, .bf16, .i4, .u4: return nil
    }
  }

  /// The element at a flat position as a float.
  func number(_ index: Int) -> Double? {
    guard (0..<elementCount).contains(index), let type = ElementType(rawValue: type.rawValue) else { return nil }
    if !type.isFloat { return integers.map { Double($0[index]) } }
    let width = type.bitWidth / 8
    let start = bytes.startIndex + index * width
    guard let literal = TensorLiteral(type, shape: [], bytes: bytes[start..<start + width]) else { return nil }
    return ReferenceTensor(literal).floats.first
  }
}

extension SymbolicTensor {
  /// One dimension as an i64 scalar.
  static func scalar(_ value: Dimension) -> SymbolicTensor { SymbolicTensor(scalar: value) }

  private init(scalar value: Dimension) {
    elementType = .i64
    shape = []
    elements = [value]
  }
}
