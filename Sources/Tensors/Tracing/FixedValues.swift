import Foundation
import TensorIR
import TensorOps

/// What a container holds beside its tensors: rates, probabilities, switches and choices. A trace makes constants of
/// them, so a compiled function refuses a container in which one has changed. Integers and text are left out: a step may
/// well hold a count or a name that has nothing to do with what it computes.
struct FixedValues: Sendable {
  private struct Entry: Hashable, Sendable {
    var path: String
    var value: String
  }

  private var entries: [Entry] = []
  /// The bytes of the last container that was found to be the same.
  private let last = LastBytes()

  /// What is beyond these is not compared.
  private static let most = 1000
  private static let deepest = 32

  init<Container>(_ container: Container) {
    add(container, "", depth: 0)
    last.bytes = FixedBytes(container)
  }

  private mutating func add(_ value: Any, _ path: String, depth: Int) {
    if value is Tensor || value is TensorType { return }
    if entries.count >= FixedValues.most || depth > FixedValues.deepest { return }
    let mirror = Mirror(reflecting: value)
    // An object may refer to itself, and what it holds is not this container's alone.
    if mirror.displayStyle == .class { return }
    if value is any BinaryFloatingPoint || value is Bool || mirror.displayStyle == .enum && mirror.children.isEmpty {
      entries.append(Entry(path: path, value: "\(value)"))
      return
    }
    if mirror.displayStyle == .dictionary || mirror.displayStyle == .set { return }
    // Numbers side by side are data, such as the losses so far.
    if mirror.displayStyle == .collection, !(mirror.children.first?.value is any TensorContainer) { return }
    let isOptional = mirror.displayStyle == .optional
    for (index, child) in mirror.children.enumerated() {
      let name = isOptional ? "" : child.label ?? "\(index)"
      add(child.value, path.isEmpty || name.isEmpty ? path + name : "\(path).\(name)", depth: depth + 1)
    }
  }

  /// - Throws: `fixed-value` where a container differs from this one in something that is not a tensor.
  func check<Container>(_ container: Container) throws {
    let bytes = FixedBytes(container)
    if let bytes, bytes == last.bytes { return }
    let found = FixedValues(container)
    if found.entries == entries {
      last.bytes = bytes
      return
    }
    for (old, new) in zip(entries, found.entries) where old.path == new.path && old.value != new.value {
      throw Diagnostic(
        "fixed-value",
        "'\(old.path)' is \(new.value) and was \(old.value) when the function was compiled, which holds it as a "
          + "constant; compile it again, or pass as a tensor what changes from call to call")
    }
    throw Diagnostic(
      "fixed-value",
      "an argument holds other values beside its tensors than when the function was compiled; compile it again")
  }
}

/// Sendable because all of it is under its lock.
private final class LastBytes: @unchecked Sendable {
  private let lock = NSLock()
  private var known: FixedBytes?

  var bytes: FixedBytes? {
    get { lock.withLock { known } }
    set { lock.withLock { known = newValue } }
  }
}

extension [FixedValues] {
  /// The tensors of arguments, one for each element, where all else is as it was when the function was traced.
  func tensors<each Input: TensorContainer>(of inputs: repeat each Input) throws -> [Tensor] {
    var tensors: [Tensor] = []
    var position = 0
    func add<Part: TensorContainer>(_ part: Part) throws {
      try self[position].check(part)
      position += 1
      tensors += part.tensors
    }
    repeat try add(each inputs)
    return tensors
  }
}
