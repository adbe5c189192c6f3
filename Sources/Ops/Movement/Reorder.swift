import TensorIR

/// The same tensor in another layout: the only op that changes one.
public struct Reorder: ElementOp {
  public static let name = "reorder"
  public static let summary = "The same tensor with its elements in another order in memory."
  public static let signature = Signature.operands(1)
  public var layout: Layout
  public init(_ layout: Layout) { self.layout = layout }

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    guard layout.fits(rank: operands[0].rank) else {
      throw Diagnostic("bad-attribute", "layout \(layout) is not one of \(operands[0])")
    }
    return [operands[0].with(layout: layout)]
  }

  /// Blocks are packed, one to a layout and of whole elements, or unpacked, but not exchanged.
  public func checkLayouts(_ operands: [TensorType], _ results: [TensorType]) throws {
    let blocks = operands[0].layout.blocks.count + layout.blocks.count
    guard results[0].layout == layout, blocks <= 1, blocks == 0 || results[0].elementType.bitWidth >= 8 else {
      throw Diagnostic("layout", "'reorder' to \(layout) cannot make \(results[0]) of \(operands[0])")
    }
  }

  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    [operands[0]]
  }

  public func source(_ operands: [TensorType], _ result: TensorType) -> ElementSource {
    .read(.identity(rank: result.rank))
  }

  public func differentiate(_ operands: [Tensor]) throws -> Differentiated {
    Differentiated(try Tensor.record(self, operands)) { [$0[0]] }
  }

  /// Blocked layouts are written, and read, by a kernel of their own.
  public func fuses(_ operands: [TensorType], _ results: [TensorType]) -> Bool {
    layout.blocks.isEmpty && operands[0].layout.blocks.isEmpty
  }
}

extension Reorder: AliasOp {
  public func isView(_ operand: TensorType, _ result: TensorType) -> Bool {
    operand.memoryAxes != nil && operand.memoryAxes == result.memoryAxes
  }
}
