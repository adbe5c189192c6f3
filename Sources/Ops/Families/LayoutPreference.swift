import TensorIR

/// An op whose axes are those of its operands, so that it works in any layout and keeps it: slices, pads, concatenations.
public protocol LayoutKeepingOp: TensorOp {}

/// An op that is fastest with channels (axis 1) innermost, and gives its result so: pools.
public protocol ChannelsLastOp: TensorOp {}
