@testable import TensorIR

/// Small lowered programs, written by hand.
enum SmallPrograms {
  static func value(_ name: String, _ element: ElementType, _ shape: [Dimension]) -> Value {
    Value(type: TensorType(element, shape), name: name)
  }

  static let n = Dimension(symbol: "n")

  /// sum[n] = a[n] + b[n], vectors and a tail.
  static func vectorAdd(_ target: Target) -> LoweredProgram {
    let lanes = target.lanes(of: .f32)
    let builder = KernelBuilder(name: "add", comments: ["sum = a + b"])
    let a = builder.parameter("a", .f32, .read)
    let b = builder.parameter("b", .f32, .read)
    let sum = builder.parameter("sum", .f32, .write)
    let count = builder.extent(n)
    let width = Expression.integer(lanes)
    builder.parallel("block", count: (count + .integer(lanes - 1)) / width) { block in
      let i = builder.declare("i", block * width)
      let left = builder.declare("left", .minimum(count - i, width))
      builder.branch(.binary(.equal, left, width)) {
        builder.store(sum, i, .binary(.add, .load(a, i, lanes: lanes), .load(b, i, lanes: lanes)))
      } otherwise: {
        let x = Expression.loadPartial(a, i, lanes: lanes, count: left)
        let y = Expression.loadPartial(b, i, lanes: lanes, count: left)
        builder.store(sum, i, .binary(.add, x, y), count: left)
      }
    }
    var program = LoweredProgram(
      name: "add", symbols: SymbolTable([Symbol("n")]),
      inputs: [value("a", .f32, [n]), value("b", .f32, [n])], outputs: [value("sum", .f32, [n])], donations: [0: 0])
    var index: [Kernel.Signature: Int] = [:]
    let kernel = program.add(builder.finish(), index: &index)
    program.steps = [
      .call(
        KernelCall(
          kernel: kernel, buffers: [.input(0), .input(1), .output(0)], scalars: builder.scalarArguments, work: n,
          location: .source(file: "add.swift", line: 3, column: 7)))
    ]
    return program
  }

  /// total = sum of exp(x)·weight over all elements: each thread sums chunks into a temporary, then one adds these.
  static func reduction(_ target: Target, weights: TensorLiteral) -> LoweredProgram {
    let lanes = target.lanes(of: .f32)
    let rows = Dimension(symbol: "rows")
    let width = Dimension(weights.count)
    var program = LoweredProgram(
      name: "weighted sum", symbols: SymbolTable([Symbol("rows", minimum: 1)]),
      inputs: [value("x", .f32, [rows, width])], outputs: [value("total", .f32, [])], donations: [:])
    var index: [Kernel.Signature: Int] = [:]
    let partial = rowSums(lanes: lanes, rows: rows, width: width)
    let total = totalSum(rows: rows)
    let first = program.add(partial.finish(), index: &index)
    let second = program.add(total.finish(), index: &index)
    program.constants = [weights]
    program.temporaries = [Temporary(name: "partial", bytes: rows * 4)]
    program.plan.slots = [0]
    program.plan.slotSizes = [[rows * 4]]
    program.plan.perThread = [false]
    program.steps = [
      .call(
        KernelCall(
          kernel: first, buffers: [.input(0), .constant(0), .temporary(0)], scalars: partial.scalarArguments,
          work: rows * width * 20)),
      .barrier,
      .call(
        KernelCall(
          kernel: second, buffers: [.temporary(0), .output(0)], scalars: total.scalarArguments, work: rows,
          location: .node(name: "sum", kind: "ReduceSum"))),
    ]
    return program
  }

  private static func rowSums(lanes: Int, rows: Dimension, width: Dimension) -> KernelBuilder {
    let builder = KernelBuilder(name: "row_sums", comments: ["partial[r] = sum over c of exp(x[r, c]) * weight[c]"])
    let x = builder.parameter("x", .f32, .read)
    let weight = builder.parameter("weight", .f32, .read)
    let partial = builder.parameter("partial", .f32, .write)
    let vector = LoopType(.f32, lanes: lanes)
    let (count, columns) = (builder.extent(rows), builder.extent(width))
    builder.parallel("row", count: count) { row in
      let sum = builder.mutable("sum", .number(0, vector))
      let whole = builder.declare("whole", columns / .integer(lanes) * .integer(lanes))
      builder.loop("c", to: whole, step: .integer(lanes)) { c in
        let e = Expression.intrinsic(.exp, [.load(x, row * columns + c, lanes: lanes)], vector)
        builder.assign(sum, .intrinsic(.fma, [e, .load(weight, c, lanes: lanes), .variable(sum)], vector))
      }
      let scalar = builder.mutable("scalar", .reduce(.sum, .variable(sum)))
      builder.loop("c", from: whole, to: columns) { c in
        let e = Expression.intrinsic(.exp, [.load(x, row * columns + c, lanes: 1)], LoopType(.f32))
        builder.assign(scalar, .intrinsic(.fma, [e, .load(weight, c, lanes: 1), .variable(scalar)], LoopType(.f32)))
      }
      builder.store(partial, row, .variable(scalar))
    }
    return builder
  }

  private static func totalSum(rows: Dimension) -> KernelBuilder {
    let builder = KernelBuilder(name: "total", comments: ["total = sum of partial"])
    let partial = builder.parameter("partial", .f32, .read)
    let total = builder.parameter("total", .f32, .write)
    let count = builder.extent(rows)
    builder.branch(.binary(.equal, builder.thread, 0)) {
      let sum = builder.mutable("sum", .number(0, LoopType(.f32)))
      builder.loop("r", to: count) { r in
        builder.assign(sum, .binary(.add, .variable(sum), .load(partial, r, lanes: 1)))
      }
      builder.store(total, 0, .variable(sum))
    }
    return builder
  }
}
