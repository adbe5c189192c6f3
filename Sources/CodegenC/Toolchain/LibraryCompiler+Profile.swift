import Foundation
import TensorIR

/// What a mark of a profiled library follows.
public struct ProfileMark: Hashable, Sendable {
  /// The kernel's function without the library's prefix; nil for a barrier.
  public var kernel: String?
}

extension LibraryCompiler {
  /// Compiles a program to a shared library whose threads note when each call and barrier of the steps began and ended.
  /// `tensorc_profile_take` of the library gives and forgets what was noted: see ``ProfileInstruments``.
  ///
  /// - Returns: the marks, by number.
  /// - Throws: as ``compile(_:to:kind:target:prefix:threads:checks:)-swift.method``.
  public func compileProfiled(
    _ program: LoweredProgram, to url: URL, target: Target, prefix: String, threads: ThreadMode? = nil
  ) throws -> [ProfileMark] {
    let mode = threads ?? toolchain.threads
    var files = try ProgramPrinter(program, target: target, prefix: prefix, threads: mode).files()
    let (text, marks) = ProfileInstruments.instrumented(files.sources[0].text, prefix: files.prefix)
    files.sources[0].text = text
    let directory = try ScratchDirectory.temporary()
    defer { directory.remove() }
    try files.write(to: directory.url)
    let flags = compileFlags(target: target, kind: .shared, threads: mode)
    let arguments =
      flags + ["-shared"] + (mode == .openMP ? ["-fopenmp"] : []) + [files.sources[0].name, "-o", "profiled.so", "-lm"]
    try run(
      [Command(executable: toolchain.compiler, arguments: arguments, environment: ["LC_ALL": "C"])], in: directory)
    try AtomicFile.copy(directory.url.appendingPathComponent("profiled.so"), to: url)
    return marks
  }
}

/// Puts marks into the steps of emitted C.
enum ProfileInstruments {
  /// The text with a mark after each call, turn and barrier of the steps, and what each mark follows. Calls are told by how
  /// they begin and end on their lines, as the emitter prints them.
  static func instrumented(_ text: String, prefix: String) -> (text: String, marks: [ProfileMark]) {
    var lines = text.components(separatedBy: "\n")
    guard let start = lines.firstIndex(where: { $0.hasPrefix("static void \(prefix)_body(int thread") }),
      let end = lines[start...].firstIndex(of: "}")
    else { return (text, []) }
    var marks: [ProfileMark] = []
    // The mark that ends a call or barrier whose text has begun, and the margin of a turn that has.
    var ending: String?
    var turn: String?
    var first: Int?
    let mark = { (kernel: String?) -> String in
      marks.append(ProfileMark(kernel: kernel))
      return " profile_mark(thread, \(marks.count - 1));"
    }
    for number in (start + 1)..<end {
      let words = lines[number].drop { $0 == " " }
      let margin = String(lines[number].prefix { $0 == " " })
      // What follows the last part of a turn is waiting.
      if turn == margin, words == "}" { (turn, lines[number]) = (nil, lines[number] + mark(nil)) }
      if words.hasPrefix("for (int part = tc_begin(") { (turn, first) = (margin, first ?? number) }
      let isBarrier = words.hasPrefix("tc_barrier(")
      if ending == nil, isBarrier || words.hasPrefix("\(prefix)_k_") {
        let name = words.prefix { $0 != "(" }.dropFirst(prefix.count + 3)
        lines[number] = margin + "{ " + words
        (ending, first) = (mark(isBarrier ? nil : String(name)), first ?? number)
      }
      guard let text = ending, lines[number].hasSuffix(");") else { continue }
      lines[number] += text + " }"
      ending = nil
    }
    // The first mark begins where the declarations end.
    if let first { lines.insert("  profile_mark(thread, -1);", at: first) }
    lines.insert(clock, at: start)
    return (lines.joined(separator: "\n"), marks)
  }

  /// Times are in microseconds, on the machine's clock. What does not fit is not noted.
  private static let clock = """
    #include <time.h>
    typedef struct {
      int32_t mark, thread;
      double begin, end;
    } profile_event;
    enum { PROFILE_THREADS = 64, PROFILE_EVENTS = 1 << 14 };
    static profile_event profile_events[PROFILE_THREADS][PROFILE_EVENTS];
    static int64_t profile_counts[PROFILE_THREADS];
    static double profile_last[PROFILE_THREADS];
    static double profile_now(void) {
      struct timespec t;
      clock_gettime(CLOCK_MONOTONIC, &t);
      return (double)t.tv_sec * 1e6 + (double)t.tv_nsec * 1e-3;
    }
    static void profile_mark(int thread, int mark) {
      if (thread >= PROFILE_THREADS) return;
      const double now = profile_now();
      if (mark >= 0 && profile_counts[thread] < PROFILE_EVENTS)
        profile_events[thread][profile_counts[thread]++] = (profile_event){mark, thread, profile_last[thread], now};
      profile_last[thread] = profile_now();
    }
    __attribute__((visibility("default"))) int64_t tensorc_profile_take(int32_t thread, const profile_event **events) {
      const int64_t count = profile_counts[thread];
      *events = profile_events[thread];
      profile_counts[thread] = 0;
      return count;
    }

    """
}
