import Foundation
import TensorIR
import TensorOps
import TensorRuntime

// Swift's own values as tensors. Bare literals are numbers of f32, by the overloads on `Double` in Tensor+Making.swift; what has a
// type keeps it: `[Int]` gives i64, `[Float]` f32, `[Bool]` bool. Another element type is asked for by the last argument. The
// overloads are disfavoured so that literals never meet them.
extension Tensor {
  /// Numbers nested to any depth, of their own element type unless another is asked for: `Tensor([[1, 2], [3, 4]] as [[Int]])`.
  /// Arrays side by side that differ in length give a `ragged` error when the tensor is used.
  @_disfavoredOverload
  public init<Element: TensorElements>(_ elements: [Element], _ type: ElementType? = nil) {
    let shape = elements.nestedShape
    var numbers: [Element.Scalar] = []
    numbers.reserveCapacity(shape.reduce(1, *))
    guard elements.append(to: &numbers, shape: shape[...]) else {
      self = .failure("ragged", "arrays side by side have one length; the first ones have the shape \(shape)")
      return
    }
    self = Tensor.made { try HostArray(numbers, shape: shape) }.casting(to: type)
  }

  /// A cube, of f32 unless another type is asked for: `Tensor([[[1, 2], [3, 4]], [[5, 6], [7, 8]]])`.
  public init(_ elements: [[[Double]]], _ type: ElementType = .f32) { self.init(nested: elements, type) }

  /// Four axes, of f32 unless another type is asked for.
  public init(_ elements: [[[[Double]]]], _ type: ElementType = .f32) { self.init(nested: elements, type) }

  private init<Element: TensorElements>(nested elements: [Element], _ type: ElementType) {
    let own: ElementType? = type
    self.init(elements, own)
  }

  /// Numbers in row-major order under a shape, of their own element type unless another is asked for. A wrong count gives an
  /// `element-count` error when the tensor is used.
  @_disfavoredOverload
  public init<Element: HostElement>(_ elements: [Element], shape: [Int], _ type: ElementType? = nil) {
    self = Tensor.made { try HostArray(elements, shape: shape) }.casting(to: type)
  }

  /// The same with the shape in front.
  public init<Element: HostElement>(shape: [Int], scalars: [Element], _ type: ElementType? = nil) {
    self = Tensor.made { try HostArray(scalars, shape: shape) }.casting(to: type)
  }

  /// One number, of its own element type unless another is asked for.
  @_disfavoredOverload
  public init<Element: HostElement>(_ number: Element, _ type: ElementType? = nil) {
    self = Tensor.made { try HostArray([number], shape: []) }.casting(to: type)
  }

  /// A vector of what a sequence gives: `Tensor(0..<10)`, `Tensor(stride(from: 0, to: 1, by: 0.1))`, `Tensor(words.map(\.count))`.
  @_disfavoredOverload
  public init<Numbers: Sequence>(_ numbers: Numbers, _ type: ElementType? = nil) where Numbers.Element: TensorElements {
    self.init(Array(numbers), type)
  }

  /// Elements of `type` in the machine's byte order, row-major, copied. Too few or too many bytes give `element-count` when the tensor
  /// is used.
  public init(data: Data, shape: [Int], type: ElementType = .f32) {
    self = Tensor.made { try data.withUnsafeBytes { try HostArray(bytes: $0, shape: shape, type.hostType) } }
  }

  /// Elements in memory, copied; a vector unless a shape is given.
  public init<Element: HostElement>(_ memory: UnsafeBufferPointer<Element>, shape: [Int]? = nil) {
    self = Tensor.made {
      try HostArray(bytes: UnsafeRawBufferPointer(memory), shape: shape ?? [memory.count], Element.elementType)
    }
  }

  /// Elements in memory, not copied. The memory must stay as it is for as long as the tensor, or one computed of it, is in use; what is
  /// given as `owner` is kept until then.
  public init(
    borrowing memory: UnsafeRawBufferPointer, shape: [Int], type: ElementType = .f32,
    owner: (any AnyObject & Sendable)? = nil
  ) {
    self = Tensor.made { try HostArray(borrowing: memory, shape: shape, type.hostType, owner: owner) }
  }

  /// This tensor in another element type, where one is asked for.
  private func casting(to type: ElementType?) -> Tensor { type.map { cast(to: $0) } ?? self }
}

extension HostElement {
  /// The element type of tensors that hold such values.
  static var tensorType: TensorIR.ElementType { TensorIR.ElementType(elementType) }
}

/// Numbers written out as a tensor, of f32: `let t: Tensor = [[1, 2], [3, 4]]`, `x + [1, 2]`. Rows of different lengths give a `ragged`
/// error when the tensor is used.
extension Tensor: ExpressibleByArrayLiteral {
  public init(arrayLiteral elements: NestedNumbers...) {
    var numbers: [Double] = []
    let shape = NestedNumbers.list(elements).shape
    guard NestedNumbers.list(elements).append(to: &numbers, shape[...]) else {
      self = .failure("ragged", "arrays side by side have one length; the first ones have the shape \(shape)")
      return
    }
    self.init(numbers, shape: shape)
  }
}

/// What stands between the brackets of a tensor that is written out.
public enum NestedNumbers: ExpressibleByArrayLiteral, ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral {
  case number(Double)
  case list([NestedNumbers])

  public init(arrayLiteral elements: NestedNumbers...) { self = .list(elements) }
  public init(floatLiteral value: Double) { self = .number(value) }
  public init(integerLiteral value: Int) { self = .number(Double(value)) }

  var shape: [Int] {
    guard case .list(let parts) = self else { return [] }
    return [parts.count] + (parts.first?.shape ?? [])
  }

  /// Adds the numbers in row-major order; false where a part has another shape than the first one.
  func append(to numbers: inout [Double], _ shape: ArraySlice<Int>) -> Bool {
    switch self {
    case .number(let value):
      numbers.append(value)
      return shape.isEmpty
    case .list(let parts):
      return shape.first == parts.count && parts.allSatisfy { $0.append(to: &numbers, shape.dropFirst()) }
    }
  }
}
