import Foundation
import TensorIR
import Testing

@testable import Tensors

/// The first guesses of the files beside this one compile; here each group runs, and what is new to the language of this library is held
/// to its meaning.
@Suite struct FirstGuessTests {
  @Test func everyGroupRuns() throws {
    try guessMakingFromSwiftValues()
    try guessMakingFromLiterals()
    try guessMakingFromMemory()
    try guessMakingByFunctions()
    try guessArithmetic()
    try guessComparisons()
    try guessFunctions()
    try guessShapes()
    try guessSubscripts()
    try guessReductions()
    try guessProducts()
    try guessReading()
    try guessFiles()
    try guessTraining()
    #expect(try rounded(Tensor([1, 3, 2]), as: Float.self) == 3)
  }

  @Test func valuesKeepTheirElementType() throws {
    #expect(Tensor([1, 2]).elementType == .f32)
    #expect(Tensor([[[1, 2]]]).elementType == .f32)
    #expect(Tensor([1, 2] as [Int]).elementType == .i64)
    #expect(Tensor([1, 2] as [UInt8]).elementType == .u8)
    #expect(Tensor([true, false]).elementType == .bool)
    #expect(Tensor([1, 2] as [Float16]).elementType == .f16)
    #expect(Tensor(0..<3).elementType == .i64)
    #expect(try Tensor(0..<3, .f32).floats() == [0, 1, 2])
    let literal: Tensor = [[1, 2], [3, 4]]
    #expect(literal.elementType == .f32 && literal.type.constantShape == [2, 2])
    #expect(try Tensor([Int.max, Int.min]).array(of: Int.self) == [Int.max, Int.min])
  }

  @Test func nestedArraysHaveTheirShape() throws {
    let cube = Tensor([[[1, 2, 3]], [[4, 5, 6]]] as [[[Int32]]])
    #expect(cube.type.constantShape == [2, 1, 3])
    #expect(try cube.array(of: Int32.self) == [1, 2, 3, 4, 5, 6])
    #expect(throws: Diagnostic.self) { try Tensor([[1, 2], [3]] as [[Int]]).evaluate() }
    #expect(throws: Diagnostic.self) { try ([[1, 2], [3]] as Tensor).evaluate() }
    #expect(throws: Diagnostic.self) { try ([[1, 2], 3] as Tensor).evaluate() }
    #expect(Tensor([] as [[Float]]).type.constantShape == [0])
  }

  @Test func integersBesideTensorsKeepEveryBit() throws {
    let large = (1 << 53) + 1
    #expect(try (Tensor([1] as [Int]) + large).array(of: Int.self) == [large + 1])
    #expect(try (Tensor([large]) .== large).array(of: Bool.self) == [true])
    #expect(try (Tensor([-1] as [Int]) * Int.max).array(of: Int.self) == [-Int.max])
    #expect(try (Tensor([0] as [Int]) + Int.min).array(of: Int.self) == [Int.min])
    let third: Float = 0.1
    #expect(try (Tensor([3]) * third).floats() == [3 * third])
  }

  @Test func readingConverts() throws {
    let x = Tensor([[1, 2], [3, 4]])
    #expect(try x.cast(to: .i32).floats() == [1, 2, 3, 4])
    #expect(try Int(x.argmax()) == 3)
    #expect(try x.rows.map { try $0.sum().item() } == [3, 7])
    #expect(throws: Diagnostic.self) { try Int(x.sum()) }
    #expect(throws: Diagnostic.self) { try Int(x.argmax(axis: 0)) }
    #expect(throws: Diagnostic.self) { try Tensor(3).rows[0].evaluate() }
  }

  @Test func tensorsAreCodable() throws {
    let x = Tensor([[1, -2], [.infinity, 0.1]], .bf16)
    let copy = try JSONDecoder().decode(Tensor.self, from: try JSONEncoder().encode(x))
    #expect(copy.elementType == .bf16 && copy.type.constantShape == [2, 2])
    #expect(try copy.floats() == x.floats())
    let short = Data(#"{"elementType": "f32", "shape": [3], "elements": "AAAA"}"#.utf8)
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(Tensor.self, from: short) }
  }

  @Test func layersDrawFromTheSharedGenerator() throws {
    try withRandomNumbers(seed: 7) {
      let first = try Linear(3, 4).weight.floats()
      let second = try Linear(3, 4).weight.floats()
      seedRandomNumbers(7)
      #expect(try Linear(3, 4).weight.floats() == first)
      #expect(first != second)
    }
  }

  /// What other threads draw, and where they seed anew, changes nothing inside a scope.
  @Test func scopesOfRandomNumbersAreApart() async throws {
    let expected = try withRandomNumbers(seed: 3) { [Tensor.rand(2), Tensor.rand(3)] }.map { try $0.floats() }
    let meanwhile = Task.detached {
      for _ in 0..<2_000 {
        _ = Tensor.rand(1)
        await Task.yield()
      }
    }
    let found = await withRandomNumbers(seed: 3) {
      var all = [Tensor.rand(2)]
      for _ in 0..<100 { await Task.yield() }
      withRandomNumbers(seed: 9) { _ = Tensor.rand(5) }
      all.append(await Task { Tensor.rand(3) }.value)
      return all
    }
    await meanwhile.value
    #expect(try found.map { try $0.floats() } == expected)
  }

  @Test func convolutionsAndPoolsTakeOneNumber() throws {
    let image = Tensor(Array(0..<16), shape: [1, 1, 4, 4], .f32)
    let ones = Tensor.ones(1, 1, 2, 2)
    #expect(try image.conv2d(ones, stride: 2).floats() == [10, 18, 42, 50])
    #expect(try image.maxPool2d(2).floats() == [5, 7, 13, 15])
    #expect(try image.avgPool2d(2).floats() == [2.5, 4.5, 10.5, 12.5])
    #expect(throws: Diagnostic.self) { try image.conv1d(ones).evaluate() }
  }
}
