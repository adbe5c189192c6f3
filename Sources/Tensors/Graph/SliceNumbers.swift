import TensorIR
import TensorOps

/// A slice taken apart: what it is, and the numbers in it that may differ from one run to the next (extents, and integers among the
/// attributes). Slices of one form are candidates for one function whose numbers are symbols.
struct SliceNumbers {
  /// Everything but the numbers.
  struct Form: Hashable {
    /// Ops, attributes and operands as text, floats by their bits.
    var text: String
    /// Tensors among the attributes.
    var literals: [TensorLiteral]
    var inputs: [ElementType]
  }

  private(set) var form: Form
  /// The extents of the inputs, then the integers of the attributes, in order.
  private(set) var numbers: [Int] = []
  /// How many of the numbers are extents of inputs.
  private(set) var extentCount = 0

  /// Nil where an attribute cannot be written.
  init?(_ plan: SlicePlan) {
    form = Form(text: "", literals: [], inputs: plan.key.inputs.map(\.elementType))
    for type in plan.key.inputs {
      guard let shape = type.constantShape else { return nil }
      form.text += "(\(shape.count))"
      numbers += shape
    }
    extentCount = numbers.count
    for (operation, step) in zip(plan.operations, plan.key.steps) {
      guard let fields = try? AttributeEncoder().fields(of: operation.op) else { return nil }
      form.text += "\n\(operation.op.name) \(step.operands.map { $0.map(String.init) ?? "-" }.joined(separator: ",")) "
      for field in fields { add(field) }
    }
    form.text += "\n\(plan.key.results)"
  }

  private mutating func add(_ field: Attribute.Field) {
    form.text += " \(field.name):"
    add(field.value)
  }

  private mutating func add(_ attribute: Attribute) {
    switch attribute {
    case .integer(let value):
      form.text += "#"
      numbers.append(value)
    case .number(let value): form.text += "\(value.bitPattern)"
    case .tensor(let literal):
      form.text += "tensor"
      form.literals.append(literal)
    case .type(let type):
      form.text += "\(type.elementType)(\(type.rank)"
      for extent in type.shape { add(extent.attribute) }
      form.text += ")"
    case .list(let values):
      form.text += "["
      for value in values { add(value) }
      form.text += "]"
    case .record(let fields):
      form.text += "{"
      for field in fields { add(field) }
      form.text += "}"
    case .boolean, .string, .dimension, .elementType, .layout, .none: form.text += "\(attribute);"
    }
  }
}

/// Puts dimensions in the place of an op's integers, in the order in which ``SliceNumbers`` takes them.
struct NumberReplacement {
  private var rest: ArraySlice<Dimension>

  init(_ dimensions: ArraySlice<Dimension>) { rest = dimensions }

  /// - Throws: where an integer that became a symbol must stay a number, such as an axis.
  mutating func replaced(_ op: any TensorOp) throws -> any Op {
    let fields = try AttributeEncoder().fields(of: op)
    let changed = fields.map { Attribute.Field($0.name, replaced($0.value)) }
    return try changed == fields ? op : AttributeDecoder().op(type(of: op), from: changed)
  }

  private mutating func replaced(_ attribute: Attribute) -> Attribute {
    switch attribute {
    case .integer: return rest.popFirst()?.attribute ?? attribute
    case .type(let type):
      let shape = type.shape.map { rest.popFirst() ?? $0 }
      return .type(type.with(shape: shape))
    case .list(let values): return .list(values.map { replaced($0) })
    case .record(let fields): return .record(fields.map { Attribute.Field($0.name, replaced($0.value)) })
    default: return attribute
    }
  }
}
