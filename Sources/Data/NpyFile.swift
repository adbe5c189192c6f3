import Foundation

/// NumPy's `.npy` files, format versions 1.0, 2.0 and 3.0.
///
/// | type | written as | read from |
/// |---|---|---|
/// | f64 f32 f16, i8…i64, u8…u64, bool | NumPy's own, little-endian | the same |
/// | bf16 | `<V2`, as NumPy with ml_dtypes does: two opaque bytes | `<V2`, `\|V2` |
/// | i4, u4 | widened to i8, u8, since NumPy has no packed types | never |
///
/// Big-endian, complex, string, structured and object arrays are refused.
public enum NpyFile {
  /// The tensor in the file at `path`. Its bytes are a slice of the mapped file, unless Fortran order or a bool other
  /// than 0 and 1 made a copy necessary.
  /// - Throws: `TensorDataError`, naming the file.
  public static func read(_ path: String) throws -> HostTensor {
    let file = try FileAccess.map(path)
    return try naming(file: path) { try decode(file) }
  }

  /// Writes `tensor` to `path`, all or nothing (see `FileAccess.write`).
  /// - Throws: `TensorDataError`, naming the file.
  public static func write(_ tensor: HostTensor, to path: String) throws {
    try FileAccess.write(parts(tensor), to: path)
  }

  /// The tensor that the bytes of an `.npy` file hold.
  /// - Throws: `TensorDataError` when they are not a whole `.npy` file of a known element type, or bytes are left over.
  public static func decode(_ file: Data) throws -> HostTensor {
    let (header, offset) = try NpyHeader.parse(file)
    let type = try type(of: header.descriptor)
    let needed = try HostTensor.byteCount(type: type, shape: header.shape)
    let present = file.count - offset
    guard present == needed else {
      let fault = present < needed ? "npy-truncated" : "npy-trailing-bytes"
      throw TensorDataError(
        id: fault, message: "\(type.rawValue)\(header.shape) needs \(needed) bytes after the header; \(present) follow")
    }
    let stored = normalised(file.dropFirst(offset), type: type)
    guard header.isFortranOrder, header.shape.count > 1 else {
      return try HostTensor(type: type, shape: header.shape, bytes: stored)
    }
    let bytes = rowMajor(stored, shape: header.shape, elementSize: type.bitWidth / 8)
    return try HostTensor(type: type, shape: header.shape, bytes: bytes)
  }

  /// The bytes of an `.npy` file that holds `tensor`.
  public static func encode(_ tensor: HostTensor) -> Data {
    parts(tensor).reduce(into: Data()) { $0.append($1) }
  }

  private static func parts(_ tensor: HostTensor) -> [Data] {
    let header = NpyHeader(descriptor: descriptor(of: tensor.type), isFortranOrder: false, shape: tensor.shape)
    return [header.encoded(), tensor.type.bitWidth == 4 ? widened(tensor) : tensor.bytes]
  }

  private static func descriptor(of type: DataType) -> String {
    switch type {
    case .f64: return "<f8"
    case .f32: return "<f4"
    case .f16: return "<f2"
    case .bf16: return "<V2"
    case .i8, .i4: return "|i1"
    case .i16: return "<i2"
    case .i32: return "<i4"
    case .i64: return "<i8"
    case .u8, .u4: return "|u1"
    case .u16: return "<u2"
    case .u32: return "<u4"
    case .u64: return "<u8"
    case .bool: return "|b1"
    }
  }

  private static func type(of descriptor: String) throws -> DataType {
    let readable = DataType.allCases.filter { $0.bitWidth != 4 }
    let kind = descriptor.dropFirst()
    // The order of bytes is one of '<' '>' '|' '='; a one-byte type may carry any of them.
    let hasOneByte = kind.hasSuffix("1")
    let isBigEndian = descriptor.hasPrefix(">") && !hasOneByte
    let hasOrder = ["<", ">", "|", "="].contains { descriptor.hasPrefix($0) }
    if hasOrder, !isBigEndian, let type = readable.first(where: { self.descriptor(of: $0).dropFirst() == kind }) {
      return type
    }
    let advice = isBigEndian ? "; convert it with array.astype(array.dtype.newbyteorder('<'))" : ""
    throw TensorDataError(id: "npy-type", message: "element type '\(descriptor)' is not supported\(advice)")
  }
}
