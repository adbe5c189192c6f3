import Foundation
import Testing

@testable import TensorTraining

/// The format; scripts/acceptance/trained.py reads the file of a whole run back in Python.
@Suite struct EventFileTests {
  /// The sum of nine digits is the check value of CRC-32C's definition; masked as TFRecord says.
  @Test func sumsAreCastagnolis() {
    let plain: UInt32 = 0xe306_9283
    #expect(EventFile.maskedSum(of: Array("123456789".utf8)) == ((plain >> 15) | (plain << 17)) &+ 0xa282_ead8)
  }

  @Test func recordsAreLengthsSumsAndMessages() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("events-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let file = try EventFile(in: folder, at: Date(timeIntervalSince1970: 1))
    try file.add([("loss/training", 0.5)], at: 300, time: Date(timeIntervalSince1970: 2))
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: file.path)))
    // 9 bytes of time and 15 of the version, between 12 bytes and 4.
    #expect(bytes.prefix(8) == [24, 0, 0, 0, 0, 0, 0, 0])
    let second = bytes.dropFirst(12 + 24 + 4)
    let message = second.dropFirst(12).dropLast(4)
    let time: [UInt8] = [0x09, 0, 0, 0, 0, 0, 0, 0, 0x40]
    let summary = [0x0a, 20, 0x0a, 13] + Array("loss/training".utf8) + [0x15, 0, 0, 0, 0x3f] as [UInt8]
    #expect(Array(message) == time + [0x10, 0xac, 0x02, 0x2a, 22] + summary)
  }

  @Test func aFolderThatCannotBeWrittenIsTold() {
    #expect(throws: TrainingError.self) { _ = try EventFile(in: "/proc/none/events") }
  }
}
