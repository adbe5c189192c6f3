import TensorABI
import Testing

@testable import TensorCodegenC
@testable import TensorIR

/// Kernels that touch every element type, operator and conversion, in scalars and in vectors, must compile without a
/// warning everywhere, and scalars and vectors must agree.
@Suite struct EveryTypeTests {
  static let elements = ElementType.allCases.filter { $0.bitWidth >= 8 }

  /// out = f(a, b) for vectors of `lanes`, or one by one, `count` elements.
  private func kernel(
    _ name: String, _ element: ElementType, _ result: ElementType, lanes: Int,
    _ f: (Expression, Expression) -> Expression
  ) -> KernelBuilder {
    let builder = KernelBuilder(name: name)
    let a = builder.parameter("a", element, .read)
    let b = builder.parameter("b", element, .read)
    let out = builder.parameter("out", result, .write)
    builder.branch(.binary(.equal, builder.thread, 0)) {
      builder.loop("i", to: builder.extent(SmallPrograms.n), step: .integer(lanes)) { i in
        let left = builder.declare("left", .minimum(builder.extent(SmallPrograms.n) - i, .integer(lanes)))
        if lanes == 1 {
          builder.store(out, i, f(.load(a, i, lanes: 1), .load(b, i, lanes: 1)))
        } else {
          let x = Expression.loadPartial(a, i, lanes: lanes, count: left)
          let y = Expression.loadPartial(b, i, lanes: lanes, count: left)
          builder.store(out, i, f(x, y), count: left)
        }
      }
    }
    return builder
  }

  /// Operators that an element type has, each as a function of two operands.
  private func functions(
    of element: ElementType
  ) -> [(name: String, result: ElementType, apply: (Expression, Expression) -> Expression)] {
    var list: [(name: String, result: ElementType, apply: (Expression, Expression) -> Expression)] = []
    let compute = element.computeType
    func add(_ op: BinaryOperator) {
      list.append((op.rawValue, op.isComparison ? .bool : element, { .binary(op, $0, $1) }))
    }
    for op: BinaryOperator in [.less, .lessEqual, .greater, .greaterEqual, .equal, .notEqual] { add(op) }
    if element == .bool {
      for op: BinaryOperator in [.logicalAnd, .logicalOr, .bitAnd, .bitOr, .bitXor] { add(op) }
      list.append(("not", .bool, { x, _ in .unary(.logicalNot, x) }))
    } else {
      for op: BinaryOperator in [.add, .subtract, .multiply, .divide, .minimum, .maximum] { add(op) }
      list.append(("negate", element, { x, _ in .unary(.negate, x) }))
      list.append(("select", element, { x, y in .select(.binary(.less, x, y), x, .unary(.negate, y)) }))
    }
    if element.isInteger {
      for op: BinaryOperator in [.remainder, .bitAnd, .bitOr, .bitXor, .shiftLeft, .shiftRight] { add(op) }
      list.append(("bitNot", element, { x, _ in .unary(.bitNot, x) }))
      list.append(
        (
          "constants", element,
          { x, y in
            .binary(.add, .binary(.multiply, x, .literal(3, x.type)), .binary(.shiftLeft, y, .literal(2, y.type)))
          }
        ))
    }
    for other in EveryTypeTests.elements where isWide(other) == isWide(element) && !(element.isFloat && other.isInteger)
    {
      list.append(("to_\(other)", other, { x, _ in .convert(x, other) }))
    }
    if element.isFloat {
      for target in EveryTypeTests.elements where target.isInteger && isWide(target) == isWide(element) {
        list.append(
          (
            "saturate_\(target)", target,
            { x, _ in
              .intrinsic(.saturate, [x], LoopType(target, lanes: x.type.lanes))
            }
          ))
      }
      for intrinsic: Intrinsic in [.exp, .log, .tanh, .erf, .sqrt, .floor, .sin, .cos, .absolute, .round, .ceil] {
        list.append(
          ("\(intrinsic)", element, { x, _ in .intrinsic(intrinsic, [x], LoopType(compute, lanes: x.type.lanes)) }))
      }
      list.append(("power", element, { x, y in .intrinsic(.pow, [x, y], LoopType(compute, lanes: x.type.lanes)) }))
    }
    return list
  }

  private func isWide(_ element: ElementType) -> Bool { element.computeType.bitWidth == 64 }

  /// A program with a scalar and a vector kernel for each function of a type: outputs come in pairs.
  private func program(_ element: ElementType, _ target: Target) -> LoweredProgram {
    let n = SmallPrograms.n
    let all = functions(of: element)
    let outputs = all.flatMap { function in
      ["scalar", "vector"].map { SmallPrograms.value("\(function.name)_\($0)", function.result, [n]) }
    }
    var program = LoweredProgram(
      name: "every function of \(element)", symbols: SymbolTable([Symbol("n")]),
      inputs: ["a", "b"].map { SmallPrograms.value($0, element, [n]) }, outputs: outputs, donations: [:])
    var index: [Kernel.Signature: Int] = [:]
    for (number, function) in all.enumerated() {
      for (offset, lanes) in [1, target.lanes(of: element)].enumerated() {
        let builder = kernel(function.name, element, function.result, lanes: lanes, function.apply)
        program.steps.append(
          .call(
            KernelCall(
              kernel: program.add(builder.finish(), index: &index),
              buffers: [.input(0), .input(1), .output(2 * number + offset)], scalars: builder.scalarArguments, work: n))
        )
      }
    }
    return program
  }

  /// Small numbers of both signs, with zeros, and for integers the least and the greatest.
  private func data(_ element: ElementType, _ count: Int, seed: Int) -> LoadedLibrary.Tensor {
    var bytes: [UInt8] = []
    func append<T>(_ value: T) { withUnsafeBytes(of: value) { bytes += Array($0) } }
    for i in 0..<count {
      let number = (i * 7 + seed * 3) % 23 - 11
      switch element {
      case .f64: append(Double(number) / 4)
      case .f32: append(Float(number) / 4)
      case .bf16: append(UInt16(truncatingIfNeeded: (Float(number) / 4).bitPattern >> 16))
      case .f16: append(UInt16(number < 0 ? 0xbc00 : 0x3c00) + UInt16(number.magnitude) * 16)
      case .bool: append(UInt8(number.magnitude & 1))
      default:
        let value = i % 19 == 5 ? Int.min >> (64 - element.bitWidth) : i % 13 == 6 ? -1 : number
        withUnsafeBytes(of: Int64(value).littleEndian) { bytes += $0.prefix(element.bitWidth / 8) }
      }
    }
    return LoadedLibrary.Tensor(bytes: bytes, element: Int32(code(element)), dimensions: [Int64(count)])
  }

  private func code(_ element: ElementType) -> Int {
    let order: [ElementType] = [.f64, .f32, .f16, .bf16, .i8, .i16, .i32, .i64, .u8, .u16, .u32, .u64, .bool, .i4, .u4]
    return (order.firstIndex(of: element) ?? 0) + 1
  }

  @Test(arguments: EveryTypeTests.elements) func scalarsAndVectorsAgree(element: ElementType) throws {
    for (toolchain, target) in LibraryTests.cases {
      let program = program(element, target)
      let library = try LibraryTests.load(program, toolchain, target)
      for count in [1, 37] {
        let outputs = program.outputs.map { data($0.type.elementType, count, seed: 9) }
        let result = library.run([data(element, count, seed: 1), data(element, count, seed: 2)], outputs: outputs)
        try #require(result.code == 0, "\(result.id)")
        for pair in stride(from: 0, to: outputs.count, by: 2) {
          let name = program.outputs[pair].name
          let agree = result.outputs[pair].bytes == result.outputs[pair + 1].bytes
          #expect(
            agree,
            "\(name) of \(element) with \(toolchain.compiler) for \(target.name), \(count) elements")
        }
      }
    }
  }
}
