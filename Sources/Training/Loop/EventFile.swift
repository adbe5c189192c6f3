import Foundation

/// A file of numbers over steps as TensorBoard reads it: records of protobuf messages, each with its length and two sums
/// that tell whether it is whole (TFRecord).
///
/// What is added is written at once, so that TensorBoard shows a run that is going on; of a run that is killed the last
/// record may be cut, which TensorBoard leaves out.
final class EventFile {
  private let handle: FileHandle
  let path: String

  /// Begins a file in a folder, which is made if need be.
  /// - Parameter step: where a run goes on that was interrupted; TensorBoard forgets what it was told of later steps.
  /// - Throws: `TrainingError` where the file cannot be written.
  init(in folder: String, continuingAt step: Int? = nil, at time: Date = Date()) throws {
    let process = ProcessInfo.processInfo
    // TensorBoard looks for this beginning; the rest keeps the files of one folder in order and apart.
    let moment = String(format: "%010d", Int(time.timeIntervalSince1970))
    let name = "events.out.tfevents.\(moment).\(process.hostName).\(process.processIdentifier).\(step ?? 0)"
    path = URL(fileURLWithPath: folder).appendingPathComponent(name).path
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try Data().write(to: URL(fileURLWithPath: path))
      handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    } catch { throw TrainingError("the event file '\(path)' cannot be written: \(error.localizedDescription)") }
    var version = EventMessage.time(time)
    version.add(3, text: "brain.Event:2")
    try write(version)
    if let step {
      var event = EventMessage.time(time)
      event.add(2, number: step)
      var session = EventMessage()
      session.add(1, number: 1)
      event.add(7, message: session)
      try write(event)
    }
  }

  deinit { try? handle.close() }

  /// Adds numbers of a step, each under a name; names with `/` in them are grouped by what stands before it.
  /// - Throws: `TrainingError` where the file cannot be written.
  func add(_ values: [(name: String, value: Double)], at step: Int, time: Date = Date()) throws {
    var summary = EventMessage()
    for (name, value) in values {
      var entry = EventMessage()
      entry.add(1, text: name)
      entry.add(2, float: Float(value))
      summary.add(1, message: entry)
    }
    var event = EventMessage.time(time)
    event.add(2, number: step)
    event.add(5, message: summary)
    try write(event)
  }

  private func write(_ message: EventMessage) throws {
    let length = EventFile.bytes(UInt64(message.bytes.count))
    let record =
      length + EventFile.bytes(EventFile.maskedSum(of: length)) + message.bytes
      + EventFile.bytes(EventFile.maskedSum(of: message.bytes))
    do { try handle.write(contentsOf: Data(record)) } catch {
      throw TrainingError("the event file '\(path)' cannot be written: \(error.localizedDescription)")
    }
  }

  private static func bytes<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
    withUnsafeBytes(of: number.littleEndian) { Array($0) }
  }

  /// CRC-32C, turned and shifted so that sums of sums do not cancel each other.
  static func maskedSum(of bytes: [UInt8]) -> UInt32 {
    let sum = ~bytes.reduce(~0 as UInt32) { table[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] ^ ($0 >> 8) }
    return ((sum >> 15) | (sum << 17)) &+ 0xa282_ead8
  }

  /// For each byte, what it does to a sum by Castagnoli's polynomial.
  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { sum, _ in sum & 1 == 1 ? (sum >> 1) ^ 0x82f6_3b78 : sum >> 1 }
  }
}

extension PassSummary {
  /// What a pass says beside the losses of its steps, by the names under which TensorBoard shows it.
  var events: [(name: String, value: Double)] {
    let losses = [("loss/pass", trainingLoss)] + (validationLoss.map { [("loss/validation", $0)] } ?? [])
    return losses + metrics.sorted { $0.key < $1.key }.map { ("metrics/\($0.key)", $0.value) }
  }
}

/// The bytes of a protobuf message, of the few kinds of fields that events have.
private struct EventMessage {
  private(set) var bytes: [UInt8] = []

  /// An event with its time.
  static func time(_ time: Date) -> EventMessage {
    var event = EventMessage()
    event.key(1, kind: 1)
    withUnsafeBytes(of: time.timeIntervalSince1970.bitPattern.littleEndian) { event.bytes += $0 }
    return event
  }

  mutating func add(_ field: UInt64, number: Int) {
    key(field, kind: 0)
    variable(UInt64(bitPattern: Int64(number)))
  }

  mutating func add(_ field: UInt64, float: Float) {
    key(field, kind: 5)
    withUnsafeBytes(of: float.bitPattern.littleEndian) { bytes += $0 }
  }

  mutating func add(_ field: UInt64, text: String) { add(field, bytes: Array(text.utf8)) }

  mutating func add(_ field: UInt64, message: EventMessage) { add(field, bytes: message.bytes) }

  private mutating func add(_ field: UInt64, bytes part: [UInt8]) {
    key(field, kind: 2)
    variable(UInt64(part.count))
    bytes += part
  }

  private mutating func key(_ field: UInt64, kind: UInt64) { variable(field << 3 | kind) }

  private mutating func variable(_ number: UInt64) {
    var rest = number
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}
