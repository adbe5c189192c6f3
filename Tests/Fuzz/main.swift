// Compiles random programs and compares them with the reference evaluator: fuzz FIRST COUNT [BATCH] [gradients] [control].
// With `gradients` each has the gradient of all that it computes; with `control` they have branches, loops and sizes found
// while running. With `sanitize` they are compiled for AddressSanitizer, whose library is to be loaded before: LD_PRELOAD.
// With `interpret` no C is made: their kernels are interpreted, with every access looked at.
// Prints progress, and each program that is wrong as a small .tir. Exits with 1 if there is one.

import Foundation
import RandomPrograms
import TensorIR

let numbers = CommandLine.arguments.dropFirst().compactMap { UInt64($0) }
guard numbers.count >= 2 else {
  FileHandle.standardError.write(
    Data("usage: fuzz FIRST-SEED COUNT [BATCH] [gradients] [control] [sanitize | interpret]\n".utf8))
  exit(2)
}
let (first, count, batch) = (numbers[0], numbers[1], numbers.count > 2 ? numbers[2] : 8)
let differentiated = CommandLine.arguments.contains("gradients")
let isSanitized = CommandLine.arguments.contains("sanitize")
let isInterpreted = CommandLine.arguments.contains("interpret")
let isControl = CommandLine.arguments.contains("control")
let start = Date()
var (done, wrong, operations, gradients) = (0, 0, 0, 0)
for low in stride(from: first, to: first + count, by: Int(batch)) {
  var programs: [RandomProgram] = []
  for seed in low..<min(low + batch, first + count) {
    do {
      programs.append(
        try isControl
          ? ControlGenerator.program(seed: seed, differentiated: differentiated)
          : ProgramGenerator.program(seed: seed, differentiated: differentiated))
    } catch { print("seed \(seed): \(error)") }
  }
  for program in programs {
    program.function.forEachOperation { _ in operations += 1 }
    gradients += program.gradients > 0 ? 1 : 0
  }
  // Programs with control flow are of many kernels; the C compiler optimises those of every fifth batch.
  let isOptimised = !isControl || (low - first) / batch % 5 == 0
  let flags = isSanitized ? ["-O1", "-g1", "-fsanitize=address"] : isOptimised ? [] : ["-O0"]
  let faults =
    isInterpreted
    ? programs.compactMap { ProgramInterpretation($0, target: $0.seed % 4 == 0 ? .generic : .x86v4).fault() }
    : ProgramBatch(programs, flags: flags).faults()
  for fault in faults {
    wrong += 1
    if isInterpreted {
      print("\(fault)\n\(fault.program.function.text())")
      continue
    }
    let small = fault.shrunk()
    print("seed \(fault.program.seed): \(small.text)\n\(small.program.function.text())")
    for (number, input) in small.program.inputs.enumerated() where input.count <= 64 {
      print("  input \(number): \(input.shape) \(input.elementType.isFloat ? "\(input.floats)" : "\(input.integers)")")
    }
  }
  done += programs.count
  if (low - first) / batch % 25 == 24 || low + batch >= first + count {
    let minutes = Date().timeIntervalSince(start) / 60
    print(
      String(
        format: "%d programs, %d with a gradient, %d operations, %d wrong, %.1f minutes", done, gradients, operations,
        wrong, minutes))
  }
  fflush(nil)
}
exit(wrong == 0 ? 0 : 1)
