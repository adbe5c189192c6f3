import RandomPrograms
import TensorIR
import TensorOps
import Testing

/// What random programs and the contract suite have found: each was wrong once (docs/fuzz.md).
@Suite struct FoundTests {
  /// A function's text, and the shapes and numbers of its inputs.
  struct Found: Sendable, CustomStringConvertible {
    var description: String
    var text: String
    var inputs: [ReferenceTensor]
  }

  private static func numbers(_ shape: [Int], _ type: ElementType = .f32) -> ReferenceTensor {
    let count = shape.reduce(1, *)
    if type.isFloat {
      return ReferenceTensor(type, shape, floats: (0..<count).map { place -> Double in Double(place * 7 % 11) / 4 - 1 })
    }
    let integers = (0..<count).map { place -> Int in type == .bool ? place % 2 : place * 7 % 11 - 4 }
    return ReferenceTensor(type, shape, integers: integers)
  }

  static let all: [Found] = [
    Found(
      description: "a padded row that is read from its end",
      text: """
        func @f(%x: i32[3, 5]) -> i32[3, 5] {
          %0 = pad %x {before: [-1, 2], after: [1, -2], mode: constant, value: 3.0} : i32[3, 5]
          %1 = reverse %0 {axes: [1]} : i32[3, 5]
          return %1
        }
        """, inputs: [numbers([3, 5], .i32)]),
    Found(
      description: "rows of one element that are computed where they are added",
      text: """
        func @f(%x: f32[4, 3, 1], %y: f32[4, 3, 1], %i: i64[4]) -> f32[5, 3, 1] {
          %s = add %x, %y : f32[4, 3, 1]
          %g = gather_gradient %s, %i {axis: 0, extent: <5>} : f32[5, 3, 1]
          return %g
        }
        """,
      inputs: [numbers([4, 3, 1]), numbers([4, 3, 1]), ReferenceTensor(.i64, [4], integers: [0, 3, 3, -1])]),
    Found(
      description: "sums of 8 bytes along rows of 4",
      text: """
        func @f(%x: f32[1, 4, 2]) -> i64[1, 4, 1] {
          %m = max %x {axes: [0, 2], keepAxes: true} : f32[1, 4, 1]
          %i = iota {elementType: i64, shape: [1, 4, 2], axis: 2} : i64[1, 4, 2]
          %e = equal %x, %m : bool[1, 4, 2]
          %b = full {value: 9000.0, elementType: i64, shape: []} : i64[]
          %s = select %e, %i, %b : i64[1, 4, 2]
          %r = min %s {axes: [0, 2], keepAxes: true} : i64[1, 4, 1]
          return %r
        }
        """, inputs: [numbers([1, 4, 2])]),
    Found(
      description: "a result of a group that lies before its product",
      text: """
        func @f(%x: f32[2, 4], %y: f32[2, 4], %w: f32[4, 4]) -> (f32[2, 4], f32[2, 4]) {
          %0 = multiply %x, %y : f32[2, 4]
          %1 = subtract %x, %0 : f32[2, 4]
          %2 = multiply %1, %y : f32[2, 4]
          %3 = matmul %2, %w {transposeLeft: false, transposeRight: false} : f32[2, 4]
          %4 = add %0, %3 : f32[2, 4]
          return %2, %4
        }
        """, inputs: [numbers([2, 4]), numbers([2, 4]), numbers([4, 4])]),
    Found(
      description: "a row's sum that is read from the other end beside itself",
      text: """
        func @f(%x: f16[2, n]) -> f16[2, 1] {
          %0 = sum %x {axes: [1], keepAxes: true} : f16[2, 1]
          %1 = reverse %0 {axes: [0]} : f16[2, 1]
          %2 = subtract %1, %0 : f16[2, 1]
          return %2
        }
        """, inputs: [numbers([2, 5], .f16)]),
    Found(
      description: "a product that is read from the other end beside itself",
      text: """
        func @f(%x: f32[3, 5], %w: f32[5, 7]) -> f32[3, 7] {
          %0 = matmul %x, %w {transposeLeft: false, transposeRight: false} : f32[3, 7]
          %1 = reverse %0 {axes: [0, 1]} : f32[3, 7]
          %2 = subtract %1, %0 : f32[3, 7]
          return %2
        }
        """, inputs: [numbers([3, 5]), numbers([5, 7])]),
    Found(
      description: "numbers made of an extent behind a product",
      text: """
        func @f(%x: f32[3, n], %w: f32[n, 4], %m: bool[3, 4]) -> f32[3, 4] {
          %d = dimension_values {values: [n], shape: []} : i64[]
          %c = cast %d {to: f32} : f32[]
          %s = sqrt %c : f32[]
          %i = full {value: -9.0, elementType: f32, shape: []} : f32[]
          %0 = matmul %x, %w {transposeLeft: false, transposeRight: false} : f32[3, 4]
          %1 = divide %0, %s : f32[3, 4]
          %2 = select %m, %i, %1 : f32[3, 4]
          return %2
        }
        """, inputs: [numbers([3, 5]), numbers([5, 4]), numbers([3, 4], .bool)]),
    Found(
      description: "an extent that is a symbol, broadcast to the number that it is",
      text: """
        func @f(%x: f32[1, n]) -> f32[2, 67] {
          %y = broadcast_to %x {shape: [2, 67]} : f32[2, 67] requires n == 67 "f32[1, n] does not broadcast to [2, 67]"
          return %y
        }
        """, inputs: [numbers([1, 67])]),
    Found(
      description: "behind a sum an operand of which a symbol leaves open whether it broadcasts (70115)",
      text: """
        func @f(%x: f32[c], %w: f32[3, 1]) -> bool[3] where c {
          %h = hypot %x, %w : f32[3, c]
          %s = sum %h {axes: [1], keepAxes: false} : f32[3]
          %d = subtract %x, %s : f32[3]
          %y = not_equal %d, %x : bool[3]
          return %y
        }
        """, inputs: [numbers([3]), numbers([3, 1])]),
    Found(
      description: "the logarithm of 1 / sqrt(-0), whose sign the C compiler thought it knew (300253)",
      text: """
        func @f(%x: f32[n]) -> (f32[n], f32[n]) {
          %r = reciprocal_sqrt %x : f32[n]
          %a = log2 %r : f32[n]
          %b = log %r : f32[n]
          return %a, %b
        }
        """, inputs: [ReferenceTensor(.f32, [19], floats: (0..<19).map { place -> Double in [-0.0, 0, 4][place % 3] })]),
    Found(
      description: "a filter made of one number, packed",
      text: """
        func @f(%x: f32[1, 3, 6, 5]) -> f32[1, 4, 5, 4] {
          %w = full {value: 0.5, elementType: f32, shape: [4, 3, 2, 2]} : f32[4, 3, 2, 2]
          %y = convolution %x, %w {strides: [1, 1], before: [0, 0], after: [0, 0], dilations: [1, 1], groups: 1} : f32[1, 4, 5, 4]
          return %y
        }
        """, inputs: [numbers([1, 3, 6, 5])]),
    Found(
      description: "a cast to a half type that stays in registers",
      text: """
        func @f(%x: f64[5]) -> f16[5] {
          %y = cast %x {to: f16} : f16[5]
          return %y
        }
        """,
      inputs: [ReferenceTensor(.f64, [5], floats: [0x1.002p0, 0x1.0020000001p0, 0x1.006p0, -0x1.0020000001p0, 3])]),
  ]

  @Test(arguments: all) func agrees(_ found: Found) throws {
    let parsed = TextParser.parse(found.text, ops: OpDirectory(Registry.types))
    let function = try #require(parsed.functions.first, "\(parsed.diagnostics)")
    let program = RandomProgram(seed: 0, function: function, inputs: found.inputs)
    #expect(ProgramBatch([program]).faults().map(\.text) == [])
  }

  /// A symbol that is 1 at run time was broadcast: its gradient is a sum.
  @Test(arguments: [1, 3]) func gradientOfASymbolThatMayBeOne(_ size: Int) throws {
    let trace = TraceRecorder(name: "f", symbols: SymbolTable([Symbol("n")]))
    let x = trace.parameter(TensorType(.f32, [Dimension(symbol: "n"), 2]))
    let y = trace.parameter(TensorType(.f32, [3, 2]))
    let loss = (x * y).sum(axes: [0, 1])
    let function = try Gradient.valueAndGradient(of: try trace.finish([loss]), at: [0])
    let inputs = [Self.numbers([size, 2]), Self.numbers([3, 2])]
    let gradient = try #require(try Evaluator.run(function, inputs).last)
    let all = inputs[1].floats
    #expect(gradient.floats == (size == 3 ? all : [all[0] + all[2] + all[4], all[1] + all[3] + all[5]]))
    #expect(ProgramBatch([RandomProgram(seed: 0, function: function, inputs: inputs)]).faults().map(\.text) == [])
  }
}
