import TensorIR
import TensorOps

import class Foundation.NSLock

/// A slice taken apart: what it is, and the numbers in it that may differ from one run to the next. Slices of one form
/// are candidates for one function in which the numbers are symbols and operands.
struct SliceNumbers {
  /// Everything but the numbers.
  struct Form: Hashable {
    /// Ops, attributes and operands as text, floats by their bits.
    var text: String
    /// Tensors among the attributes.
    var literals: [TensorLiteral]
    var inputs: [ElementType]
  }

  /// Equal for slices that are the same.
  struct Numbers: Hashable {
    /// The extents of the inputs, then what may be a symbol among the attributes, in order.
    var sizes: [Int] = []
    /// The bits of the floats among the attributes of ops that take them as operands too, in order.
    var scalars: [UInt64] = []
  }

  private(set) var form: Form
  private(set) var numbers = Numbers()
  /// How many of the sizes are extents of inputs.
  private(set) var extentCount = 0

  /// Nil where an attribute cannot be written.
  init?(_ plan: SlicePlan) {
    form = Form(text: "", literals: [], inputs: plan.key.inputs.map(\.elementType))
    for type in plan.key.inputs {
      guard let shape = type.constantShape else { return nil }
      form.text += "(\(shape.count))"
      numbers.sizes += shape
    }
    extentCount = numbers.sizes.count
    for (operation, step) in zip(plan.operations, plan.key.steps) {
      guard let fields = try? AttributeEncoder().fields(of: operation.op) else { return nil }
      form.text += "\n\(operation.op.name) \(step.operands.map { $0.map(String.init) ?? "-" }.joined(separator: ",")) "
      let takesNumbers = operation.op is any NumberTaking
      for field in fields {
        form.text += " \(field.name):"
        add(field.value, isSymbolic: SymbolicAttributes.isSymbolic(field, of: operation.op), takesNumbers)
      }
    }
    form.text += "\n\(plan.key.results)"
  }

  private mutating func add(_ attribute: Attribute, isSymbolic: Bool, _ takesNumbers: Bool) {
    switch attribute {
    case .integer(let value) where isSymbolic:
      form.text += "#"
      numbers.sizes.append(value)
    case .number(let value) where takesNumbers:
      form.text += "."
      numbers.scalars.append(value.bitPattern)
    case .number(let value): form.text += "\(value.bitPattern)"
    case .tensor(let literal):
      form.text += "tensor"
      form.literals.append(literal)
    case .type(let type):
      form.text += "\(type.elementType)(\(type.rank))"
      numbers.sizes += type.constantShape ?? []
    case .list(let values):
      form.text += "["
      for value in values { add(value, isSymbolic: isSymbolic, takesNumbers) }
      form.text += "]"
    case .record(let fields):
      form.text += "{"
      for field in fields {
        form.text += " \(field.name):"
        add(field.value, isSymbolic: isSymbolic, takesNumbers)
      }
      form.text += "}"
    case .integer, .boolean, .string, .dimension, .elementType, .layout, .none: form.text += "\(attribute);"
    }
  }
}

/// Which attributes of ops may be symbols: those that are dimensions. Axes and steps are numbers.
enum SymbolicAttributes {
  private struct Place: Hashable {
    var op: ObjectIdentifier
    var field: String
  }

  private static let lock = NSLock()
  nonisolated(unsafe) private static var known: [Place: Bool] = [:]

  static func isSymbolic(_ field: Attribute.Field, of op: any TensorOp) -> Bool {
    guard field.value.holdsIntegers else { return false }
    let place = Place(op: ObjectIdentifier(type(of: op)), field: field.name)
    if let found = lock.withLock({ known[place] }) { return found }
    let result = isDecoded(field, of: op)
    lock.withLock { known[place] = result }
    return result
  }

  /// Whether the op reads a symbol in the place of each integer of the field.
  private static func isDecoded(_ field: Attribute.Field, of op: any TensorOp) -> Bool {
    let symbol = Attribute.dimension(Dimension(symbol: "n"))
    guard let fields = try? AttributeEncoder().fields(of: op) else { return false }
    let changed = fields.map {
      $0.name == field.name ? Attribute.Field($0.name, $0.value.replacingIntegers { _ in symbol }) : $0
    }
    return (try? AttributeDecoder().op(type(of: op), from: changed)) != nil
  }
}

/// Puts dimensions in the place of an op's integers, in the order in which ``SliceNumbers`` takes them.
struct NumberReplacement {
  private var rest: ArraySlice<Dimension>

  init(_ dimensions: ArraySlice<Dimension>) { rest = dimensions }

  /// The op with the next dimensions, and its floats.
  /// - Throws: where the op does not take them.
  mutating func replaced(_ op: any TensorOp) throws -> (op: any TensorOp, scalars: [Double]) {
    let fields = try AttributeEncoder().fields(of: op)
    let changed = fields.map { field in
      let isSymbolic = SymbolicAttributes.isSymbolic(field, of: op)
      return Attribute.Field(
        field.name,
        field.value.replacingIntegers(inTypes: { type in type.with(shape: type.shape.map { rest.popFirst() ?? $0 }) }) {
          isSymbolic ? rest.popFirst()?.attribute ?? .integer($0) : .integer($0)
        })
    }
    let scalars = op is any NumberTaking ? fields.flatMap(\.value.numbers) : []
    if changed == fields { return (op, scalars) }
    guard let replaced = try AttributeDecoder().op(type(of: op), from: changed) as? any TensorOp else {
      throw Diagnostic("internal", "'\(op.name)' does not take symbols")
    }
    return (replaced, scalars)
  }
}

extension Attribute {
  fileprivate var holdsIntegers: Bool {
    switch self {
    case .integer: true
    case .list(let values): values.contains(where: \.holdsIntegers)
    case .record(let fields): fields.contains(where: \.value.holdsIntegers)
    default: false
    }
  }

  /// The floats in it, in order.
  fileprivate var numbers: [Double] {
    switch self {
    case .number(let value): [value]
    case .list(let values): values.flatMap(\.numbers)
    case .record(let fields): fields.flatMap(\.value.numbers)
    default: []
    }
  }

  fileprivate func replacingIntegers(
    inTypes type: (TensorType) -> TensorType = { $0 }, _ integer: (Int) -> Attribute
  ) -> Attribute {
    switch self {
    case .integer(let value): integer(value)
    case .type(let value): .type(type(value))
    case .list(let values): .list(values.map { $0.replacingIntegers(inTypes: type, integer) })
    case .record(let fields):
      .record(fields.map { Field($0.name, $0.value.replacingIntegers(inTypes: type, integer)) })
    default: self
    }
  }
}
