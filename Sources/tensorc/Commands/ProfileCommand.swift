import ArgumentParser
import Foundation
import TensorData
import TensorDriver

/// `tensorc profile`
struct ProfileCommand: ParsableCommand, Exemplified {
  static let example = "tensorc profile model.onnx --data test_data_set_0 --trace profile.json"

  static let configuration = CommandConfiguration(
    commandName: "profile", abstract: "Show where a model spends its time, kernel by kernel.",
    discussion: """
      The model is compiled with clocks between its kernels. A row is a call of a kernel: the median of its times with \
      the wait at the barrier after it, its share, that wait, bytes of operands and results and what comes of them a \
      second, work (multiply-adds, or elements), and the node of the model that it stands for. Without --data inputs are \
      made, as by bench.
      """)

  @OptionGroup var session: SessionOptions

  @Option(help: ArgumentHelp("The directory with the inputs; without it they are made.", valueName: "dir"))
  var data: String?

  @Option(help: "How many runs to measure.")
  var runs = 100

  @Option(help: ArgumentHelp("Write the last run for chrome://tracing or ui.perfetto.dev.", valueName: "file"))
  var trace: String?

  @Flag(help: "Sum up by node of the model instead of showing each call.")
  var nodes = false

  func validate() throws {
    if runs < 1 { throw ValidationError("--runs takes a number of at least 1") }
    if session.isLibrary { throw ValidationError("profile takes a model: a library has no clocks in it") }
  }

  func run() throws {
    let console = session.console
    let given = try data.flatMap { try DataFiles.directories($0).first }.map(DataInput.read)
    if session.isStatic, given == nil {
      throw UsageError("static-data", "--static takes the shapes of data, and there is none: use --dim NAME=N instead")
    }
    let loaded = try given.map { try session.load(for: $0) } ?? session.model.load(session.subject)
    var compiler = ModelCompiler(session.code.options) { console.progress($0) }
    try session.configure(&compiler, for: loaded, inputs: given)
    let profile = try about(session.subject) {
      try Profile.measure(loaded, compiler: compiler, threads: session.threads, runs: runs) { runner in
        console.endProgress()
        if let given { return given }
        let made = try MadeInputs.make(for: runner)
        let names = made.map { "\(runner.name(of: $0)) \($0.tensor.typeText)" }
        console.note("note: without data, inputs are made: \(names.isEmpty ? "none" : names.joined(separator: ", "))")
        return made
      }
    }
    console.result(ProfileTable(profile, byNode: nodes).text)
    guard let trace else { return }
    try OutputPlace.write(try profile.trace(of: session.subject), to: trace)
    if !session.consoleOptions.quiet { console.result("wrote \(trace)  (open it at ui.perfetto.dev)") }
  }
}

/// A profile for people: the longest first.
struct ProfileTable {
  private let profile: Profile
  private let rows: [Profile.Row]

  init(_ profile: Profile, byNode: Bool) {
    self.profile = profile
    rows = (byNode ? ProfileTable.summed(profile.rows) : profile.rows).sorted { $0.microseconds > $1.microseconds }
  }

  private static func summed(_ rows: [Profile.Row]) -> [Profile.Row] {
    var found: [Profile.Row] = []
    for row in rows {
      guard let index = found.firstIndex(where: { $0.node == row.node }) else {
        found.append(row)
        continue
      }
      found[index].kernel = "\(found[index].kernel), …"
      found[index].microseconds += row.microseconds
      found[index].waiting += row.waiting
      found[index].bytes = found[index].bytes.flatMap { a in row.bytes.map { a + $0 } }
      found[index].work = found[index].work.flatMap { a in row.work.map { a + $0 } }
    }
    return found
  }

  var text: String {
    let all = rows.reduce(0) { $0 + $1.microseconds }
    var lines = [["time", "share", "waiting", "bytes", "GB/s", "work", "G/s", "kernel", "node"]]
    for row in rows {
      let (bytes, work) = (row.bytes.map(Double.init), row.work.map(Double.init))
      let seconds = row.microseconds * 1e-6
      func rate(_ amount: Double?) -> String {
        amount.map { seconds > 0 ? Readable.fixed($0 / seconds * 1e-9, 1) : "" } ?? ""
      }
      lines.append([
        "\(Readable.fixed(row.microseconds, 1)) us", "\(Readable.fixed(100 * row.microseconds / max(all, 1e-9), 1)) %",
        Readable.fixed(row.waiting, 1), row.bytes.map(Readable.bytes) ?? "", rate(bytes),
        row.work.map(Readable.count) ?? "", rate(work), row.kernel, row.node,
      ])
    }
    lines.append([
      "\(Readable.fixed(all, 1)) us", "", "", "", "", "", "",
      "\(rows.count) rows; a run takes \(Readable.fixed(profile.total, 1)) us, the median of \(profile.runs)",
    ])
    return ProfileTable.aligned(lines)
  }

  /// Numbers to the right, names to the left.
  private static func aligned(_ rows: [[String]]) -> String {
    let widths = (0..<7).map { column in rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0 }
    let padded = rows.map { row in
      row.enumerated().map { column, cell in
        column < 7 ? String(repeating: " ", count: widths[column] - cell.count) + cell : cell
      }
    }
    return Readable.table(padded, indent: "").split(separator: "\n").map { line in
      String(line.reversed().drop { $0 == " " }.reversed())
    }.joined(separator: "\n")
  }
}
