import Testing

@testable import TensorIR

/// Each rule of the verifier is seen to be broken by a kernel or a program made for it.
@Suite struct LoopVerifierTests {
  private static let n = Dimension(symbol: "n")

  /// A kernel that doubles x into y, with something done to it.
  private func kernel(_ edit: (KernelBuilder, Buffer, Buffer) -> Void) -> Kernel {
    let builder = KernelBuilder(name: "k")
    let x = builder.parameter("x", .f32, .read)
    let y = builder.parameter("y", .f32, .write)
    edit(builder, x, y)
    return builder.finish()
  }

  private func mistakes(_ edit: (KernelBuilder, Buffer, Buffer) -> Void) -> [String] {
    KernelVerifier.mistakes(in: kernel(edit)).map(\.message)
  }

  /// A type that asks each side twice takes 2^60 steps here.
  @Test func deepExpressionsAreChecked() {
    let found = mistakes { builder, x, y in
      let count = builder.extent(Self.n)
      let place = (0..<60).reduce(builder.extent(Self.n)) { product, _ in product * count }
      builder.store(y, place, .load(x, 0, lanes: 1))
    }
    #expect(found.isEmpty)
  }

  @Test func rightKernelsPass() {
    let found = mistakes { builder, x, y in
      builder.parallel("i", count: builder.extent(Self.n)) { i in
        let value = Expression.load(x, i, lanes: 1)
        builder.store(y, i, .intrinsic(.sqrt, [.binary(.add, value, value)], LoopType(.f32)))
      }
    }
    #expect(found.isEmpty)
  }

  @Test func indicesAreNotData() {
    let i64 = LoopType(.i64)
    #expect(mistakes { b, _, _ in _ = b.declare("v", .binary(.add, b.thread, .literal(1, i64))) }.count == 1)
    #expect(mistakes { b, _, y in b.store(y, .literal(1, i64), .number(0, LoopType(.f32))) }.count == 1)
    #expect(mistakes { b, _, _ in _ = b.declare("v", .binary(.add, b.thread, .asIndex(.literal(1, i64)))) } == [])
    #expect(mistakes { b, _, _ in _ = b.declare("v", .binary(.add, b.thread.data, .literal(1, i64))) } == [])
  }

  @Test func typesFit() {
    let (f32, f64) = (LoopType(.f32), LoopType(.f64))
    #expect(mistakes { b, _, y in b.store(y, 0, .number(0, f64)) } == ["f64 is stored to 'y', whose elements are f32"])
    #expect(mistakes { b, x, _ in _ = b.declare("v", .intrinsic(.exp, [b.thread], f32)) }.count == 1)
    #expect(mistakes { b, x, _ in _ = b.declare("v", .intrinsic(.fma, [.load(x, 0, lanes: 1)], f32)) }.count == 1)
    #expect(mistakes { b, x, _ in _ = b.declare("v", .binary(.divide, b.thread, b.team)) }.count == 1)
    #expect(mistakes { b, x, _ in b.branch(b.thread, then: {}) } == ["a condition is bool and is given index"])
    #expect(
      mistakes { b, x, _ in _ = b.declare("v", .binary(.add, .load(x, 0, lanes: 16), .load(x, 0, lanes: 1))) }.count
        == 1)
  }

  @Test func definitionsComeFirst() {
    let found = mistakes { builder, _, _ in
      let late = builder.makeVariable("late", .index)
      builder.emit(.declare(builder.makeVariable("v", .index), .variable(late) + 1, mutable: false))
      builder.emit(.declare(late, 1, mutable: false))
    }
    #expect(found == ["'late' is used where it is not defined"])
    let outside = mistakes { builder, _, y in
      var inner: Expression = 0
      builder.branch(.less(builder.thread, 1)) { inner = builder.declare("inner", builder.thread + 1) }
      builder.store(y, inner, .number(0, LoopType(.f32)))
    }
    #expect(outside == ["'inner' is used where it is not defined"])
    let constant = mistakes { builder, _, _ in
      let variable = builder.makeVariable("v", .index)
      builder.emit(.declare(variable, 1, mutable: false))
      builder.assign(variable, 2)
    }
    #expect(constant == ["'v' is constant and is assigned"])
  }

  @Test func readBuffersAreNotWritten() {
    let zero = Expression.number(0, LoopType(.f32))
    #expect(mistakes { b, x, _ in b.store(x, 0, zero) } == ["'x' is written, which this kernel may only read"])
    let through = mistakes { b, x, _ in b.store(b.pointer("p", into: x, offset: 0), 0, zero) }
    #expect(through == ["'p' is written, which this kernel may only read"])
  }

  @Test func barriersAreReachedByAll() {
    let thread = mistakes { b, _, _ in b.branch(.less(b.thread, 1)) { b.emit(.barrier) } }
    #expect(thread.count == 1)
    let loop = mistakes { b, _, _ in b.loop("i", to: b.thread) { _ in b.emit(.barrier) } }
    #expect(loop.count == 1)
    let changed = mistakes { b, _, _ in
      let sum = b.mutable("sum", 0)
      b.branch(.less(b.thread, 1)) { b.assign(sum, 1) }
      b.branch(.less(.variable(sum), 1)) { b.emit(.barrier) }
    }
    #expect(changed.count == 1)
    let uniform = mistakes { b, x, _ in
      b.branch(.less(b.team, 4)) { b.emit(.barrier) }
      b.loop("i", to: b.extent(Self.n)) { _ in b.emit(.barrier) }
      b.branch(.less(.load(x, 0, lanes: 1), .number(0, LoopType(.f32)))) { b.emit(.barrier) }
    }
    #expect(uniform.isEmpty)
  }

  @Test func allMistakesAreToldWithTheKernel() throws {
    var program = LoweredProgram(
      name: "p", symbols: SymbolTable(), inputs: [], outputs: [], donations: [:])
    program.kernels = [
      kernel { builder, x, y in
        builder.store(x, 0, .number(0, LoopType(.f32)))
        builder.store(y, 0, .number(0, LoopType(.f64)))
      }
    ]
    let broken = #expect(throws: BrokenProgram.self) { try program.verify() }
    #expect(broken?.mistakes.count == 2)
    #expect(broken?.text.contains("x.2[0] = 0.0:f32\n      ^ 'x' is written") == true, "\(broken?.text ?? "")")
  }
}
