import Foundation

/// How large a library is.
enum LibrarySize {
  static func file(_ path: String) -> Int {
    ((try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? NSNumber)?.intValue ?? 0
  }

  /// The bytes of machine code: the executable segments of an ELF file; of another kind of file, the whole of it.
  static func code(of path: String) -> Int {
    guard let data = try? Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe),
      data.count >= 64,
      data.prefix(6).elementsEqual([0x7f, 0x45, 0x4c, 0x46, 2, 1])
    else { return file(path) }
    func number<Number: FixedWidthInteger>(_ offset: Int, as type: Number.Type) -> Int? {
      guard offset >= 0, offset <= data.count - MemoryLayout<Number>.size else { return nil }
      let value = data.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: type) }
      return Int(exactly: Number(littleEndian: value))
    }
    guard let table = number(32, as: UInt64.self), let size = number(54, as: UInt16.self),
      let count = number(56, as: UInt16.self)
    else { return file(path) }
    let executable = 1
    return (0..<count).reduce(0) { total, index in
      let entry = table + index * size
      guard number(entry, as: UInt32.self) == 1, let flags = number(entry + 4, as: UInt32.self),
        flags & executable != 0, let bytes = number(entry + 32, as: UInt64.self)
      else { return total }
      return total + bytes
    }
  }
}
