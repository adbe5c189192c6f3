import TensorRuntime

/// Numbers, or arrays of them nested to any depth: what ``TensorOps/Tensor/init(_:_:)-elements`` makes a tensor of.
public protocol TensorElements {
  /// The numbers at the bottom.
  associatedtype Scalar: HostElement

  /// The extents, outermost first, as the first element of each array has them; those of a number are none.
  var nestedShape: [Int] { get }
  /// Adds the numbers in row-major order. False where arrays side by side differ in length.
  func append(to numbers: inout [Scalar], shape: ArraySlice<Int>) -> Bool
}

extension TensorElements where Self: HostElement {
  public var nestedShape: [Int] { [] }

  public func append(to numbers: inout [Self], shape: ArraySlice<Int>) -> Bool {
    numbers.append(self)
    return shape.isEmpty
  }
}

extension Double: TensorElements {}
extension Float: TensorElements {}
#if !((os(macOS) || targetEnvironment(macCatalyst)) && arch(x86_64))
  extension Float16: TensorElements {}
#endif
extension Int: TensorElements {}
extension Int8: TensorElements {}
extension Int16: TensorElements {}
extension Int32: TensorElements {}
extension Int64: TensorElements {}
extension UInt: TensorElements {}
extension UInt8: TensorElements {}
extension UInt16: TensorElements {}
extension UInt32: TensorElements {}
extension UInt64: TensorElements {}
extension Bool: TensorElements {}

extension Array: TensorElements where Element: TensorElements {
  public var nestedShape: [Int] { [count] + (first?.nestedShape ?? []) }

  public func append(to numbers: inout [Element.Scalar], shape: ArraySlice<Int>) -> Bool {
    guard shape.first == count else { return false }
    let inner = shape.dropFirst()
    if inner.isEmpty, let flat = self as? [Element.Scalar] {
      numbers += flat
      return true
    }
    return allSatisfy { $0.append(to: &numbers, shape: inner) }
  }
}
