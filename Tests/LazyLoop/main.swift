import Foundation
import Tensors

// Evaluates lazy expressions of 20 shapes again and again and prints by how many bytes the program grew meanwhile, which
// nothing that is let go may do: lazy-loop [EVALUATIONS].

/// The bytes of the program that are in memory.
func residentBytes() throws -> Int {
  let fields = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
  return Int(fields[1])! * sysconf(Int32(_SC_PAGESIZE))
}

/// One expression, whose elements differ from round to round; they add up to what is known.
func evaluate(_ round: Int) throws {
  let (extent, factor) = (1 + round % 20, round % 7)
  let x = Tensor.ones([extent]) * Float(factor)
  let sum = try (x + 1).relu().sum(axis: 0).item()
  precondition(Int(sum) == extent * (factor + 1), "round \(round) gave \(sum)")
}

let count = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 100_000
// What is kept once, functions and memory for their calls, is there by then.
for round in 0..<20_000 { try evaluate(round) }
let (before, start) = (try residentBytes(), Date())
for round in 0..<count { try evaluate(round) }
let growth = try residentBytes() - before
print(
  "\(count) evaluations in \(Int(Date().timeIntervalSince(start) * 1000)) ms; grown by \(growth) bytes of \(before)")
exit(growth > 2 << 20 ? 1 : 0)
