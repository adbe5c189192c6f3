import TensorIR

/// Foundation has an `Expression` too; in this module the word means the loop IR's.
public typealias Expression = TensorIR.Expression
