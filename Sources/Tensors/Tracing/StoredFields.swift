import Foundation
@_spi(Reflection) import Swift
import TensorIR
import TensorOps

extension TensorContainer {
  /// Shows each stored property that is a container to the visitor.
  public mutating func visit(_ visitor: TensorVisitor) {
    let fields = StoredFields<Self>.own
    for walk in fields.walks { walk(&self, visitor) }
    if visitor.mistakes != nil { visitor.mistakes? += fields.mistakes(in: self) }
  }

  /// - Throws: `unvisited-field` where it holds tensors in a field in which they cannot be replaced.
  package func checkFields(at place: Location) throws {
    var copy = self
    let visitor = TensorVisitor { _, _ in }
    visitor.mistakes = []
    copy.visit(visitor)
    let mistakes = visitor.mistakes?.map { $0.located(at: place) } ?? []
    if mistakes.count == 1 { throw mistakes[0] }
    if !mistakes.isEmpty { throw Diagnostics(mistakes) }
  }
}

/// How to walk through the stored properties of a type, found once by the standard library's reflection.
final class StoredFields<Whole: TensorContainer> {
  typealias Walk = (inout Whole, TensorVisitor) -> Void

  /// For each property that is a container and can be replaced.
  private(set) var walks: [Walk] = []
  /// The properties that `walks` leaves out, by name.
  private var others: Set<String> = []
  /// Whether the type has no properties that could be walked through.
  private var isOpaque = false

  static var own: StoredFields<Whole> { StoredFieldsCache.shared.fields() }

  init() {
    let isStruct = _forEachField(of: Whole.self) { name, _, _, _ in
      self.others.insert(String(cString: name))
      return true
    }
    isOpaque = !isStruct || (others.isEmpty && MemoryLayout<Whole>.size > 0) || Whole.self is AnyClass
    guard !isOpaque else { return }
    _ = _forEachFieldWithKeyPath(of: Whole.self, options: _EachFieldOptions(rawValue: 1 << 1)) { name, path in
      let label = String(cString: name)
      // A lazy property has no value to replace until it is read.
      if !label.hasPrefix("$__lazy_storage_$_"), let walk = Self.walk(label, path) {
        self.walks.append(walk)
        self.others.remove(label)
      }
      return true
    }
  }

  private static func walk(_ label: String, _ path: PartialKeyPath<Whole>) -> Walk? {
    if let path = path as? WritableKeyPath<Whole, any Module> {
      return { whole, visitor in whole[keyPath: path] = visited(label, whole[keyPath: path], visitor) }
    }
    if let path = path as? WritableKeyPath<Whole, [any Module]> {
      return { whole, visitor in
        for (index, part) in whole[keyPath: path].enumerated() {
          whole[keyPath: path][index] = visited("\(label).\(index)", part, visitor)
        }
      }
    }
    func typed<Part: TensorContainer>(_ type: Part.Type) -> Walk? {
      guard let path = path as? WritableKeyPath<Whole, Part> else { return nil }
      return { whole, visitor in visitor(label, &whole[keyPath: path]) }
    }
    guard let type = Swift.type(of: path).valueType as? any TensorContainer.Type else { return nil }
    return typed(type)
  }

  private static func visited(_ label: String, _ part: any Module, _ visitor: TensorVisitor) -> any Module {
    func opened<Part: Module>(_ part: Part) -> any Module {
      var part = part
      visitor(label, &part)
      return part
    }
    return opened(part)
  }

  /// What is wrong with the fields that are left out.
  func mistakes(in whole: Whole) -> [Diagnostic] {
    if isOpaque {
      return [
        Diagnostic(
          "unvisited-field",
          "the stored properties of '\(Whole.self)' cannot be walked through: make it a struct, or write 'visit'")
      ]
    }
    if others.isEmpty { return [] }
    return Mirror(reflecting: whole).children.compactMap { child -> Diagnostic? in
      guard let label = child.label, others.contains(label), HeldTensor.isIn(child.value) else { return nil }
      let name = "'\(Whole.self).\(label.replacing("$__lazy_storage_$_", with: ""))'"
      let remedy =
        label.hasPrefix("$__lazy")
        ? "is lazy: give it a value where the layer is made"
        : child.value is any TensorContainer
          ? "is a 'let', so that training and loading cannot replace them: make it a 'var'"
          : "is a \(type(of: child.value)), in which they are not found: make it a layer, or an array, an optional or a "
            + "dictionary of layers, or write 'visit'"
      return Diagnostic("unvisited-field", "\(name) holds tensors and \(remedy)")
    }
  }
}

/// Whether a value holds a tensor somewhere.
private enum HeldTensor {
  private static let deepest = 6
  private static let mostElements = 16

  static func isIn(_ value: Any, depth: Int = 0) -> Bool {
    if value is Tensor { return true }
    if let container = value as? any TensorContainer { return !container.tensors.isEmpty }
    guard depth < deepest else { return false }
    let mirror = Mirror(reflecting: value)
    // The elements of a collection are alike, and may be many.
    let isMany = mirror.displayStyle == .collection || mirror.displayStyle == .set || mirror.displayStyle == .dictionary
    return mirror.children.prefix(isMany ? mostElements : .max).contains { isIn($0.value, depth: depth + 1) }
  }
}

/// The fields of each type that was met.
///
/// Sendable because the table is under its lock, and what it holds is not changed after it is made.
private final class StoredFieldsCache: @unchecked Sendable {
  static let shared = StoredFieldsCache()
  private let lock = NSLock()
  private var known: [ObjectIdentifier: AnyObject] = [:]

  func fields<Whole>() -> StoredFields<Whole> {
    let key = ObjectIdentifier(Whole.self)
    return lock.withLock {
      if let found = known[key] { return unsafeDowncast(found, to: StoredFields<Whole>.self) }
      let made = StoredFields<Whole>()
      known[key] = made
      return made
    }
  }
}
