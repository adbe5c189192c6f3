// Compiles random programs and compares them with the reference evaluator: fuzz FIRST COUNT [BATCH] [gradients].
// With `gradients` each has the gradient of all that it computes.
// Prints progress, and each program that is wrong as a small .tir. Exits with 1 if there is one.

import Foundation
import RandomPrograms
import TensorIR

let numbers = CommandLine.arguments.dropFirst().compactMap { UInt64($0) }
guard numbers.count >= 2 else {
  FileHandle.standardError.write(Data("usage: fuzz FIRST-SEED COUNT [BATCH] [gradients]\n".utf8))
  exit(2)
}
let (first, count, batch) = (numbers[0], numbers[1], numbers.count > 2 ? numbers[2] : 8)
let differentiated = CommandLine.arguments.contains("gradients")
let start = Date()
var (done, wrong, operations) = (0, 0, 0)
for low in stride(from: first, to: first + count, by: Int(batch)) {
  var programs: [RandomProgram] = []
  for seed in low..<min(low + batch, first + count) {
    do {
      programs.append(try ProgramGenerator.program(seed: seed, differentiated: differentiated))
    } catch { print("seed \(seed): \(error)") }
  }
  operations += programs.reduce(0) { $0 + $1.function.body.operations.count }
  for fault in ProgramBatch(programs).faults() {
    wrong += 1
    let small = fault.shrunk()
    print("seed \(fault.program.seed): \(small.text)\n\(small.program.function.text())")
    for (number, input) in small.program.inputs.enumerated() where input.count <= 64 {
      print("  input \(number): \(input.shape) \(input.elementType.isFloat ? "\(input.floats)" : "\(input.integers)")")
    }
  }
  done += programs.count
  if (low - first) / batch % 25 == 24 || low + batch >= first + count {
    let minutes = Date().timeIntervalSince(start) / 60
    print(String(format: "%d programs, %d operations, %d wrong, %.1f minutes", done, operations, wrong, minutes))
  }
  fflush(nil)
}
exit(wrong == 0 ? 0 : 1)
