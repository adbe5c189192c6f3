import TensorOps

/// Has what a closure records computed once more in the backward pass, instead of kept until then: of what is inside, a
/// compiled gradient keeps what goes in and what comes out. It takes time and saves memory.
///
///     let (loss, gradient) = try valueAndGradient(at: network) { network in
///       var x = network.embedding(tokens)
///       for block in network.blocks { x = checkpointed { block(x) } }
///       return crossEntropy(network.output(x), labels)
///     }
///
/// The closure may use any tensors, and runs once. Values and gradients have the same bits as without, for the same kernels
/// are called again; random numbers are drawn again as they were. It changes nothing where nothing is differentiated or no
/// function is compiled, nor inside of another such closure. What `if` and `loop` hold, and what finds sizes from data, is
/// kept. A `.tir` file does not say which regions there were; ``MemoryBudget`` needs none.
public func checkpointed<Result>(_ body: () throws -> Result) rethrows -> Result { try Checkpointing.run(body) }
