import TensorIR

/// An op whose axes are those of its operands, so that it works in any layout and keeps it: slices, pads, concatenations,
/// pools.
public protocol LayoutKeepingOp: TensorOp {}
