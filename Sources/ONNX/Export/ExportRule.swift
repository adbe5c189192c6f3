import TensorIR
import TensorOps

/// How one op is written as ONNX: as nodes, or first as other ops.
struct ExportRule: Sendable {
  /// The op's name.
  var name: String
  /// Whether an operation of these operands is written as it stands; otherwise it is taken apart.
  var fits: @Sendable (any TensorOp, ExportOperands) -> Bool
  /// Writes its nodes; nil for an op that is always taken apart.
  var write: (@Sendable (any TensorOp, ExportNode) throws -> Void)?
  /// The same results from other ops; nil where the op's own decomposition is used.
  var expand: (@Sendable (any TensorOp, [Tensor], TraceRecorder) throws -> [Tensor])?

  /// An op that is written as nodes, as far as `fits` says.
  static func nodes<Own: TensorOp>(
    _ type: Own.Type, when fits: @escaping @Sendable (Own, ExportOperands) -> Bool = { _, _ in true },
    _ write: @escaping @Sendable (Own, ExportNode) throws -> Void
  ) -> ExportRule {
    ExportRule(
      name: Own.name, fits: { op, operands in (op as? Own).map { fits($0, operands) } ?? false },
      write: { op, node in if let own = op as? Own { try write(own, node) } })
  }

  /// An op that becomes one node with its operands.
  static func node(_ type: any TensorOp.Type, _ operator: String) -> ExportRule {
    ExportRule(name: type.name, fits: { _, _ in true }, write: { _, node in try node.result(`operator`, node.inputs) })
  }

  /// An op that becomes other ops.
  static func other<Own: TensorOp>(
    _ type: Own.Type, _ expand: @escaping @Sendable (Own, [Tensor]) throws -> Tensor
  ) -> ExportRule {
    ExportRule(
      name: Own.name, fits: { _, _ in false },
      expand: { op, operands, _ in try (op as? Own).map { [try expand($0, operands)] } ?? [] })
  }

  /// The same rule with other ops for operations that it does not fit.
  func otherwise<Own: TensorOp>(
    _ type: Own.Type, _ expand: @escaping @Sendable (Own, [Tensor]) throws -> Tensor
  ) -> ExportRule {
    var rule = self
    rule.expand = { op, operands, _ in try (op as? Own).map { [try expand($0, operands)] } ?? [] }
    return rule
  }

  /// The same rule where the operands' types allow it too.
  func when(_ more: @escaping @Sendable (ExportOperands) -> Bool) -> ExportRule {
    var rule = self
    let fits = self.fits
    rule.fits = { more($1) && fits($0, $1) }
    return rule
  }
}

/// The operands of an operation, for a rule that asks whether it fits them.
struct ExportOperands {
  var tensors: [Tensor]
  var trace: TraceRecorder

  /// The type of an operand; nil for one that is left out.
  subscript(_ place: Int) -> TensorType? {
    place < tensors.count && !tensors[place].isAbsent ? tensors[place].type : nil
  }

  /// The operation that makes an operand; nil for a parameter.
  func maker(_ place: Int) -> Operation? { trace.maker(of: tensors[place]) }
}

/// How every op is written: the rules, by the ops' names.
enum ExportTable {
  static let rules: [String: ExportRule] = Dictionary(
    [
      pointwise, arithmetic, quantised, fewBits, pairs, movement, indexing, reductions, normalisation, contractions,
      windows,
      windowGradients,
      sampling, sorting, scans, recurrent, control,
    ].flatMap { $0 }.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })

  /// Why an op cannot be written at all.
  static let reasons: [String: String] = [
    "random_bits": "ONNX has no random numbers that follow from a counter",
    "bit_cast": "ONNX reads no bits as another type before opset 26",
    "fused": "it is made by later stages: export the model that they were given",
    "reorder": "it is made by later stages: export the model that they were given",
    "packed_constant": "it is made by later stages: export the model that they were given",
    "gate_panels": "it is made by later stages: export the model that they were given",
    "recurrent_sequence": "it is made by later stages: export the model that they were given",
  ]

  /// Whether an attribute is a number that the 32 bits of ONNX's attributes hold well enough for elements of a type.
  static func holds(_ value: Double, _ type: TensorType?) -> Bool {
    type?.elementType != .f64 || Double(Float(value)) == value
  }
}
