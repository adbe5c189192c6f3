import Foundation
@_spi(Reflection) import Swift
import TensorIR
import TensorOps

/// What a container holds beside its tensors, as bytes: a quick way to see that nothing has changed.
///
/// Equal bytes are equal values. Bytes may differ where values do not (a count, which does not matter, inside of a plain struct);
/// then ``FixedValues`` looks at the values one by one.
struct FixedBytes: Equatable {
  fileprivate var bytes: [UInt8] = []

  /// - Returns: nil where the container holds something that bytes cannot stand for.
  init?<Container>(_ container: Container) {
    guard let read = FixedReaders.shared.reader(of: Container.self) else { return }
    bytes.reserveCapacity(256)
    let isWhole = withUnsafePointer(to: container) { read(UnsafeRawPointer($0), &self) }
    if !isWhole { return nil }
  }

  fileprivate mutating func add(_ place: UnsafeRawPointer, count: Int) {
    bytes.append(contentsOf: UnsafeRawBufferPointer(start: place, count: count))
  }

  fileprivate mutating func add(_ number: Int) { withUnsafeBytes(of: number) { bytes.append(contentsOf: $0) } }

  /// The bytes of a value whose type is known only when it is there.
  fileprivate mutating func add(dynamic value: Any) -> Bool {
    func opened<Value>(_ value: Value) -> Bool {
      withUnsafeBytes(of: ObjectIdentifier(Value.self)) { bytes.append(contentsOf: $0) }
      guard let read = FixedReaders.shared.reader(of: Value.self) else { return true }
      return withUnsafePointer(to: value) { read(UnsafeRawPointer($0), &self) }
    }
    return _openExistential(value, do: opened)
  }
}

/// Adds the bytes of a value of one type; false where they do not tell all of it.
private typealias FixedReader = (UnsafeRawPointer, inout FixedBytes) -> Bool

/// The readers of all types that were met, found once by the standard library's reflection.
///
/// Sendable because the table is under its lock, and readers have no state.
private final class FixedReaders: @unchecked Sendable {
  static let shared = FixedReaders()
  private let lock = NSRecursiveLock()
  private var known: [ObjectIdentifier: FixedReader?] = [:]

  /// The reader of a type; nil where its values hold nothing that is fixed. What is left out is what ``FixedValues`` leaves out.
  func reader<Value>(of type: Value.Type) -> FixedReader? {
    lock.withLock {
      let key = ObjectIdentifier(type)
      if let found = known[key] { return found }
      let made = make(type)
      known[key] = .some(made)
      return made
    }
  }

  private func make<Value>(_ type: Value.Type) -> FixedReader? {
    if type is Tensor.Type || type is TensorType.Type || type is any BinaryInteger.Type || type is String.Type {
      return nil
    }
    if type is AnyClass || type is any HoldsNothingFixed.Type { return nil }
    if _isPOD(type) {
      let size = MemoryLayout<Value>.size
      return size == 0
        ? nil
        : {
          $1.add($0, count: size); return true
        }
    }
    if let type = type as? any FixedParts.Type { return type.fixedReader }
    if type == (any Module).self {
      return { $1.add(dynamic: $0.assumingMemoryBound(to: (any Module).self).pointee) }
    }
    return fields(of: type)
  }

  /// Reads the stored properties of a struct one behind the other.
  private func fields<Value>(of type: Value.Type) -> FixedReader? {
    var readers: [(offset: Int, read: FixedReader)] = []
    var hasFields = false
    let isStruct = _forEachField(of: type) { _, offset, field, _ in
      hasFields = true
      func opened<Field>(_ field: Field.Type) -> FixedReader? { self.reader(of: field) }
      if let read = _openExistential(field, do: opened) { readers.append((offset, read)) }
      return true
    }
    guard isStruct, hasFields else { return { _, _ in false } }
    if readers.isEmpty { return nil }
    return { place, bytes in readers.allSatisfy { $0.read(place + $0.offset, &bytes) } }
  }
}

/// Values that others hold: how many there are belongs to what is fixed.
private protocol FixedParts {
  static var fixedReader: FixedReader? { get }
}

extension Array: FixedParts {
  /// Numbers and texts side by side are data. Elements may hold arrays of the same type, so their reader is looked for where
  /// there are any.
  fileprivate static var fixedReader: FixedReader? {
    if Element.self is any TensorContainer.Type || Element.self == (any Module).self {
      return { place, bytes in
        let array = place.assumingMemoryBound(to: [Element].self).pointee
        bytes.add(array.count)
        guard !array.isEmpty, let read = FixedReaders.shared.reader(of: Element.self) else { return true }
        return array.withUnsafeBufferPointer { elements in
          elements.indices.allSatisfy { read(UnsafeRawPointer(elements.baseAddress! + $0), &bytes) }
        }
      }
    }
    return _isPOD(Element.self) || Element.self is String.Type ? nil : { _, _ in false }
  }
}

extension Optional: FixedParts {
  /// Objects are left out, and what may be a weak reference, which does not lie there as an optional does, is not read.
  fileprivate static var fixedReader: FixedReader? {
    if Wrapped.self is AnyClass || Wrapped.self is String.Type { return nil }
    let isPlain = Wrapped.self is any TensorContainer.Type || Wrapped.self == (any Module).self
    guard isPlain || Wrapped.self is any FixedParts.Type else { return { _, _ in false } }
    return { place, bytes in
      guard let value = place.assumingMemoryBound(to: Wrapped?.self).pointee else {
        bytes.add(0)
        return true
      }
      bytes.add(1)
      guard let read = FixedReaders.shared.reader(of: Wrapped.self) else { return true }
      return withUnsafePointer(to: value) { read(UnsafeRawPointer($0), &bytes) }
    }
  }
}

private protocol HoldsNothingFixed {}
extension Dictionary: HoldsNothingFixed {}
extension Set: HoldsNothingFixed {}
