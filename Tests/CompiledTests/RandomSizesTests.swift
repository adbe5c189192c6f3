import Foundation
import RandomPrograms
import TensorIR
import TensorOps
import Testing

@testable import TensorPasses

/// Random programs with `if`, `loop` and sizes that the run finds under AddressSanitizer, in buffers that are exactly as large
/// as they must be. TENSORC_SANITIZED_PROGRAMS says how many more than a few.
@Suite struct RandomSizesTests {
  private static let programs =
    ProcessInfo.processInfo.environment["TENSORC_SANITIZED_PROGRAMS"].flatMap { UInt64($0) } ?? 16
  private static let batch: UInt64 = 8

  @Test(arguments: 0..<(programs / batch)) func staysWithinItsMemory(_ number: UInt64) throws {
    let seeds = 3000 + number * Self.batch..<3000 + (number + 1) * Self.batch
    let programs = try seeds.map {
      try ProgramGenerator.program(seed: $0, differentiated: $0 % 2 == 0, hasControl: true)
    }
    let batch = ProgramBatch(programs, hasOwnSymbols: true)
    let function = try batch.merged()
    let inputs = programs.flatMap(\.inputs)
    let program = try SanitizedProgram { try Pipeline.compile(function, PipelineOptions(target: $0)) }
    let call = SanitizedProgram.Call(changed: [], outputs: function.body.results.indices)
    // With 1, 2 and 3 threads.
    for outcome in try program.run(inputs, [call, call, call], results: function.resultTypes) {
      guard case .results(let found) = outcome else {
        Issue.record("seeds \(seeds): \(outcome)")
        continue
      }
      for fault in batch.faults(found) { Issue.record("\(fault)") }
    }
  }
}
