import TensorIR
import Testing

@testable import Tensors

@Suite struct ExecutorTests {
  @Test func whatIsUsedStaysAndWhatIsNotGoes() {
    var table = RecentlyUsed<Int, String>(mostCount: 100)
    for number in 0..<1000 {
      table[number] = "\(number)"
      #expect(table[0] == "0")
      #expect(table.count <= 100 && table.count > Swift.min(number, 70))
    }
    #expect(table[999] == "999" && table[998] == "998" && table[1] == nil)
  }

  /// Whatever a program makes ever anew is let go.
  @Test func memoryIsBounded() throws {
    let executor = Executor()
    try Executor.$current.withValue(executor) { () throws in
      let x = Tensor((0..<4000).map { Float($0 % 7) }, shape: [2000, 2])
      for round in 0..<3000 {
        let part = x[0..<(500 + round % 1400)]
        try (part * Double(round) + part).evaluate()
      }
    }
    #expect(executor.memory.slices <= 1024 && executor.memory.forms <= 2)
  }
}
