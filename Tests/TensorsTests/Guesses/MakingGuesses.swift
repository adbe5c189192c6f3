import Foundation
import Tensors

// What a Swift programmer writes first, one guess a line: that this file compiles is the test. FirstGuessTests runs each group, so that
// nothing here traps either. Refusals.swift in Tests/Fixtures/guesses holds what must not compile, with the message that it must give.

func guessMakingFromSwiftValues() throws {
  let floats: [Float] = [1, 2, 3, 4]
  let doubles: [Double] = [1, 2, 3, 4]
  let integers: [Int] = [1, 2, 3, 4]
  let truths: [Bool] = [true, false]
  let rows: [[Float]] = [[1, 2], [3, 4]]
  let cube: [[[Int]]] = [[[1, 2]], [[3, 4]]]
  let number: Float = 3
  let count = 7
  _ = Tensor(floats)
  _ = Tensor(doubles)
  _ = Tensor(integers)
  _ = Tensor(truths)
  _ = Tensor(rows)
  _ = Tensor(cube)
  _ = Tensor([1.0, 2.0] as [Float])
  _ = Tensor([1, 2] as [Int8])
  _ = Tensor([1, 2] as [Int16])
  _ = Tensor([1, 2] as [Int32])
  _ = Tensor([1, 2] as [Int64])
  _ = Tensor([1, 2] as [UInt8])
  _ = Tensor([1, 2] as [UInt16])
  _ = Tensor([1, 2] as [UInt32])
  _ = Tensor([1, 2] as [UInt64])
  _ = Tensor([1, 2] as [UInt])
  _ = Tensor([1, 2] as [Float16])
  _ = Tensor([1, 2, 3])
  _ = Tensor([1.5, 2, 3])
  _ = Tensor([[1, 2], [3, 4]])
  _ = Tensor([[[1, 2], [3, 4]], [[5, 6], [7, 8]]])
  _ = Tensor([[[[1], [2]], [[3], [4]]]])
  _ = Tensor([true, false])
  _ = Tensor(number)
  _ = Tensor(count)
  _ = Tensor(3)
  _ = Tensor(2.5)
  _ = Tensor(true)
  _ = Tensor(0..<10)
  _ = Tensor(1...10)
  _ = Tensor(stride(from: 0.0, to: 1.0, by: 0.25))
  _ = Tensor((0..<10).map { $0 * 2 })
  _ = Tensor((0..<10).map { Float($0) })
  _ = Tensor((0..<10).lazy.map { Double($0) })
  _ = Tensor((0..<3).map { row in (0..<4).map { column in Float(row * column) } })
  _ = Tensor(floats[1...])
  _ = Tensor(Array("abc".utf8))
  _ = Tensor(Set([1, 2, 3]).sorted())
  _ = Tensor(["a": 1, "b": 2].values.sorted())
  _ = Tensor(integers, .f32)
  _ = Tensor(floats, .float16)
  _ = Tensor(floats, .bf16)
  _ = Tensor([1, 2, 3], .int32)
  _ = Tensor(floats, shape: [2, 2])
  _ = Tensor(integers, shape: [2, 2], .f32)
  _ = Tensor(shape: [2, 2], scalars: floats)
  _ = Tensor(shape: [2, 2], scalars: [1, 2, 3, 4] as [Float])
}

func guessMakingFromLiterals() throws {
  let _: Tensor = [1, 2, 3]
  let _: Tensor = [1.5, 2]
  let _: Tensor = [[1, 2], [3, 4]]
  let _: Tensor = [[[1], [2]], [[3], [4]]]
  let _: Tensor = []
  let x: Tensor = [[1, 2], [3, 4]]
  _ = x + [10, 20]
  _ = x.matmul([[1, 0], [0, 1]])
  let both: [Tensor] = [[1, 2], [3, 4]]
  _ = both[0] + both[1]
}

func guessMakingFromMemory() throws {
  let floats: [Float] = [1, 2, 3, 4]
  let bytes = Data(count: 16)
  _ = floats.withUnsafeBufferPointer { Tensor($0) }
  _ = floats.withUnsafeBufferPointer { Tensor($0, shape: [2, 2]) }
  _ = Tensor(data: bytes, shape: [4])
  _ = Tensor(data: bytes, shape: [2, 2], type: .f32)
  _ = Tensor(data: bytes, shape: [4], type: .float32)
  try floats.withUnsafeBytes { memory in _ = try Tensor(borrowing: memory, shape: [2, 2]).sum().item() }
}

func guessMakingByFunctions() throws {
  let size = 4
  _ = Tensor.zeros([2, 3])
  _ = Tensor.zeros(2, 3)
  _ = Tensor.zeros([size, size])
  _ = Tensor.zeros([2, 3], .i64)
  _ = Tensor.zeros([2, 3], .int32)
  _ = Tensor.ones([2, 3])
  _ = Tensor.ones(2, 3)
  _ = Tensor.full(7, [2, 3])
  _ = Tensor.full([2, 3], 7)
  _ = Tensor.full([2, 3], value: 7)
  _ = Tensor.arange(10)
  _ = Tensor.arange(0, 10, step: 2)
  _ = Tensor.linspace(0, 1, count: 5)
  _ = Tensor.identity(3)
  _ = Tensor.eye(3)
  _ = Tensor.rand([2, 3])
  _ = Tensor.rand(2, 3)
  _ = Tensor.randn([2, 3])
  _ = Tensor.randn(2, 3)
  _ = Tensor.uniform([2, 3], in: -1..<1)
  _ = Tensor.normal([2, 3])
  _ = Tensor.normal([2, 3], mean: 1, deviation: 2)
  _ = Tensor.bernoulli(0.5, [8])
  _ = Tensor.randomIntegers([4], in: 0..<10)
  let x = Tensor.ones([2, 3])
  _ = Tensor.zeros(like: x)
  _ = Tensor.ones(like: x)
  _ = x.zerosLike()
  _ = x.onesLike()
  _ = Tensor.meshgrid([.arange(2), .arange(3)])
  seedRandomNumbers(1)
}
