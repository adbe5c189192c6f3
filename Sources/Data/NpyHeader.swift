import Foundation

/// What stands before the elements in an `.npy` file: their type, their order and the shape.
struct NpyHeader: Equatable {
  var descriptor: String
  var isFortranOrder: Bool
  var shape: [Int]

  static let magic: [UInt8] = [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59]
  /// A header is a line of text; real ones stay under a kilobyte. Versions 2 and 3 could claim 4 GiB.
  static let maximumTextLength = 1 << 20
  static let maximumRank = 64

  /// Splits `file` into the header and the offset at which the elements start.
  static func parse(_ file: Data) throws -> (header: NpyHeader, elementsOffset: Int) {
    let prefix = [UInt8](file.prefix(12))
    guard prefix.count >= 10 else { throw truncated() }
    guard Array(prefix[..<6]) == magic else {
      throw TensorDataError(id: "npy-not-npy", message: "this is not an .npy file: it does not begin with \\x93NUMPY")
    }
    guard (1...3).contains(prefix[6]), prefix[7] == 0 else {
      throw TensorDataError(
        id: "npy-version", message: "format version \(prefix[6]).\(prefix[7]) is unknown; 1.0, 2.0 and 3.0 are read")
    }
    let lengthSize = prefix[6] == 1 ? 2 : 4
    guard prefix.count >= 8 + lengthSize else { throw truncated() }
    let length = prefix[8..<(8 + lengthSize)].reversed().reduce(0) { $0 << 8 | Int($1) }
    guard length <= maximumTextLength else {
      throw malformed("it claims to be \(length) bytes long")
    }
    let start = 8 + lengthSize
    guard file.count >= start + length else { throw truncated() }
    let text = [UInt8](file.dropFirst(start).prefix(length))
    var parser = NpyHeaderParser(text: text)
    return (try parser.parse(), start + length)
  }

  /// The bytes of a header, padded so that the elements start at a multiple of 64.
  func encoded() -> Data {
    let extents = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
    let order = isFortranOrder ? "True" : "False"
    var text = "{'descr': '\(descriptor)', 'fortran_order': \(order), 'shape': (\(extents)), }"
    // Version 1 has two bytes for the length; the rank is bounded, so two always suffice, but say so in code.
    let isShort = text.utf8.count + 128 <= Int(UInt16.max)
    let fixed = isShort ? 10 : 12
    text += String(repeating: " ", count: 63 - (fixed + text.utf8.count) % 64) + "\n"
    var data = Data(NpyHeader.magic)
    data.append(contentsOf: [isShort ? 1 : 2, 0])
    let length = UInt32(text.utf8.count)
    for byte in 0..<(isShort ? 2 : 4) { data.append(UInt8(truncatingIfNeeded: length >> (8 * UInt32(byte)))) }
    data.append(contentsOf: text.utf8)
    return data
  }

  static func truncated() -> TensorDataError {
    TensorDataError(id: "npy-truncated", message: "the file ends inside its header")
  }

  static func malformed(_ why: String) -> TensorDataError {
    TensorDataError(id: "npy-header", message: "the header is malformed: \(why)")
  }
}
