import TensorIR
import TensorOps
import TensorPasses

/// What `tensorc inspect` tells of a model.
public struct ModelSummary: Sendable {
  public var inputs: [Value]
  public var outputs: [Value]
  public var symbols: [Symbol]
  /// Ops by name with how often they stand in the function, the most frequent first.
  public var ops: [(name: String, count: Int)]
  /// The constants: how many, and how many elements and bytes they have.
  public var constantCount = 0
  public var parameterCount = 0
  public var parameterBytes = 0
  /// Multiply-adds, or elements for ops without, as a formula over the symbols; nil where the model does not lower.
  public var work: Dimension?
  /// The bytes of workspace of one call, without what every thread has for itself.
  public var workspace: Dimension?
  public var workspacePerThread: Dimension?
  public var kernelCount: Int?
  /// Its products and in what they are computed, where that was asked for.
  public var products: [PrecisionProduct] = []

  /// Counts what stands in a function.
  public init(_ function: Function) {
    inputs = function.body.parameters.map { function[$0] }
    outputs = function.body.results.enumerated().map { index, id in
      let name = index < function.resultNames.count ? function.resultNames[index] : function[id].name
      return Value(type: function.type(of: id), name: name)
    }
    symbols = function.symbols.symbols
    ops = []
    var counts: [String: Int] = [:]
    var seen: Set<TensorLiteral> = []
    function.forEachOperation { operation in
      if let constant = operation.op as? Constant {
        guard seen.insert(constant.value).inserted else { return }
        constantCount += 1
        parameterCount += constant.value.count
        parameterBytes += constant.value.bytes.count
      } else {
        counts[operation.op.name, default: 0] += 1
      }
    }
    ops = counts.map { (name: $0.key, count: $0.value) }
      .sorted { ($1.count, $0.name) < ($0.count, $1.name) }
  }

  /// What a program tells; it has no ops any more.
  public init(_ program: LoweredProgram) {
    (inputs, outputs, symbols, ops) = (program.inputs, program.outputs, program.symbols.symbols, [])
    add(program)
  }

  /// Adds what is known once the function is lowered.
  public mutating func add(_ program: LoweredProgram) {
    var work: Dimension = 0
    for call in program.calls { work = work + call.work }
    self.work = work
    kernelCount = program.kernels.count
    var (shared, perThread): (Dimension, Dimension) = (0, 0)
    for (slot, sizes) in program.plan.slotSizes.enumerated() {
      // Sizes are never negative; said here, it would stand in every formula.
      let size = sizes.dropFirst().reduce(sizes.first ?? 0) { Dimension.maximum($0, $1) }
      if program.plan.perThread[slot] { perThread = perThread + size } else { shared = shared + size }
    }
    (workspace, workspacePerThread) = (shared, perThread)
  }
}
