import Foundation

/// Reads and writes the zip files that NumPy makes: entries stored as they are or deflated.
enum ZipArchive {
  struct Entry {
    var name: String
    var bytes: Data
  }

  // MARK: Reading

  /// The entries in the order of the directory at the end of the file.
  static func decode(_ file: Data) throws -> [Entry] {
    let reader = ZipReader(bytes: file)
    return try reader.entries()
  }

  // MARK: Writing

  /// The parts of a file that holds entries as they are.
  static func parts(_ entries: [(name: String, bytes: [Data])]) throws -> [Data] {
    var parts: [Data] = []
    var directory = Data()
    var offset = 0
    for entry in entries {
      let size = entry.bytes.reduce(0) { $0 + $1.count }
      let name = Data(entry.name.utf8)
      guard size < 0xFFFF_FFFF, offset < 0xFFFF_FFFF, name.count <= 0xFFFF, entries.count < 0xFFFF else {
        throw TensorDataError(id: "zip-too-large", message: "an .npz of 4 GiB is not written; use .safetensors")
      }
      let checksum = entry.bytes.reduce(Checksum()) { $0.adding($1) }.value
      // Version 2.0, names in UTF-8, stored, 1 January 1980: the same bytes every time.
      let shared =
        little(20, 2) + little(0x800, 2) + little(0, 2) + little(0, 2) + little(0x21, 2)
        + little(Int(checksum), 4) + little(size, 4) + little(size, 4) + little(name.count, 2) + little(0, 2)
      parts.append(little(0x0403_4B50, 4) + shared + name)
      parts += entry.bytes
      directory += little(0x0201_4B50, 4) + little(20, 2) + shared + Data(count: 10) + little(offset, 4) + name
      offset += 30 + name.count + size
    }
    guard offset + directory.count < 0xFFFF_FFFF else {
      throw TensorDataError(id: "zip-too-large", message: "an .npz of 4 GiB is not written; use .safetensors")
    }
    let end =
      little(0x0605_4B50, 4) + Data(count: 4) + little(entries.count, 2) + little(entries.count, 2)
      + little(directory.count, 4) + little(offset, 4) + little(0, 2)
    return parts + [directory, end]
  }

  private static func little(_ value: Int, _ count: Int) -> Data {
    Data((0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) })
  }

  /// CRC-32, as zip and PNG use it.
  struct Checksum {
    private var state: UInt32 = 0xFFFF_FFFF
    var value: UInt32 { ~state }

    func adding(_ bytes: Data) -> Checksum {
      var copy = self
      copy.state = bytes.withUnsafeBytes { buffer in
        buffer.reduce(state) { $0 >> 8 ^ Checksum.table[Int(($0 ^ UInt32($1)) & 0xFF)] }
      }
      return copy
    }

    private static let table: [UInt32] = (0..<256).map { index in
      (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
    }
  }
}

/// The directory of a zip file and what it points at. Nothing in it is trusted.
private struct ZipReader {
  let bytes: Data

  private struct Record {
    var name: String
    var flags: Int
    var method: Int
    var checksum: Int
    var packed: Int
    var size: Int
    var offset: Int
  }

  func entries() throws -> [ZipArchive.Entry] {
    let (count, start) = try directory()
    var place = start
    var names: Set<String> = []
    let records = try (0..<count).map { _ in
      let record = try record(&place)
      guard names.insert(record.name).inserted else { throw malformed("'\(record.name)' is in it twice") }
      return record
    }
    try refuseOverlaps(records, start..<place)
    return try records.map { ZipArchive.Entry(name: $0.name, bytes: try contents($0)) }
  }

  /// Each byte belongs to one entry or to the directory. Files in which entries share bytes grow without end when they are
  /// unpacked, and no program writes them.
  private func refuseOverlaps(_ records: [Record], _ directory: Range<Int>) throws {
    let parts = try records.map { (name: "'\($0.name)'", range: $0.offset..<(try packedRange($0).upperBound)) }
    let sorted = (parts + [("the directory", directory)]).sorted { $0.range.lowerBound < $1.range.lowerBound }
    for (one, next) in zip(sorted, sorted.dropFirst()) where next.range.lowerBound < one.range.upperBound {
      throw malformed("\(one.name) and \(next.name) overlap")
    }
  }

  /// Where the bytes of an entry are, behind a record of their own.
  private func packedRange(_ record: Record) throws -> Range<Int> {
    guard try number(record.offset, 4) == 0x0403_4B50 else {
      throw malformed("'\(record.name)' is not where it should be")
    }
    let start = record.offset + 30 + (try number(record.offset + 26, 2)) + (try number(record.offset + 28, 2))
    guard start <= bytes.count, record.packed <= bytes.count - start else { throw malformed("it ends too early") }
    return start..<start + record.packed
  }

  private func malformed(_ why: String) -> TensorDataError {
    TensorDataError(id: "zip-malformed", message: "this is not a whole zip file: \(why)")
  }

  /// A number of 2, 4 or 8 bytes, the lowest first.
  private func number(_ place: Int, _ count: Int) throws -> Int {
    guard place >= 0, place <= bytes.count - count else { throw malformed("it ends too early") }
    let start = bytes.startIndex + place
    let value = bytes[start..<start + count].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard let number = Int(exactly: value) else { throw malformed("a size is beyond 64 bits") }
    return number
  }

  private func slice(_ place: Int, _ count: Int) throws -> Data {
    guard place >= 0, count >= 0, place <= bytes.count, count <= bytes.count - place else {
      throw malformed("it ends too early")
    }
    let start = bytes.startIndex + place
    return bytes[start..<start + count]
  }

  /// How many entries there are and where their records begin: from the last record, behind which a comment may stand.
  private func directory() throws -> (count: Int, start: Int) {
    let lowest = max(0, bytes.count - 22 - 0xFFFF)
    guard bytes.count >= 22 else { throw malformed("it is too short") }
    for place in stride(from: bytes.count - 22, through: lowest, by: -1)
    where try number(place, 4) == 0x0605_4B50 && number(place + 20, 2) == bytes.count - place - 22 {
      let (count, start) = (try number(place + 10, 2), try number(place + 16, 4))
      guard count == 0xFFFF || start == 0xFFFF_FFFF else { return (count, start) }
      // Large files have a second such record; a locator of 20 bytes before this one says where.
      guard place >= 20, try number(place - 20, 4) == 0x0706_4B50 else { throw malformed("a record is missing") }
      let large = try number(place - 12, 8)
      guard try number(large, 4) == 0x0606_4B50 else { throw malformed("a record is missing") }
      let many = try number(large + 32, 8)
      // Each record takes 46 bytes at least.
      guard many <= bytes.count / 46 else { throw malformed("it claims \(many) entries") }
      return (many, try number(large + 48, 8))
    }
    throw malformed("it has no directory")
  }

  private func record(_ place: inout Int) throws -> Record {
    guard try number(place, 4) == 0x0201_4B50 else { throw malformed("its directory is broken") }
    let nameLength = try number(place + 28, 2)
    let extraLength = try number(place + 30, 2)
    let commentLength = try number(place + 32, 2)
    guard let name = String(data: try slice(place + 46, nameLength), encoding: .utf8) else {
      throw malformed("a name is not UTF-8")
    }
    var record = Record(
      name: name, flags: try number(place + 8, 2), method: try number(place + 10, 2),
      checksum: try number(place + 16, 4), packed: try number(place + 20, 4), size: try number(place + 24, 4),
      offset: try number(place + 42, 4))
    try widen(&record, place + 46 + nameLength, extraLength)
    place += 46 + nameLength + extraLength + commentLength
    return record
  }

  /// Takes the 64-bit sizes of an extra field in place of those that 32 bits do not hold.
  private func widen(_ record: inout Record, _ start: Int, _ length: Int) throws {
    var place = start
    while place + 4 <= start + length {
      let (kind, size) = (try number(place, 2), try number(place + 2, 2))
      var field = place + 4
      place = field + size
      guard kind == 1 else { continue }
      for path in [\Record.size, \Record.packed, \Record.offset] where record[keyPath: path] == 0xFFFF_FFFF {
        guard field + 8 <= place else { throw malformed("a size is missing") }
        record[keyPath: path] = try number(field, 8)
        field += 8
      }
    }
  }

  private func contents(_ record: Record) throws -> Data {
    func fault(_ id: String, _ why: String) -> TensorDataError {
      TensorDataError(id: id, message: "entry '\(record.name)' \(why)")
    }
    guard record.flags & 1 == 0 else { throw fault("zip-encrypted", "is encrypted") }
    let packed = try slice(packedRange(record).lowerBound, record.packed)
    let result: Data
    switch record.method {
    case 0:
      guard record.packed == record.size else { throw malformed("'\(record.name)' has two sizes") }
      result = packed
    case 8: result = try Inflate.bytes(packed, count: record.size)
    default: throw fault("zip-method", "is compressed in a way that is not read (method \(record.method))")
    }
    guard ZipArchive.Checksum().adding(result).value == UInt32(record.checksum) else {
      throw fault("zip-checksum", "is damaged: its checksum differs")
    }
    return result
  }
}
