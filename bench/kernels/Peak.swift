import TensorIR

/// A kernel that does nothing but multiply and add in registers, for what the processor can do at most.
enum Peak {
  static let rounds = 100_000
  private static let sums = 24

  /// Multiply-adds of one thread.
  static func work(_ target: Target) -> Int { rounds * sums * target.lanes(of: .f32) }

  static func program(_ target: Target) -> LoweredProgram {
    let lanes = target.lanes(of: .f32)
    let type = LoopType(.f32, lanes: lanes)
    let builder = KernelBuilder(name: "peak")
    let x = builder.parameter("x", .f32, .read)
    let y = builder.parameter("y", .f32, .write)
    let a = builder.declare("a", .broadcast(.load(x, 0, lanes: 1), lanes: lanes))
    let b = builder.declare("b", .broadcast(.load(x, 1, lanes: 1), lanes: lanes))
    let all = (0..<sums).map { builder.mutable("sum\($0)", .number(Double($0), type)) }
    builder.loop("i", to: .integer(rounds), unroll: .none) { _ in
      for sum in all { builder.assign(sum, .intrinsic(.fma, [a, b, .variable(sum)], type)) }
    }
    let total = all.dropFirst().reduce(Expression.variable(all[0])) { .binary(.add, $0, .variable($1)) }
    builder.branch(.binary(.equal, builder.thread, 0)) { builder.store(y, 0, total) }
    let argument = Value(type: TensorType(.f32, [2]), name: "x")
    let result = Value(type: TensorType(.f32, [Dimension(lanes)]), name: "y")
    var program = LoweredProgram(
      name: "peak", symbols: SymbolTable(), inputs: [argument], outputs: [result], donations: [:])
    program.kernels = [builder.finish()]
    program.steps = [
      .call(KernelCall(kernel: 0, buffers: [.input(0), .output(0)], scalars: [], work: Dimension(work(target))))
    ]
    return program
  }
}
