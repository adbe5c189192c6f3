import TensorIR
import TensorOps

/// An op that asks for layouts of its operands for the sake of its kernels, and chooses that of its result.
public protocol LayoutChoosingOp: TensorOp {
  /// Builds the operation, and what goes before and after it, in the layouts that suit it. The operands are there already,
  /// in whatever layouts they have.
  func build(_ operands: [ValueID?], _ builder: inout some LayoutBuilder) throws -> ValueID
}

/// What a ``LayoutChoosingOp`` builds with.
public protocol LayoutBuilder {
  var target: Target { get }
  func type(of value: ValueID) -> TensorType
  /// The elements of a value that is known when the function is compiled, so that another layout of it costs nothing.
  func literal(_ value: ValueID) -> TensorLiteral?
  /// A value that is known.
  mutating func constant(_ literal: TensorLiteral) throws -> ValueID
  /// The value in a layout.
  mutating func reordered(_ value: ValueID, _ layout: Layout) throws -> ValueID
  /// The value in another element type, where it lies as it does; the same for all who ask.
  mutating func converted(_ value: ValueID, to element: ElementType) throws -> ValueID
  /// The value under another shape, in row-major order.
  mutating func reshaped(_ value: ValueID, _ shape: [Dimension]) throws -> ValueID
  /// The result of an operation, in a layout or in the one that inference gives.
  mutating func add(_ op: any Op, _ operands: [ValueID?], layout: Layout?) throws -> ValueID
}

extension LayoutBuilder {
  func isConstant(_ value: ValueID) -> Bool { literal(value) != nil }

  /// The value with its first two axes exchanged, where it lies.
  mutating func exchanged(_ value: ValueID) throws -> ValueID {
    let type = type(of: value)
    let op = Transpose([1, 0] + Array(2..<max(type.rank, 2)))
    return try add(op, [value], layout: op.viewLayouts(of: type).result)
  }
}
