// Damages texts of functions and takes each through all that the command does with a `.tir` file:
//
//     text-fuzz FIRST COUNT [FOLDER]     in child processes; what crashes, hangs or says that the compiler is at fault
//     text-fuzz show SEED [FOLDER]       the text of a seed
//     text-fuzz sanitize FOLDER [EVERY]  compiles what was lowered and calls it under AddressSanitizer
//
// The folder, .build/text-fuzz unless it is given, keeps the corpus, the journal and the C of what was lowered.

import Foundation
import TensorPasses
import TextFuzz

#if canImport(Glibc)
  import Glibc
#endif

let arguments = Array(CommandLine.arguments.dropFirst())

func fail(_ message: String) -> Never {
  FileHandle.standardError.write(Data((message + "\n").utf8))
  exit(2)
}

/// What stands in the journal stands there before the next text is tried.
func tell(_ line: String) {
  print(line)
  fflush(nil)
}

func corpus(_ folder: String) throws -> TextCorpus {
  let path = folder + "/corpus.json"
  if !FileManager.default.fileExists(atPath: path) {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try TextCorpus.made(goldens: "Tests/Golden").save(to: path)
  }
  return try TextCorpus.load(path)
}

/// Tries texts one after the other, each told in the journal before it is tried.
func child(_ first: UInt64, _ end: UInt64, _ folder: String) throws {
  let corpus = try corpus(folder)
  // 2 GiB of memory; 10 seconds of the processor for each text.
  var memory = rlimit(rlim_cur: 2 << 30, rlim_max: 2 << 30)
  setrlimit(__rlimit_resource_t(RLIMIT_DATA.rawValue), &memory)
  for seed in first..<end {
    var timer = itimerval(it_interval: timeval(), it_value: timeval(tv_sec: 10, tv_usec: 0))
    setitimer(__itimer_which_t(ITIMER_PROF.rawValue), &timer, nil)
    tell("begin \(seed)")
    let entry = corpus.text(seed: seed)
    let attempt = TextAttempt(entry.text, from: entry.next, number: seed)
    switch attempt.outcome {
    case .refused(let id): tell("refused \(id)")
    case .compiled: tell("compiled")
    case .fault(let text): tell("fault \(seed): \(text.replacingOccurrences(of: "\n", with: " | ").prefix(600))")
    }
    for (function, program, files) in attempt.programs {
      guard let calls = SanitizedCalls(function, program, prefix: files.prefix).text else { continue }
      try files.write(to: URL(fileURLWithPath: folder))
      try calls.write(toFile: "\(folder)/\(files.prefix).calls", atomically: false, encoding: .utf8)
    }
  }
}

func parent(_ first: UInt64, _ count: UInt64, _ folder: String) throws {
  _ = try corpus(folder)
  var (next, crashes, counts) = (first, 0, [String: Int]())
  var faults: [String] = []
  while next < first + count {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: CommandLine.arguments[0])
    process.arguments = ["child", "\(next)", "\(first + count)", folder]
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle(forWritingAtPath: "/dev/null")
    try process.run()
    var last = next
    let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    for line in output.split(separator: "\n") {
      let words = line.split(separator: " ", maxSplits: 1)
      if words[0] == "begin" { last = UInt64(words[1]) ?? last; continue }
      counts[words[0] == "refused" ? String(line) : String(words[0]), default: 0] += 1
      if words[0] == "fault" { faults.append(String(line)); print(line) }
    }
    next = last + 1
    if process.terminationReason == .uncaughtSignal {
      crashes += 1
      print("crash \(last): signal \(process.terminationStatus)")
    } else if process.terminationStatus != 0 {
      print("the child for \(last) ended with \(process.terminationStatus)")
    }
  }
  print(
    counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.key) \($0.value)" }.joined(separator: ", "))
  print("\(count) texts from seed \(first): \(crashes) crashes, \(faults.count) faults")
  exit(crashes + faults.count == 0 ? 0 : 1)
}

func sanitize(_ folder: String, _ every: Int) throws {
  let abi = try String(contentsOfFile: "Sources/ABI/include/tensorc.h", encoding: .utf8)
  try abi.write(toFile: folder + "/tensorc_abi.h", atomically: true, encoding: .utf8)
  let all = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".calls") }.sorted()
  let names = all.enumerated().filter { $0.offset % every == 0 }.map { String($0.element.dropLast(6)) }
  guard let compiler = SanitizedCalls.compiler else { fail("no compiler here links AddressSanitizer") }
  var wrong = 0
  for start in stride(from: 0, to: names.count, by: 16) {
    let batch = Array(names[start..<min(start + 16, names.count)])
    guard SanitizedCalls.run(folder: folder, names: batch, compiler: compiler) != nil else { continue }
    for name in batch {
      guard let text = SanitizedCalls.run(folder: folder, names: [name], compiler: compiler) else { continue }
      wrong += 1
      print("\(name): \(text)")
    }
  }
  print("\(names.count) programs under AddressSanitizer, \(wrong) wrong")
  exit(wrong == 0 ? 0 : 1)
}

let standard = ".build/text-fuzz"
switch arguments.first {
case "child" where arguments.count == 4:
  try child(UInt64(arguments[1]) ?? 0, UInt64(arguments[2]) ?? 0, arguments[3])
case "show" where arguments.count > 1:
  let entry = try corpus(arguments.count > 2 ? arguments[2] : standard).text(seed: UInt64(arguments[1]) ?? 0)
  print("// next: \(entry.next.rawValue)\n\(entry.text)")
case "sanitize" where arguments.count > 1:
  try sanitize(arguments[1], arguments.count > 2 ? max(Int(arguments[2]) ?? 1, 1) : 1)
default:
  guard arguments.count > 1, let first = UInt64(arguments[0]), let count = UInt64(arguments[1]) else {
    fail("usage: text-fuzz FIRST COUNT [FOLDER] | show SEED [FOLDER] | sanitize FOLDER [EVERY]")
  }
  try parent(first, count, arguments.count > 2 ? arguments[2] : standard)
}
