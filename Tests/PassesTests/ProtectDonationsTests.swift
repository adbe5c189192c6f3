import TensorIR
import TensorOps
import Testing

@testable import TensorPasses

/// Every read of a donated parameter comes before the write of the result that takes over its memory.
@Suite struct ProtectDonationsTests {
  private let type = TensorType(.f32, [4, 4])

  /// The function after the pass, fused.
  private func protected(
    parameters: Int, donations: [Int: Int], _ body: ([Tensor]) -> [Tensor]
  ) throws -> Function {
    let trace = TraceRecorder(name: "step")
    let tensors = (0..<parameters).map { trace.parameter(type, name: "p\($0)") }
    var function = try trace.finish(body(tensors))
    function.donations = donations
    let fused = try Fuse.run(try SeparateResults.run(function))
    let result = try ProtectDonations.run(fused)
    try checkOrder(result)
    #expect(result.donations == donations)
    return result
  }

  /// The property itself, apart from how the pass sees to it.
  private func checkOrder(_ function: Function) throws {
    for (result, parameter) in function.donations {
      let (target, donor) = (function.body.results[result], function.body.parameters[parameter])
      let operations = function.body.operations
      let writer = try #require(operations.firstIndex { $0.results.contains(target) })
      let readers = operations.indices.filter { operations[$0].operands.contains(donor) }
      #expect(readers.allSatisfy { $0 <= writer })
    }
  }

  private func copies(_ function: Function) -> Int { function.body.operations.count { $0.op is Copy } }

  @Test func aPointwiseUpdateNeedsNoCopy() throws {
    let function = try protected(parameters: 2, donations: [0: 0]) { [$0[0] - $0[1] * $0[0].like(0.5)] }
    #expect(copies(function) == 0)
  }

  @Test func aLaterReaderIsMovedBefore() throws {
    let function = try protected(parameters: 2, donations: [0: 0]) { p in
      let updated = p[0] - p[1]
      return [updated, p[1].matmul(p[0])]
    }
    #expect(copies(function) == 0)
  }

  @Test func aReaderOfTheNewValueForcesACopy() throws {
    let function = try protected(parameters: 2, donations: [0: 0]) { p in
      let updated = p[0] - p[1]
      return [updated, updated.matmul(p[0])]
    }
    #expect(copies(function) == 1)
  }

  @Test func aKernelThatReadsOtherElementsIsCopied() throws {
    #expect(copies(try protected(parameters: 2, donations: [0: 0]) { [$0[0].matmul($0[1])] }) == 1)
    #expect(copies(try protected(parameters: 1, donations: [0: 0]) { [$0[0].transposed([1, 0])] }) == 1)
    #expect(copies(try protected(parameters: 1, donations: [0: 0]) { [$0[0].matmul($0[0]) + $0[0]] }) == 1)
  }

  /// A kernel that also writes a larger result may look at an element after it has been overwritten.
  @Test func aKernelOfSeveralShapesIsCopied() throws {
    let text = """
      func @step(%p: f32[1, 4], %q: f32[4, 4]) -> (f32[1, 4], f32[4, 4]) {
        %r, %s = fused %p, %q { (%0: f32[1, 4], %1: f32[4, 4])
          %a = tanh %0 : f32[1, 4]
          %b = add %0, %1 : f32[4, 4]
          yield %a, %b
        } : f32[1, 4], f32[4, 4]
        return %r, %s
      }
      """
    var function = try TextParser.parse(text, file: "step.tir", ops: OpDirectory(Registry.types)).get()[0]
    function.donations = [0: 0]
    #expect(copies(try ProtectDonations.run(function)) == 1)
  }

  @Test func exchangedParametersAreProtectedTogether() throws {
    _ = try protected(parameters: 2, donations: [0: 0, 1: 1]) { p in [p[1] + p[0], p[0] - p[1]] }
    _ = try protected(parameters: 2, donations: [0: 0, 1: 1]) { p in
      let first = p[1].matmul(p[0])
      return [first + p[0], p[1].matmul(first)]
    }
  }

  @Test func anUnusedParameterIsOverwrittenFreely() throws {
    #expect(copies(try protected(parameters: 2, donations: [0: 0]) { [$0[1].matmul($0[1])] }) == 0)
  }

  @Test func aDonationOfAnotherTypeIsRefused() throws {
    let trace = TraceRecorder(name: "step")
    let x = trace.parameter(type, name: "x")
    var function = try trace.finish([x.sum(axes: [0])])
    function.donations = [0: 0]
    #expect(throws: Diagnostic.self) { try ProtectDonations.run(function) }
  }
}
