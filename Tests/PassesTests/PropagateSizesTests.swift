import TensorIR
import Testing

@testable import TensorPasses

/// What all calls of a kernel say of its sizes is written into it.
@Suite struct PropagateSizesTests {
  /// A program that calls one kernel with each of the sizes `(columns, rows)`.
  private func program(
    _ calls: [(columns: Dimension, rows: Dimension)], _ write: (KernelBuilder, Buffer, Expression, Expression) -> Void
  ) -> LoweredProgram {
    let symbols = SymbolTable([Symbol("n"), Symbol("m", minimum: 1), Symbol("k", divisor: 8)])
    var program = LoweredProgram(name: "f", symbols: symbols, inputs: [], outputs: [], donations: [:])
    var index: [Kernel.Signature: Int] = [:]
    for call in calls {
      let builder = KernelBuilder(name: "scale")
      builder.largestLiteral = 1
      let y = builder.parameter("y", .f32, .write)
      write(builder, y, builder.extent(call.columns), builder.extent(call.rows))
      let scalars = builder.scalarArguments
      let kernel = program.add(builder.finish(), index: &index)
      program.steps.append(
        .call(KernelCall(kernel: kernel, buffers: [.output(0)], scalars: scalars, work: call.rows)))
    }
    return program
  }

  private func few(_ builder: KernelBuilder, _ y: Buffer, _ columns: Expression, _ rows: Expression) {
    builder.branch(.binary(.logicalAnd, .less(0, rows), .binary(.lessEqual, rows, 3))) {
      builder.store(y, columns, .number(1, LoopType(.f32)))
    } otherwise: {
      builder.store(y, rows, .number(2, LoopType(.f32)))
    }
  }

  private let n = Dimension(symbol: "n")

  @Test func whatAllCallsPassIsWrittenIn() throws {
    let shared = program([(100, 20), (100, 30)]) { builder, y, columns, rows in
      let tiles = builder.declare("tiles", .maximum((columns + 5) / 6, 1))
      builder.store(y, tiles * rows, .select(.less(columns, 7), .number(1, LoopType(.f32)), .number(2, LoopType(.f32))))
    }
    #expect(shared.kernels.count == 1 && shared.kernels[0].scalars.count == 2)
    let result = PropagateSizes.run(shared)
    #expect(result.kernels[0].scalars.map(\.name) == ["n1"])
    #expect(result.calls.map(\.scalars) == [[20], [30]])
    #expect(result.kernels[0].text().contains("[(17 * n1.4)] = 2.0"), "\(result.kernels[0].text())")
  }

  @Test func codeForSizesThatNoCallHasGoes() throws {
    let none = PropagateSizes.run(program([(7, 49 * n), (8, 784 * n), (9, 40)], few))
    #expect(none.kernels.count == 1 && none.kernels[0].scalars.count == 2)
    #expect(!none.kernels[0].text().contains("if"), "\(none.kernels[0].text())")
    let eight = PropagateSizes.run(program([(7, Dimension(symbol: "k"))], few))
    #expect(!eight.kernels[0].text().contains("if"))
    // One call may have a single row, or two.
    for rows in [n, 2 * n, 3, Dimension(symbol: "m")] {
      let some = PropagateSizes.run(program([(7, 49 * n), (8, rows)], few))
      #expect(some.kernels[0].text().contains("if"), "\(rows)")
    }
  }

  @Test func zeroRowsAreNotManyRows() throws {
    let kernel = PropagateSizes.run(
      program([(7, 49 * n), (8, 98 * n)]) { builder, y, _, rows in
        builder.branch(.less(0, rows)) { builder.store(y, .maximum(rows, 5), .number(1, LoopType(.f32))) }
      }
    ).kernels[0]
    #expect(kernel.text().contains("if (0 < n"), "\(kernel.text())")
    #expect(kernel.text().contains("max"), "\(kernel.text())")
    let positive = PropagateSizes.run(
      program([(7, 49 * Dimension(symbol: "m")), (8, 98)]) { builder, y, _, rows in
        builder.branch(.less(0, rows)) { builder.store(y, .maximum(rows, 5), .number(1, LoopType(.f32))) }
      }
    ).kernels[0]
    #expect(!positive.text().contains("if") && !positive.text().contains("max"), "\(positive.text())")
  }

  @Test func whatMayBeNegativeIsLeftAlone() throws {
    let left = PropagateSizes.run(program([(7, n - 60), (8, 49 * n)], few))
    #expect(left.kernels[0].text().contains("if"))
  }

  @Test func divisorsAreThoseOfAllTerms() {
    let symbols = SymbolTable([Symbol("n"), Symbol("k", divisor: 8)])
    let k = Dimension(symbol: "k")
    #expect(symbols.divisor(of: 12 * n + 18) == 6)
    #expect(symbols.divisor(of: 12 * k + 64 * n) == 32)
    #expect(symbols.divisor(of: n * k) == 8)
    #expect(symbols.divisor(of: -6 * n) == 6)
    #expect(symbols.divisor(of: 0) == 0)
    #expect(symbols.divisor(of: 0 * n + 7) == 7)
    #expect(symbols.isDivisible(12 * k + 64 * n, by: 16) && !symbols.isDivisible(12 * n + 18, by: 4))
  }
}
