import TensorRuntime
import Testing

@Suite struct MistakeTests {
  @Test func aWrongElementTypeNamesTheInputAndTheTypes() throws {
    let model = try FixtureLibrary.load("affine")
    expectError("element-type", "'x'", "f32[n]", "f64[2]", "convert") {
      _ = try model.run([HostArray([1, 2] as [Double])])
    }
  }

  @Test func aWrongRankNamesTheInput() throws {
    let model = try FixtureLibrary.load("affine")
    expectError("shape", "'x'", "f32[2, 1]", "reshape it to 1 dimensions") {
      _ = try model.run([HostArray([1, 2] as [Float], shape: [2, 1])])
    }
  }

  @Test func aMissingInputIsNamed() throws {
    let model = try FixtureLibrary.load("step")
    expectError("missing-input", "'g'", "f32[n]") { _ = try model.run(["w": HostArray([1, 2] as [Float])]) }
    expectError("input-count", "2 inputs", "'w', 'g'") { _ = try model.run([HostArray([1, 2] as [Float])]) }
  }

  @Test func anUnknownNameListsTheOthers() throws {
    let context = try FixtureLibrary.load("step").makeContext()
    let x = try HostArray([1, 2] as [Float])
    expectError("unknown-input", "'weights'", "'w', 'g'") { try context.setInput("weights", x) }
    expectError("unknown-input", "7") { try context.setInput(7, x) }
    expectError("unknown-output", "'y'", "'w_next', 'loss'") { _ = try context.output("y") }
    expectError("no-results", "'loss'", "run()") { _ = try context.output("loss") }
  }

  @Test func oneSymbolIsOneSizeWithinItsLimits() throws {
    let model = try FixtureLibrary.load("step")
    let pair = try HostArray([1, 2] as [Float])
    let four = try HostArray([1, 2, 3, 4] as [Float])
    let three = try HostArray([1, 2, 3] as [Float])
    expectError("shape", "'g'", "has 4 for 'n'", "'w' has 2") { _ = try model.run([pair, four]) }
    expectError("shape", "'w'", "3 for 'n'", "a multiple of 2") { _ = try model.run([three, three]) }
    let empty = try HostArray([] as [Float])
    expectError("shape", "at least 2") { _ = try model.run([empty, empty]) }
  }

  @Test func anErrorOfTheRunNamesTheNode() throws {
    let model = try FixtureLibrary.load("affine")
    do {
      _ = try model.run([HostArray([1, .nan] as [Float])])
      Issue.record("no error was thrown")
    } catch {
      #expect(error.id == "guard-failed" && error.node == "affine/Check" && error.code == 9)
      #expect(error.description == "node 'affine/Check': error: x holds a NaN: clean it. [guard-failed]")
    }
  }

  @Test func arraysCheckTheirShapes() throws {
    expectError("element-count", "[2, 2]", "3") { _ = try HostArray([1, 2, 3] as [Float], shape: [2, 2]) }
    expectError("shape") { _ = try HostArray(zeros: [-1], .f32) }
    expectError("shape") { _ = try HostArray(zeros: [.max, .max], .f32) }
    expectError("element-type", "i64") { _ = try HostArray([1, 2] as [Int64]).elements(as: Float.self) }
    expectError("element-count") { _ = try HostArray([1, 2] as [Int64]).scalar(as: Int64.self) }
    #expect(try HostArray(zeros: [.max, .max, 0], .f32).count == 0)
  }
}
