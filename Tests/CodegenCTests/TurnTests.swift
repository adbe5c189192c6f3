import TensorIR
import Testing

@testable import TensorCodegenC

/// Where threads take turns, and where all of them meet.
@Suite struct TurnTests {
  private let loop: (LoweredProgram) -> Step = { program in
    .loop(.init(symbol: "trip", trips: .size(3), condition: nil, body: [.barrier] + program.steps))
  }

  private func body(of program: LoweredProgram) throws -> String {
    let text = try ProgramPrinter(program, target: .generic, prefix: "model").files().sources[0].text
    let start = try #require(text.range(of: "static void model_body("))
    let end = try #require(text[start.upperBound...].range(of: "\n}\n"))
    return String(text[start.lowerBound..<end.upperBound])
  }

  @Test func aLoopThatGoesBySizesIsTakenInTurns() throws {
    var program = SmallPrograms.vectorAdd(.generic)
    program.steps = [loop(program), .barrier]
    let text = try body(of: program)
    #expect(text.contains("tc_begin(") && !text.contains("tc_barrier("), "\(text)")
  }

  /// A thread that went ahead in the loop could overwrite the condition that a late one has yet to read.
  @Test func aLoopInABranchIsNot() throws {
    var program = SmallPrograms.vectorAdd(.generic)
    program.steps =
      [.branch(.init(.input(0), then: [loop(program), .barrier], otherwise: [])), .barrier] + program.steps
    let text = try body(of: program)
    let outside = try #require(text.range(of: "\n  }\n"))
    #expect(!text[..<outside.lowerBound].contains("tc_begin("), "\(text)")
    #expect(text[..<outside.lowerBound].contains("tc_barrier("), "\(text)")
    #expect(text[outside.upperBound...].contains("tc_barrier("), "all meet behind it:\n\(text)")
  }
}
