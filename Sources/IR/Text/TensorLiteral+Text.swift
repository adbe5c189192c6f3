extension TensorLiteral: CustomStringConvertible {
  /// The greatest number of bytes that is written into the text; larger tensors are references to a blob.
  public static let inlineByteLimit = 1024

  /// Whether the text holds only a reference, the bytes being in a blob beside it.
  public var needsBlob: Bool { bytes.count > TensorLiteral.inlineByteLimit }

  /// `dense(f32, [2], [0.5, 1.0])`, `dense(f16, [3], hex "…")` or `blob(f32, [784, 128], hash "…")`.
  public var description: String {
    let head = "\(elementType), [\(shape.map(String.init).joined(separator: ", "))]"
    if count <= 16, let numbers = numberText() { return "dense(\(head), [\(numbers.joined(separator: ", "))])" }
    return needsBlob ? "blob(\(head), hash \"\(fingerprintText)\")" : "dense(\(head), hex \"\(hexText)\")"
  }

  /// The reference to a place in a blob file: `blob("mlp.tir.blob", 64, f32, [784, 128], hash "…")`.
  func reference(file: String, offset: Int) -> String {
    let dimensions = shape.map(String.init).joined(separator: ", ")
    return "blob(\(TextForm.quote(file)), \(offset), \(elementType), [\(dimensions)], hash \"\(fingerprintText)\")"
  }

  var fingerprintText: String { String(fingerprint, radix: 16) }

  private var hexText: String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  /// The elements as numbers, nil where numbers would not bring back the same bits.
  private func numberText() -> [String]? {
    switch elementType {
    case .f32:
      let values = elements(Float.self)
      return values.contains { $0.isNaN && $0.bitPattern != Float.nan.bitPattern }
        ? nil : values.map { Attribute.text(of: $0) }
    case .f64:
      let values = elements(Double.self)
      return values.contains { $0.isNaN && $0.bitPattern != Double.nan.bitPattern }
        ? nil : values.map { Attribute.text(of: $0) }
    case .i64: return elements(Int64.self).map { "\($0)" }
    case .i32: return elements(Int32.self).map { "\($0)" }
    case .i16: return elements(Int16.self).map { "\($0)" }
    case .i8: return elements(Int8.self).map { "\($0)" }
    case .u64: return elements(UInt64.self).map { "\($0)" }
    case .u32: return elements(UInt32.self).map { "\($0)" }
    case .u16: return elements(UInt16.self).map { "\($0)" }
    case .u8, .bool: return elements(UInt8.self).map { "\($0)" }
    case .f16, .bf16, .i4, .u4: return nil
    }
  }

  private func elements<T>(_ type: T.Type) -> [T] { (0..<count).map { element($0, as: type) } }
}
