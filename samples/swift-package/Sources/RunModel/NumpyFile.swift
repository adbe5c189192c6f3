import Foundation
import TensorRuntime

/// Reads the arrays that numpy.save writes: little-endian, C order, versions 1 to 3.
enum NumpyFile {
  static func read(_ path: String) throws -> HostArray {
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    guard bytes.count >= 12, bytes.starts(with: [0x93] + Array("NUMPY".utf8)) else { throw broken(path) }
    let lengthSize = bytes[6] == 1 ? 2 : 4
    let length = bytes[8..<(8 + lengthSize)].reversed().reduce(0) { $0 << 8 | Int($1) }
    let start = 8 + lengthSize + length
    guard start <= bytes.count else { throw broken(path) }
    let header = String(decoding: bytes[(8 + lengthSize)..<start], as: UTF8.self)
    guard header.contains("'fortran_order': False"), let type = field(header, "'descr': '", "'"),
      let elementType = types[String(type.dropFirst())], let sizes = field(header, "'shape': (", ")")
    else { throw broken(path) }
    let shape = sizes.split(separator: ",").compactMap { Int($0.trimmingCharacters(in: .whitespaces)) }
    return try bytes[start...].withUnsafeBytes { try HostArray(bytes: $0, shape: shape, elementType) }
  }

  private static let types: [String: HostArray.ElementType] = [
    "f8": .f64, "f4": .f32, "f2": .f16, "i1": .i8, "i2": .i16, "i4": .i32, "i8": .i64, "u1": .u8, "u2": .u16,
    "u4": .u32, "u8": .u64, "b1": .bool,
  ]

  private static func field(_ header: String, _ start: String, _ end: Character) -> Substring? {
    guard let start = header.range(of: start) else { return nil }
    return header[start.upperBound...].prefix { $0 != end }
  }

  private static func broken(_ path: String) -> Failure {
    Failure("\(path): error: this is not an array that numpy.save wrote in C order")
  }
}
