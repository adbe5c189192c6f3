import TensorRuntime
import Testing

@Suite struct DonationTests {
  @Test func aLoopUpdatesDonatedWeightsInPlace() throws {
    let context = try FixtureLibrary.load("step").makeContext()
    try context.setInput("w", donating: HostArray([8, 16] as [Float]), to: "w_next")
    try context.setInput("g", HostArray([2, 4] as [Float]))
    var addresses: Set<UnsafeRawPointer> = []
    for _ in 0..<3 {
      try context.run()
      try context.output("w_next").withUnsafeBytes { if let base = $0.baseAddress { addresses.insert(base) } }
    }
    #expect(addresses.count == 1)
    #expect(try context.output("w_next").elements() == [5, 10] as [Float])
    #expect(try context.output("loss").scalar() as Float == 6)
  }

  @Test func sharedMemoryIsNotOverwritten() throws {
    let context = try FixtureLibrary.load("step").makeContext()
    let w = try HostArray([8, 16] as [Float])
    try context.setInput("w", donating: w, to: "w_next")
    try context.setInput("g", HostArray([2, 4] as [Float]))
    try context.run()
    let first = try context.output("w_next")
    try context.run()
    #expect(try w.elements() == [8, 16] as [Float])
    #expect(try first.elements() == [7, 14] as [Float])
    #expect(try context.output("w_next").elements() == [6, 12] as [Float])
  }

  @Test func writableMemoryOfTheApplicationMayBeDonated() throws {
    let context = try FixtureLibrary.load("step").makeContext()
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 8, alignment: 16)
    defer { memory.deallocate() }
    memory.storeBytes(of: 8, as: Float.self)
    memory.storeBytes(of: 16, toByteOffset: 4, as: Float.self)
    try context.setInput("w", donating: HostArray(borrowing: memory, shape: [2], .f32), to: "w_next")
    try context.setInput("g", HostArray([2, 4] as [Float]))
    try context.run()
    #expect(memory.load(as: Float.self) == 7)
    #expect(memory.load(fromByteOffset: 4, as: Float.self) == 14)
  }

  @Test func constantMemoryIsNotWritten() throws {
    let context = try FixtureLibrary.load("step").makeContext()
    let elements: [Float] = [8, 16]
    try elements.withUnsafeBytes { bytes in
      try context.setInput("w", donating: HostArray(borrowing: bytes, shape: [2], .f32), to: "w_next")
      try context.setInput("g", HostArray([2, 4] as [Float]))
      try context.run()
    }
    #expect(elements == [8, 16])
    try context.run()
    #expect(try context.output("w_next").elements() == [6, 12] as [Float])
  }

  @Test func replacingADonatedInputKeepsTheResult() throws {
    let context = try FixtureLibrary.load("step").makeContext()
    try context.setInput("w", donating: HostArray([8, 16] as [Float]), to: "w_next")
    try context.setInput("g", HostArray([2, 4] as [Float]))
    try context.run()
    try context.setInput("w", HostArray([0, 0] as [Float]))
    #expect(try context.output("w_next").elements() == [7, 14] as [Float])
    try context.run()
    #expect(try context.output("w_next").elements() == [-1, -2] as [Float])
  }

  @Test func aFailedRunLosesWhatItOverwrote() throws {
    let context = try FixtureLibrary.load("step").makeContext()
    try context.setInput("w", donating: HostArray([8, 16] as [Float]), to: "w_next")
    try context.setInput("g", HostArray([2, .nan] as [Float]))
    expectError("guard-failed", "NaN") { try context.run() }
    expectError("no-results") { _ = try context.output("w_next") }
    expectError("missing-input", "'w'") { try context.run() }
  }

  @Test func onlyDescribedPairsMayBeDonated() throws {
    let context = try FixtureLibrary.load("step").makeContext()
    expectError("donation", "'g'", "'w' to 'w_next'") {
      try context.setInput("g", donating: HostArray([1, 2] as [Float]), to: "w_next")
    }
  }
}
