import AllocationCounter
import TensorRuntime
import Testing

@Suite struct RunTests {
  @Test func arraysGoInAndOutByPositionAndByName() throws {
    let model = try FixtureLibrary.load("affine")
    let x = try HostArray([1, 2, 3] as [Float])
    #expect(try model.run([x])[0].elements() == [3, 5, 7] as [Float])
    let named = try model.run(["x": x], threads: 1)
    #expect(try named["y"]?.elements() == [3, 5, 7] as [Float])
  }

  @Test func oneModelTakesEverySize() throws {
    let context = try FixtureLibrary.load("affine").makeContext()
    for count in [3, 0, 1, 1000, 2] {
      let y = try context.run([HostArray([Float](repeating: 1, count: count))])[0]
      #expect(y.shape == [count])
      #expect(try y.elements() == [Float](repeating: 3, count: count))
    }
  }

  @Test func memoryOfTheApplicationIsUsedInPlaceAtAnyAlignment() throws {
    let context = try FixtureLibrary.load("affine").makeContext()
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 33, alignment: 16)
    defer { memory.deallocate() }
    let source = UnsafeMutableRawBufferPointer(rebasing: memory[1..<9])
    let target = UnsafeMutableRawBufferPointer(rebasing: memory[17..<25])
    source.storeBytes(of: 4, as: Float.self)
    source.storeBytes(of: 5, toByteOffset: 4, as: Float.self)
    try context.setInput("x", HostArray(borrowing: UnsafeRawBufferPointer(source), shape: [2], .f32))
    try context.setOutput("y", memory: target)
    try context.run()
    #expect(target.loadUnaligned(as: Float.self) == 9)
    #expect(try context.output("y").elements() == [9, 11] as [Float])
    source.storeBytes(of: 0, as: Float.self)
    try context.run()
    #expect(target.loadUnaligned(as: Float.self) == 1)
  }

  @Test func aHeldOutputKeepsItsElements() throws {
    let context = try FixtureLibrary.load("affine").makeContext()
    let first = try context.run([HostArray([1] as [Float])])[0]
    let second = try context.run([HostArray([2] as [Float])])[0]
    #expect(try first.scalar() as Float == 3)
    #expect(try second.scalar() as Float == 5)
  }

  @Test(arguments: [[], ["-DFIXTURE_FLAGS=TENSORC_STRIDED"]])
  func viewsAreInputs(flags: [String]) throws {
    let context = try FixtureLibrary.load("affine", flags).makeContext()
    // Every second element, then the upper half of a vector.
    let column = try HostArray([1, 2, 3, 4, 5, 6] as [Float], shape: [3, 2]).selecting(1, ofDimension: 1)
    #expect(column.strides == [2])
    #expect(try context.run([column])[0].elements() == [5, 9, 13] as [Float])
    let upper = try HostArray([1, 2, 3, 4] as [Float]).rows(2..<4)
    #expect(try context.run([upper])[0].elements() == [7, 9] as [Float])
  }

  @Test func aSecondRunAllocatesNothing() throws {
    let context = try FixtureLibrary.load("affine").makeContext()
    let shape = [64]
    for _ in 0..<2 {
      try context.writeInput("x", shape: shape, of: Float.self) { $0.update(repeating: 1) }
      try context.run()
    }
    let before = allocation_count()
    try context.run()
    #expect(allocation_count() == before)
    #expect(before != 0)
    #expect(try context.output("y").elements() == [Float](repeating: 3, count: 64))
  }

  @Test func anOutputOfUnknownSizeGrows() throws {
    let context = try FixtureLibrary.load("choose").makeContext()
    #expect(try context.run([HostArray([1, -2, 3] as [Int32])])[0].elements() == [1, 3] as [Int32])
    let many = [Int32](1...500)
    #expect(try context.run([HostArray(many)])[0].elements() == many)
    #expect(try context.run([HostArray([-1] as [Int32])])[0].shape == [0])
  }

  @Test func aBufferThatIsTooSmallTellsTheSizeNeeded() throws {
    let context = try FixtureLibrary.load("affine").makeContext()
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 8, alignment: 16)
    defer { memory.deallocate() }
    try context.setInput("x", HostArray([1, 2, 3] as [Float]))
    try context.setOutput("y", memory: memory)
    do {
      try context.run()
      Issue.record("no error was thrown")
    } catch {
      #expect(error.id == "buffer-too-small" && error.neededBytes == 12)
    }
    try context.setOutput("y", memory: nil)
    try context.run()
    #expect(try context.output(0).elements() == [3, 5, 7] as [Float])
  }

  @Test func oneModelServesConcurrentCallers() async throws {
    let model = try FixtureLibrary.load("affine")
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for caller in 1...4 {
        group.addTask {
          let context = model.makeContext(threads: 1)
          let x = try HostArray([Float](repeating: Float(caller), count: 100 * caller))
          let expected = [Float](repeating: Float(2 * caller + 1), count: 100 * caller)
          for _ in 0..<200 where try context.run([x])[0].elements() != expected { return false }
          return true
        }
      }
      for try await isRight in group { #expect(isRight) }
    }
  }
}
