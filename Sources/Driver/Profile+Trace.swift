import Foundation

extension Profile {
  /// The last run in the format of Chrome's tracing, which Perfetto shows: an event for each call of a kernel and each
  /// wait at a barrier, a track for each thread.
  public func trace(of model: String) throws -> Data {
    var list: [Entry] = [Entry(name: "process_name", ph: "M", pid: 1, tid: 0, args: ["name": .text(model)])]
    for thread in Set(events.map(\.thread)).sorted() {
      list.append(Entry(name: "thread_name", ph: "M", pid: 1, tid: thread, args: ["name": .text("thread \(thread)")]))
    }
    for event in events where event.row < rows.count {
      let row = rows[event.row]
      var arguments: [String: Entry.Argument] = [:]
      if !event.isBarrier {
        if !row.node.isEmpty { arguments["node"] = .text(row.node) }
        arguments["bytes"] = row.bytes.map { .number($0) }
        arguments["work"] = row.work.map { .number($0) }
      }
      list.append(
        Entry(
          name: event.isBarrier ? "wait" : row.kernel, ph: "X", pid: 1, tid: event.thread,
          cat: event.isBarrier ? "barrier" : "kernel", ts: event.begin, dur: event.end - event.begin, args: arguments))
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(["traceEvents": list])
  }

  /// The names of the fields are those of the format.
  private struct Entry: Encodable {
    enum Argument: Encodable {
      case text(String)
      case number(Int)

      func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .text(let text): try container.encode(text)
        case .number(let number): try container.encode(number)
        }
      }
    }

    var name: String
    var ph: String
    var pid: Int
    var tid: Int
    var cat: String?
    var ts: Double?
    var dur: Double?
    var args: [String: Argument]
  }
}
