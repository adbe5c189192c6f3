import Foundation
import TensorIR
import TensorOps
import Testing

@testable import Tensors

/// What is wrong, where, and nothing traps.
@Suite struct MistakeTests {
  private func message(_ body: () throws -> Void) -> String {
    do {
      try body()
      return "no error"
    } catch { return "\(error)" }
  }

  @Test func shapesThatDoNotFitAreReportedWhenTheyAreUsed() {
    let sum = Tensor([1, 2]) + Tensor([1, 2, 3])
    let line = #line + 1
    let text = message { try sum.evaluate() }
    #expect(text.contains("[2] and [3] do not broadcast"))
    #expect(text.contains("MistakeTests.swift:\(line):"))
    #expect(text.contains("[shape-mismatch]"))
  }

  /// Who asks for the shape before the mistake is thrown gets numbers, and the mistake later.
  @Test func shapesOfMistakesCanBeIndexed() throws {
    let product = Tensor([[1, 2]]).matmul(Tensor([[1, 2]]))
    #expect(product.shape.count == 2 && product.shape[0] == 1)
    #expect((product + 1).sum(axis: 1).transposed([1, 0]).shape.count >= 2)
    #expect(message { try product.reshaped(to: [product.shape[1]]).evaluate() }.contains("inner extents"))
    let ragged = Tensor([[1, 2], [3]])
    #expect(ragged.shape[1] == 1 && ragged.rows.count == 1)
    #expect(message { try ragged[0, 1].evaluate() }.contains("[ragged]"))
  }

  @Test func methodsKnowTheirOwnPlace() {
    let line = #line + 1
    let product = Tensor([[1, 2]]).matmul(Tensor([[1, 2]]))
    #expect(message { try (product + 1).relu().evaluate() }.contains("MistakeTests.swift:\(line):"))
  }

  @Test func layersGiveTheirCallersPlace() {
    var random = RandomNumbers(seed: 1)
    let layer = Linear(3, 2, random: &random)
    let line = #line + 1
    let result = layer(Tensor([[1, 2]]))
    let text = message { try result.evaluate() }
    #expect(text.contains("MistakeTests.swift:\(line):") && text.contains("inner extents are 2 and 3"))
  }

  @Test func tracesReportEveryMistakeWithItsPlace() {
    let first = #line + 3
    let text = message {
      _ = try trace(TensorType.f32("n", 3), TensorType.f32(4, 4)) { x, w in
        let wrong = x.matmul(w)
        return (wrong + w).relu()
      }
    }
    #expect(text.contains("MistakeTests.swift:\(first):") && !text.contains("\n"))
  }

  @Test func otherMistakes() throws {
    #expect(message { try Tensor([[1, 2], [3]]).evaluate() }.contains("[ragged]"))
    #expect(message { try Tensor([1, 2], shape: [3]).evaluate() }.contains("[element-count]"))
    #expect(message { _ = try Tensor([1, 2]).item() }.contains("[element-count]"))
    #expect(message { _ = try Tensor([1, 2]).array(of: Double.self) }.contains("[element-type]"))
    #expect(message { try Tensor.arange(0, 1, step: 0).evaluate() }.contains("[bad-step]"))
    #expect(message { try Tensor.zeros([-1]).evaluate() }.contains("[shape]"))
    #expect(message { _ = try valueAndGradient(at: Tensor([1, 2])) { $0 * $0 } }.contains("[gradient-of-tensor]"))
    #expect(message { try Tensor([1, 2]).gather(Tensor([5], .i64)).evaluate() }.contains("[index-out-of-range]"))
  }

  private final class Note: @unchecked Sendable {
    var text = ""
  }

  /// A place that is given to what one thread records is not given to what others do.
  @Test func placesBelongToTheirThread() {
    let note = Note()
    let isDone = DispatchSemaphore(value: 0)
    Tensor.located([Tensor(1)], at: .source(file: "Elsewhere.swift", line: 1, column: 1)) {
      Thread.detachNewThread {
        note.text = message { try (Tensor([1, 2]) + Tensor([1, 2, 3])).evaluate() }
        isDone.signal()
      }
      isDone.wait()
    }
    #expect(note.text.contains("[shape-mismatch]") && !note.text.contains("Elsewhere.swift"), "\(note.text)")
  }

  @Test func aTracedTensorCannotLeaveItsTrace() throws {
    var leaked = Tensor(0)
    _ = try trace(TensorType.f32(2)) { x in
      leaked = x + x
      return leaked
    }
    #expect(message { try leaked.evaluate() }.contains("[traced-tensor]"))
  }
}
