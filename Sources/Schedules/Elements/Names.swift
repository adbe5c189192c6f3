import TensorIR

/// Foundation has an `Expression` too; in this module the word means the loop IR's.
typealias Expression = TensorIR.Expression
