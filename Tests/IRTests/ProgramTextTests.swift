import Testing

@testable import TensorIR

/// What the text of a program says reads back.
@Suite struct ProgramTextTests {
  /// A kernel with every statement and every kind of expression.
  private func program() throws -> LoweredProgram {
    let n = Dimension(symbol: "n")
    let type = TensorType(.f32, [n])
    var program = LoweredProgram(
      name: "every thing", symbols: SymbolTable([Symbol("n", minimum: 1, maximum: 99)]),
      inputs: [Value(type: type, name: "x"), Value(type: TensorType(.i64, [4]))],
      outputs: [Value(type: type, name: "y")], donations: [0: 0])
    program.constants = [try #require(TensorLiteral.numbers([0.5, -0.0, .nan], .f32))]
    program.guards = [
      InferenceContext.Guard(
        SizeCondition(n, .atMost, 4), "say \"n\"", at: .node(name: "add", kind: "Add"))
    ]
    let builder = KernelBuilder(name: "all", comments: ["first", "second \"quoted\""])
    let x = builder.parameter("x", .f32, .update)
    let places = builder.parameter("places", .i64, .read)
    statements(builder, x, places, builder.extent(n))
    var index: [Kernel.Signature: Int] = [:]
    let position = program.add(builder.finish(), index: &index)
    program.temporaries = [Temporary(name: "t", bytes: 4 * n, perThread: true)]
    program.steps = [
      .call(
        KernelCall(
          kernel: position, buffers: [.output(0), .input(1)], scalars: builder.scalarArguments, work: n * n,
          location: .source(file: "a.swift", line: 3, column: 4))), .barrier,
    ]
    program.plan.slots = [0]
    program.plan.slotSizes = [[4 * n, 8]]
    program.plan.perThread = [true]
    program.stage = .plan
    return program
  }

  private func statements(_ builder: KernelBuilder, _ x: Buffer, _ places: Buffer, _ n: Expression) {
    let (f32, wide, i32) = (LoopType(.f32), LoopType(.f32, lanes: 16), LoopType(.i32))
    builder.comment("a note")
    builder.stream(x, elements: Dimension(symbol: "n"))
    let values: [Expression] = [
      .number(-0.0, f32), .number(.infinity, f32), .number(-1.5e-30, wide), .number(.nan, f32),
      .number(Double(bitPattern: 0x7ff8_0000_0000_0001), LoopType(.f64)), .literal(-7, i32),
      .literal(1, LoopType(.bool)), .literal(-1, LoopType(.u64)),
      .load(x, n - 1, lanes: 1), .load(x, 0, lanes: 16), .loadPartial(x, 0, lanes: 16, count: n),
      .gather(x, 0, stride: 2, lanes: 16), .gatherPartial(x, 0, stride: n, lanes: 16, count: 3),
      .broadcast(.number(1, f32), lanes: 16), .ramp(.literal(0, i32), step: .literal(1, i32), lanes: 16),
      .select(.less(n, 3), .number(1, f32), .number(2, f32)), .bitcast(.number(1, f32), .i32),
      .convert(n, .f32), .convert(.literal(3, i32), .i8), .reduce(.sum, .load(x, 0, lanes: 16)),
      .unary(.bitNot, .literal(3, i32)), .unary(.negate, n), .unary(.logicalNot, .less(n, 3)),
      .intrinsic(.saturate, [.load(x, 0, lanes: 16)], LoopType(.u8, lanes: 16)),
      .intrinsic(.fma, [.number(1, f32), .number(2, f32), .number(3, f32)], f32),
      .binary(.divide, .number(1, f32), .number(2, f32)), .binary(.shiftRight, .literal(8, i32), .literal(1, i32)),
    ]
    for (number, value) in values.enumerated() { _ = builder.mutable("v\(number)", value) }
    for op in [BinaryOperator.minimum, .maximum, .quotient, .remainder] { _ = builder.declare("q", .binary(op, n, 3)) }
    let pointer = builder.pointer("p", into: x, offset: n / 2)
    builder.advance(pointer, by: 3)
    let array = builder.array("local", .f32, count: 256)
    builder.emit(.prefetch(x, n + 64))
    builder.emit(.transpose(BlockTransposition(from: (x, 0, n), to: (array, 0, 16), lanes: 16)))
    builder.store(x, 0, .load(array, 0, lanes: 16), count: n)
    builder.loop("i", from: 1, to: n, step: 4, unroll: .full) { i in
      builder.branch(.less(i, 3), then: { builder.emit(.barrier) }, otherwise: { builder.comment("other") })
    }
    let place = builder.mutable("place", .load(places, 0, lanes: 1))
    builder.emit(
      .whileLoop(
        .less(.variable(place), .literal(3, LoopType(.i64))),
        builder.block {
          builder.assign(place, .binary(.add, .variable(place), .literal(1, LoopType(.i64))))
        }))
    builder.emit(.badIndex(.variable(place), extent: n, of: "gather", origin: 0))
    builder.store(x, .asIndex(.variable(place)), .number(0, f32))
  }

  @Test func programsReadBack() throws {
    let program = try program()
    try program.verify()
    let text = program.text()
    let back = try LoweredProgram(parsing: text)
    #expect(back.text() == text)
    #expect(back.kernels[0].body == program.kernels[0].body && back.kernels[0].comments == program.kernels[0].comments)
    #expect(back.kernels[0].signature == program.kernels[0].signature && back.stage == .plan)
    #expect(back.guards == program.guards && back.temporaries == program.temporaries && back.donations == [0: 0])
    #expect(back.symbols == program.symbols && back.constants[0].bytes == program.constants[0].bytes)
    #expect(back.plan.slots == [0] && back.plan.perThread == [true])
  }

  @Test func mistakesNameTheirPlace() throws {
    let text = try program().text()
    for (good, bad, word) in [
      ("fma(", "fmo(", "fmo"), (" + 64", " ? 64", "character"), ("kernel @all_0", "kernel @other", "all_0"),
      ("stage plan", "stage done", "stage"), ("barrier", "barier", "barier"), ("(n0.4 * 4)", "(n9.4 * 4)", "n9.4"),
    ] {
      let error = #expect(throws: Diagnostics.self) {
        _ = try LoweredProgram(parsing: text.replacing(good, with: bad))
      }
      #expect(
        error?.list.contains { $0.message.contains(word) && $0.location != .unknown } == true,
        "\(bad): \(error?.description ?? "")")
    }
  }

  @Test func noTextTraps() throws {
    let bytes = Array(try program().text().utf8)
    for place in stride(from: 0, to: bytes.count, by: 7) {
      _ = try? LoweredProgram(parsing: String(decoding: bytes[..<place], as: UTF8.self))
      var changed = bytes
      changed[place] = [40, 91, 123, 46, 48, 45, 60, 120][place / 7 % 8]
      _ = try? LoweredProgram(parsing: String(decoding: changed, as: UTF8.self))
    }
  }
}
