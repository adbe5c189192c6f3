import Foundation
import TensorIR
import TensorOps
import TestSupport

@testable import TensorCodegenC

/// A lowered program, compiled with AddressSanitizer into a program that calls it at many sizes.
final class SanitizedProgram {
  /// How a call ended.
  enum Outcome {
    case results([ReferenceTensor])
    case refused(id: String, node: String, text: String)
    /// The sanitizer, or a signal, stopped it.
    case stopped(String)
  }

  private let directory: ScratchDirectory
  private static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Fixtures")

  /// The first compiler that links AddressSanitizer, with and without OpenMP.
  static let compiler = Result {
    let directory = try ScratchDirectory.temporary()
    try Data("int main(void) { return 0; }\n".utf8).write(to: directory.url.appendingPathComponent("probe.c"))
    for toolchain in Toolchain.all() {
      let flags = ["-fsanitize=address"] + (toolchain.hasOpenMP ? ["-fopenmp"] : [])
      let command = Command(
        executable: toolchain.compiler, arguments: flags + ["probe.c", "-o", "probe"], directory: directory.url)
      let program = Command(
        executable: directory.url.appendingPathComponent("probe").path, arguments: [], directory: directory.url)
      if try command.run().succeeded, try program.run().succeeded { return (toolchain: toolchain, flags: flags) }
    }
    throw Diagnostic(
      "toolchain-missing", "no C compiler here links AddressSanitizer: install libclang-rt-14-dev or gcc")
  }

  /// - Parameter program: the program for a target, this machine.
  init(_ program: (Target) throws -> LoweredProgram) throws {
    let (toolchain, flags) = try Self.compiler.get()
    directory = try ScratchDirectory.temporary()
    let target = toolchain.native
    let printer = ProgramPrinter(
      try program(target), target: target, prefix: "sizes", threads: toolchain.threads, checks: true)
    let files = try printer.files(parts: 4)
    try files.write(to: directory.url)
    let driver = Self.fixtures.appendingPathComponent("sizes_driver.c").path
    // Samples are too small for several threads, which is what they are to be tried with.
    let common =
      flags + target.flags + [
        "-std=gnu11", "-O0", "-g1", "-w", "-fno-omit-frame-pointer", "-ffp-contract=off", "-DTC_SERIAL_WORK=0",
        "-DTC_PROCESSORS=4", "-I.",
      ]
    let sources = files.sources.map(\.name) + [driver]
    let objects = sources.indices.map { "\($0).o" }
    let commands = zip(sources, objects).map { source, object in
      Command(
        executable: toolchain.compiler, arguments: common + ["-c", source, "-o", object], directory: directory.url)
    }
    let link = Command(
      executable: toolchain.compiler, arguments: flags + objects + ["-lm", "-o", "driver"], directory: directory.url)
    for outcome in try Command.run(commands, atOnce: 2) + [try link.run()] where !outcome.succeeded {
      throw Diagnostic("c-compiler-failed", outcome.errors)
    }
  }

  /// One call: the inputs that differ from the plan's, and the outputs that are wanted.
  struct Call {
    var changed: [(input: Int, value: ReferenceTensor)]
    var outputs: Range<Int>
  }

  /// Runs all calls; where one is stopped, the others are run all the same.
  func run(_ inputs: [ReferenceTensor], _ calls: [Call], results types: [TensorType]) throws -> [Outcome] {
    var plan = Data()
    for input in inputs { plan.append(input) }
    plan.append(calls.count)
    for (number, call) in calls.enumerated() {
      plan.append(1 + number % 3)
      plan.append(call.changed.count)
      for (input, value) in call.changed {
        plan.append(input)
        plan.append(value)
      }
      plan.append(call.outputs.lowerBound)
      plan.append(call.outputs.count)
    }
    try plan.write(to: directory.url.appendingPathComponent("plan"))
    var outcomes: [Outcome] = []
    while outcomes.count < calls.count {
      let started = outcomes.count
      let results = directory.url.appendingPathComponent("results-\(outcomes.count)")
      let command = Command(
        executable: directory.url.appendingPathComponent("driver").path,
        arguments: ["plan", results.path, "\(outcomes.count)"], directory: directory.url,
        environment: ["ASAN_OPTIONS": "detect_leaks=0:abort_on_error=0", "OMP_NUM_THREADS": nil])
      let outcome = try command.run()
      var reader = ResultReader(try Data(contentsOf: results))
      while outcomes.count < calls.count, reader.hasMore, reader.number() == outcomes.count {
        guard let found = reader.outcome(calls[outcomes.count].outputs.map { types[$0] }) else { break }
        outcomes.append(found)
      }
      if outcomes.count == calls.count { break }
      guard outcomes.count > started || reader.position > 0 else { throw Diagnostic("driver", outcome.errors) }
      let lines = outcome.errors.split(separator: "\n")
      let report = lines.drop { !$0.contains("ERROR") }.prefix(4)
      outcomes.append(.stopped((report.isEmpty ? lines.prefix(3) : report).joined(separator: " | ")))
    }
    return outcomes
  }
}

/// Reads what the driver writes.
private struct ResultReader {
  private let data: Data
  private(set) var position = 0

  init(_ data: Data) { self.data = data }

  var hasMore: Bool { position < data.count }

  /// The next integer; -1 where the driver was stopped before it wrote one.
  mutating func number() -> Int {
    guard position + 8 <= data.count else { return -1 }
    defer { position += 8 }
    return data[position..<position + 8].withUnsafeBytes { $0.loadUnaligned(as: Int.self) }
  }

  private mutating func bytes(_ count: Int) -> Data {
    defer { position += count }
    return data[position..<min(position + count, data.count)]
  }

  private mutating func text() -> String { String(decoding: bytes(max(number(), 0)), as: UTF8.self) }

  /// How a call ended; nil where nothing is said of it.
  mutating func outcome(_ types: [TensorType]) -> SanitizedProgram.Outcome? {
    if position + 8 > data.count { return nil }
    if number() != 0 { return .refused(id: text(), node: text(), text: text()) }
    let tensors = types.compactMap { type -> ReferenceTensor? in
      let shape = type.shape.map { _ in number() }
      let count = (shape.reduce(1, *) * type.elementType.bitWidth + 7) / 8
      return TensorLiteral(type.elementType, shape: shape, bytes: Data(bytes(count))).map { ReferenceTensor($0) }
    }
    return .results(tensors)
  }
}

extension Data {
  fileprivate mutating func append(_ number: Int) { Swift.withUnsafeBytes(of: number) { append(contentsOf: $0) } }

  fileprivate mutating func append(_ tensor: ReferenceTensor) {
    for extent in tensor.shape { append(extent) }
    append(tensor.literal.bytes)
  }
}
