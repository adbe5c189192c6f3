import Foundation
import TensorIR
import TensorOps
import Testing

/// Ops by which ranks exchange tensors: types, what they refuse, gradients. Tests/TensorsTests/RanksTests.swift runs them.
@Suite struct CollectiveTests {
  private func types(_ op: any TensorOp, _ type: TensorType) throws -> [TensorType] {
    var context = InferenceContext(symbols: SymbolTable())
    return try op.inferTypes([type], &context)
  }

  private func refusal(_ op: any TensorOp, _ type: TensorType) -> String? {
    do {
      _ = try types(op, type)
      return nil
    } catch let diagnostic as Diagnostic { return diagnostic.id } catch { return "\(error)" }
  }

  @Test func shapesFollow() throws {
    let x = TensorType(.f32, [3, 4])
    #expect(try types(AllReduce(), x) == [x])
    #expect(try types(AllGather(ranks: 3), x) == [TensorType(.f32, [3, 3, 4])])
    #expect(try types(ReduceScatter(ranks: 3), x) == [TensorType(.f32, [4])])
    #expect(try types(Broadcast(root: 1), TensorType(.bool, [])) == [TensorType(.bool, [])])
    #expect(try types(ReduceToRoot(), x) == [x])
  }

  @Test func mistakesAreRefused() {
    let x = TensorType(.f32, [3, 4])
    #expect(refusal(ReduceScatter(ranks: 2), x) == "shape-mismatch")
    #expect(refusal(ReduceScatter(ranks: 1), TensorType(.f32, [])) == "shape-mismatch")
    #expect(refusal(AllGather(ranks: 0), x) == "shape-mismatch")
    #expect(refusal(Broadcast(root: -1), x) == "bad-attribute")
    #expect(refusal(ReduceToRoot(root: -1), x) == "bad-attribute")
    #expect(refusal(AllReduce(.mean), TensorType(.i32, [3])) == "element-type")
    #expect(refusal(AllReduce(), TensorType(.bool, [3])) == "element-type")
    #expect(refusal(AllReduce(), TensorType(.bf16, [3])) == "element-type")
    #expect(refusal(AllGather(ranks: 2), TensorType(.i4, [4])) == "element-type")
  }

  @Test func theEvaluatorIsTheOnlyRank() throws {
    let x = ReferenceTensor(.f32, [1, 2], floats: [3, 4])
    for op in [AllReduce(.mean), AllReduce(.maximum), Broadcast(root: 0), ReduceToRoot()] as [any TensorOp] {
      #expect(try op.evaluate([x], [TensorType(.f32, [1, 2])])[0].floats == [3, 4])
    }
    #expect(try AllGather(ranks: 1).evaluate([x], [TensorType(.f32, [1, 1, 2])])[0].shape == [1, 1, 2])
    #expect(try ReduceScatter(ranks: 1).evaluate([x], [TensorType(.f32, [2])])[0].shape == [2])
    #expect(throws: Diagnostic.self) { try AllGather(ranks: 2).evaluate([x], [TensorType(.f32, [2, 1, 2])]) }
  }

  /// 16-bit floats are combined in f32, and sent as they are.
  @Test func shortFloatsAreWidenedToBeCombined() throws {
    let trace = TraceRecorder(name: "f")
    let x = trace.parameter(TensorType(.bf16, [4]), name: "x")
    let text = "\(try trace.finish([x.allReduced(.mean), x.broadcast(fromRank: 0)]))"
    #expect(text.contains(#/all_reduce %\w+ {reduction: mean} : f32\[4\]/#))
    #expect(text.contains(#/broadcast %x {root: 0} : bf16\[4\]/#))
  }

  /// A collective of a constant differs from the constant, and is computed once a run.
  @Test func constantsAreNotFolded() throws {
    let trace = TraceRecorder(name: "f")
    let x = trace.parameter(TensorType(.f32, []), name: "x")
    let ranks = x.full(1, []).allReduced()
    let text = "\(try trace.finish([x + ranks]))"
    #expect(text.contains("all_reduce"))
  }
}
