import Foundation
import TensorCodegenC
import TensorData
import TensorIR
import TensorRuntime

/// How long each call of a kernel took in a run.
public struct Profile: Sendable {
  /// One call of a kernel in the program.
  public struct Row: Sendable {
    public var kernel: String
    /// The place in the user's model.
    public var node: String
    /// The median over the runs, of all trips together where the call is in a loop; the wait at the barrier after it
    /// included. In microseconds.
    public var microseconds: Double
    /// What the first thread waited at that barrier, of ``microseconds``.
    public var waiting: Double
    /// Of the operands and results, each counted once; nil where a size is not known before the run.
    public var bytes: Int?
    /// Multiply-adds, or elements for kernels without.
    public var work: Int?
  }

  /// What one thread did in the last run.
  public struct Event: Sendable {
    public var row: Int
    public var isBarrier: Bool
    public var thread: Int
    /// From the beginning of the run, in microseconds.
    public var begin: Double
    public var end: Double
  }

  public var rows: [Row]
  public var events: [Event]
  public var runs: Int
  /// The median time of a whole run of the profiled library, in microseconds.
  public var total: Double

  /// Compiles a function with clocks between its kernels and runs it.
  ///
  /// - Parameter inputs: makes the inputs for the library, which is loaded first.
  public static func measure(
    _ model: LoadedModel, compiler: ModelCompiler, threads: Int?, runs: Int,
    inputs: (LibraryRunner) throws -> [DataInput]
  ) throws -> Profile {
    let target = try compiler.target()
    let program = try compiler.lower(model.function, for: target)
    compiler.progress?("C compiler")
    let place = try ScratchDirectory.temporary()
    defer { place.remove() }
    let url = place.url.appendingPathComponent("profiled.so")
    let marks = try LibraryCompiler(cache: compiler.cache).compileProfiled(
      program, to: url, target: target, prefix: "profiled", threads: compiler.options.threads)
    let runner = try LibraryRunner(path: url.path, of: model, threads: threads)
    let tensors = try inputs(runner)
    try runner.setInputs(tensors)
    let clock = try ProfileClock(library: url.path)
    var profile = Profile(program, marks, sizes: model.sizes(of: tensors))
    for _ in 0..<max(3, runs / 10) { try runner.context.run() }
    _ = clock.take(threads: runner.context.threads)
    var times: [[Double]] = []
    for _ in 0..<runs {
      let begin = ContinuousClock.now
      try runner.context.run()
      times.append([(ContinuousClock.now - begin) / .microseconds(1)])
      let events = clock.take(threads: runner.context.threads)
      times[times.count - 1] += profile.add(events, marks)
    }
    profile.finish(times)
    return profile
  }

  // MARK: Making

  private init(_ program: LoweredProgram, _ marks: [ProfileMark], sizes: [String: Int]) {
    (events, runs, total) = ([], 0, 0)
    let kernels = marks.compactMap(\.kernel)
    let calls = program.calls
    // The steps are printed in order, so call and mark go together.
    rows = kernels.enumerated().map { number, kernel in
      guard number < calls.count, kernels.count == calls.count else {
        return Row(kernel: kernel, node: "", microseconds: 0, waiting: 0)
      }
      let call = calls[number]
      let buffers = Set(call.buffers).map { Profile.bytes(of: $0, program).evaluate { sizes[$0] } }
      let bytes = buffers.contains(nil) ? nil : buffers.compactMap { $0 }.reduce(0, +)
      let node = call.location == .unknown ? "" : call.location.shown
      return Row(
        kernel: kernel, node: node, microseconds: 0, waiting: 0, bytes: bytes, work: call.work.evaluate { sizes[$0] })
    }
  }

  static func bytes(of buffer: BufferReference, _ program: LoweredProgram) -> TensorIR.Dimension {
    switch buffer {
    case .input(let number): program.inputs[number].type.byteCount
    case .output(let number): program.outputs[number].type.byteCount
    case .constant(let number): Dimension(program.constants[number].bytes.count)
    case .temporary(let number): program.temporaries[number].bytes
    }
  }

  /// Keeps the events of a run, and gives for each row its time and its wait, one after the other.
  private mutating func add(_ noted: [ProfileClock.Event], _ marks: [ProfileMark]) -> [Double] {
    var rowOfMark: [Int] = []
    for mark in marks { rowOfMark.append((rowOfMark.last ?? -1) + (mark.kernel == nil ? 0 : 1)) }
    let start = noted.map(\.begin).min() ?? 0
    var sums = [Double](repeating: 0, count: rows.count * 2)
    events = noted.map { event in
      let mark = Int(event.mark)
      let row = max(rowOfMark[mark], 0)
      let isBarrier = marks[mark].kernel == nil
      if event.thread == 0, row < rows.count {
        sums[2 * row] += event.end - event.begin
        if isBarrier { sums[2 * row + 1] += event.end - event.begin }
      }
      return Event(
        row: row, isBarrier: isBarrier, thread: Int(event.thread), begin: event.begin - start, end: event.end - start)
    }
    return sums
  }

  private mutating func finish(_ times: [[Double]]) {
    runs = times.count
    func median(_ column: Int) -> Double { times.map { $0[column] }.sorted()[times.count / 2] }
    guard !times.isEmpty else { return }
    total = median(0)
    for row in rows.indices {
      rows[row].microseconds = median(1 + 2 * row)
      rows[row].waiting = median(2 + 2 * row)
    }
  }
}

extension Location {
  /// As messages have it, without the word before the place.
  var shown: String {
    let text = description
    return text.hasPrefix("at ") ? String(text.dropFirst(3)) : text
  }
}

extension LoadedModel {
  /// The sizes that tensors give to the symbols of the inputs.
  public func sizes(of tensors: [DataInput]) -> [String: Int] {
    var sizes: [String: Int] = [:]
    for (id, place) in zip(function.body.parameters, parameterPlaces) {
      guard let tensor = tensors.first(where: { $0.number == place })?.tensor else { continue }
      for (dimension, size) in zip(function[id].type.shape, tensor.shape) {
        if let symbol = dimension.symbolName { sizes[symbol] = size }
      }
    }
    return sizes
  }
}

/// What a profiled library noted.
private struct ProfileClock {
  struct Event {
    var mark: Int32
    var thread: Int32
    var begin: Double
    var end: Double
  }

  private typealias Take = @convention(c) (Int32, UnsafeMutablePointer<UnsafeRawPointer?>) -> Int64
  private let function: Take

  init(library: String) throws {
    guard let handle = dlopen(library, RTLD_NOW), let symbol = dlsym(handle, "tensorc_profile_take") else {
      throw Diagnostic("internal", "the profiled library has no clock")
    }
    function = unsafeBitCast(symbol, to: Take.self)
  }

  /// The events since the last time, of at most so many threads.
  func take(threads: Int) -> [Event] {
    (0..<Int32(min(max(threads, 1), 64))).flatMap { thread -> [Event] in
      var start: UnsafeRawPointer?
      let count = function(thread, &start)
      let events = start?.assumingMemoryBound(to: Event.self)
      return Array(UnsafeBufferPointer(start: events, count: Int(count)))
    }
  }
}
