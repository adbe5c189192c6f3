import Foundation
import TensorIR
import TensorOps
import Testing

@testable import TensorPasses

/// What goldens cannot show: weights moved by their bytes, sizes that are kept within bounds, guards that stay.
@Suite struct SimplifyTests {
  private func function(_ text: String) throws -> Function {
    try Function(parsing: text, ops: OpDirectory(Registry.types))
  }

  private func literal(_ type: ElementType, _ shape: [Int]) -> TensorLiteral {
    let count = shape.reduce(1, *)
    return type.isFloat
      ? ReferenceTensor(type, shape, floats: (0..<count).map { Double($0 % 251) - 7 }).literal
      : ReferenceTensor(type, shape, integers: (0..<count).map { $0 % 251 - 7 }).literal
  }

  @Test(arguments: [ElementType.f64, .f32, .f16, .bf16, .i8, .i64, .u16])
  func bulkMovesAgreeWithTheEvaluator(_ type: ElementType) throws {
    let source = literal(type, [3, 1, 5])
    let ops: [any TensorOp] = [
      Transpose([2, 0, 1]), Reshape([5, 3]), BroadcastTo([2, 3, 4, 5]),
      Slice(starts: [2, 0, 1], sizes: [2, 1, 2], steps: [-2, 1, 3]),
      Slice(starts: [0, 0, 9], sizes: [3, 1, 0], steps: [1, 1, 1]),
      Reverse(axes: [0, 2]), Concat(axis: 2),
    ]
    for op in ops {
      let literals = op is Concat ? [source, source] : [source]
      var context = InferenceContext(symbols: SymbolTable())
      let types = try op.inferTypes(literals.map(\.type), &context)
      let expected = try op.evaluate(literals.map { ReferenceTensor($0) }, types)[0].literal
      #expect(FoldRules.move(op, literals, types[0]) == expected, "\(op)")
    }
  }

  @Test func largeWeightsAreTransposedOnce() throws {
    var builder = FunctionBuilder(name: "f")
    let x = builder.parameter(TensorType(.f32, [4, 512]), name: "x")
    let weights = try builder.add(Constant(literal(.f32, [256, 512])), [])[0]
    let turned = try builder.add(Transpose([1, 0]), [weights])[0]
    let output = try Simplify.run(builder.finish([try builder.add(Matmul(), [x, turned])[0]]))
    #expect(output.body.operations.map(\.op.name) == ["constant", "matmul"])
    #expect(output.body.operations[1].op.isEqual(to: Matmul()))
  }

  @Test func aConstantDoesNotGrow() throws {
    var builder = FunctionBuilder(name: "f")
    let row = try builder.add(Constant(literal(.i8, [1, 2000])), [])[0]
    let wide = try builder.add(Cast(to: .f32), [row])[0]
    let output = try Simplify.run(builder.finish([wide]))
    #expect(output.body.operations.map(\.op.name) == ["constant", "cast"])
  }

  @Test func guardsMoveToWhatComesInstead() throws {
    let input = try function(
      """
      func @f(%x: f32[n, m]) -> f32[k] where k, n, m {
        %a = reshape %x {shape: [<k>]} : f32[k] requires n*m == k "the sizes differ"
        %b = negate %a : f32[k]
        %c = negate %b : f32[k]
        %d = exp %c : f32[k]
        return %d
      }
      """)
    let output = try Simplify.run(input)
    #expect(output.body.operations.map(\.op.name) == ["reshape", "exp"])
    #expect(output.body.operations.flatMap(\.guards).map(\.message) == ["the sizes differ"])
  }

  @Test func simplifyingTwiceChangesNothing() throws {
    for file in GoldenTests.files {
      let text = try String(contentsOf: GoldenTests.directory.appendingPathComponent(file), encoding: .utf8)
      guard text.contains("// pass: simplify\n") else { continue }
      let golden = GoldenFile(text, file: file)
      // The parser adds the guards that inference asks for; they must go again.
      for once in try #require(golden.output).components(separatedBy: "\n\n") {
        // Large constants stand in a blob beside the text, and here there is none.
        if once.contains("blob(") { continue }
        let own = once.hasSuffix("\n") ? once : once + "\n"
        #expect(try Simplify.run(try function(own)).text(.brief) == own, "\(file)")
      }
    }
  }

  @Test func aPassThatBreaksTheFunctionIsNamed() throws {
    let input = try function("func @f(%x: f32[n]) -> f32[n] {\n  %a = exp %x : f32[n]\n  return %a\n}")
    let broken = NamedPass("break") { function, _ in
      var copy = function
      copy.body.operations.removeAll()
      return copy
    }
    let error = #expect(throws: BrokenFunction.self) { try NamedPass.run([broken], on: input) }
    #expect(error?.description.hasPrefix("the pass 'break' broke the function") == true)
  }
}
