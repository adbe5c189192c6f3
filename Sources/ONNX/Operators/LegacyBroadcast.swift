import TensorData
import TensorIR
import TensorOps

/// Broadcasting before opset 7: the axes of the second operand are some of the first's, one after another; with
/// `broadcast` from `axis` on, which need not be where NumPy's rule puts them.
enum LegacyBroadcast {
  private static let operators: Set = [
    "Add", "Sub", "Mul", "Div", "Pow", "And", "Or", "Xor", "Equal", "Greater", "Less",
  ]

  /// The second operand with axes of 1 after its own, so that NumPy's rule puts it where the node says; nil where it
  /// stands there already.
  static func aligned(_ node: NodeConversion) throws -> ImportedValue? {
    guard node.opset < 7, node.hasInput(0), node.hasInput(1) else { return nil }
    var axis: Int?
    if node.node.opType == "PRelu" {
      // The slopes are those of the channels.
      axis = 1
    } else if operators.contains(node.node.opType) {
      let given = try node.integer("axis")
      axis = try node.flag("broadcast") ? given : nil
    }
    guard let axis else { return nil }
    let (rank, own) = (try node.rank(0), try node.rank(1))
    guard own < rank, own > 0 else { return nil }
    let missing = rank - (axis < 0 ? axis + rank : axis) - own
    guard (0...rank - own).contains(missing) else {
      if node.node.opType == "PRelu" { return nil }
      throw OnnxError("onnx-axis", "from axis \(axis) of rank \(rank) on there are no \(own) axes to broadcast along")
    }
    return missing == 0 ? nil : try widened(node.input(1), by: missing, node)
  }

  private static func widened(
    _ value: ImportedValue, by count: Int, _ node: NodeConversion
  ) throws -> ImportedValue {
    let ones = Array(repeating: 1, count: count)
    switch value.content {
    case .literal(let literal):
      let wide = try HostTensor(type: literal.type, shape: literal.shape + ones, bytes: literal.bytes)
      return ImportedValue(.literal(wide))
    case .dimensions(let values):
      guard let wide = SymbolicTensor(values.elementType, values.shape + ones, values.elements) else { return value }
      return ImportedValue(.dimensions(wide))
    default:
      let tensor = try value.tensor(in: node.graph.recorder)
      return ImportedValue(try node.reshape(tensor, tensor.shape + ones.map { Dimension($0) }))
    }
  }
}
