import TensorIR
import Testing

@testable import TensorCodegenC

/// What `--checks` notices: each fault is put into a small program on purpose.
@Suite struct ChecksTests {
  private let rows = 5
  private let width = 300

  private func run(_ change: (inout LoweredProgram) -> Void) throws -> (code: Int32, id: String, total: Float) {
    let toolchain = try #require(LibraryTests.toolchains.first)
    let weights = try #require(TensorLiteral.numbers([Float](repeating: 1, count: width)))
    var program = SmallPrograms.reduction(.generic, weights: weights)
    change(&program)
    let library = try LibraryTests.load(program, toolchain, .generic, checks: true)
    let x = [Float](repeating: 0, count: rows * width)
    let result = library.run([.floats(x, [rows, width])], outputs: [.floats([0], [])], threads: 2)
    return (result.code, result.id, result.outputs[0].floats[0])
  }

  @Test func aSoundProgramPasses() throws {
    let result = try run { _ in }
    #expect(result.code == 0, "\(result.id)")
    #expect(result.total == Float(rows * width))
  }

  @Test func oneElementPastATemporaryIsNoticed() throws {
    let result = try run { program in
      program.plan.slotSizes = [[program.temporaries[0].bytes - 4]]
    }
    #expect(result.id == "broken-zone")
  }

  @Test func whatNobodyWroteIsNotANumber() throws {
    let result = try run { $0.steps.removeFirst(2) }
    #expect(result.code == 0, "\(result.id)")
    #expect(result.total.isNaN)
  }

  @Test func anOutputThatNobodyWroteIsNotANumber() throws {
    let result = try run { $0.steps.removeLast() }
    #expect(result.code == 0, "\(result.id)")
    #expect(result.total.isNaN)
  }
}
