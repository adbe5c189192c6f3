import Foundation

/// The safetensors format: eight bytes with the length of a header, the header in JSON, the elements.
///
/// The header gives each tensor's type, shape and range of bytes. The ranges must follow each other without gaps or
/// overlaps and fill the file, as the format's specification demands, so that nothing hides in it.
public struct SafetensorsFile: Equatable, Sendable {
  /// The tensors in the order of their bytes.
  public var tensors: [NamedTensor]
  /// What the file says of itself, such as `format: pt`.
  public var metadata: [String: String]

  public init(_ tensors: [NamedTensor], metadata: [String: String] = [:]) {
    self.tensors = tensors
    self.metadata = metadata
  }

  /// The most bytes that a header may have: the format's own bound.
  static let longestHeader = 100_000_000

  /// Reads the file at `path`. The elements are mapped, not read, until they are used.
  /// - Throws: `TensorDataError`, naming the file.
  public init(path: String) throws {
    let file = try FileAccess.map(path)
    self = try naming(file: path) { try SafetensorsFile(decoding: file) }
  }

  /// Reads the bytes of a file.
  /// - Throws: `TensorDataError` where they are not a whole file of known element types.
  public init(decoding file: Data) throws {
    guard file.count >= 8 else { throw SafetensorsFile.malformed("it is shorter than 8 bytes") }
    let length = file.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= SafetensorsFile.longestHeader else { throw SafetensorsFile.malformed("it claims \(length) bytes") }
    guard file.count - 8 >= Int(length) else {
      throw SafetensorsFile.malformed("it goes on beyond the end of the file")
    }
    let text = file.dropFirst(8).prefix(Int(length))
    guard text.first == UInt8(ascii: "{") else { throw SafetensorsFile.malformed("it does not begin with '{'") }
    let header: Header
    do { header = try JSONDecoder().decode(Header.self, from: Data(text)) } catch {
      throw SafetensorsFile.malformed("it is not JSON of the format")
    }
    metadata = header.metadata
    tensors = try SafetensorsFile.cut(file.dropFirst(8 + Int(length)), header.entries)
  }

  private static func cut(_ elements: Data, _ entries: [(name: String, entry: Entry)]) throws -> [NamedTensor] {
    let ordered = entries.sorted {
      ($0.entry.start, $0.entry.end, $0.name) < ($1.entry.start, $1.entry.end, $1.name)
    }
    var place = 0
    let result = try ordered.map { name, entry in
      guard entry.start == place, entry.end >= place, entry.end <= elements.count else {
        throw malformed("the bytes \(entry.start) to \(entry.end) of '\(name)' do not follow on byte \(place)")
      }
      guard let type = types.first(where: { $0.value == entry.dtype })?.key else {
        throw TensorDataError(
          id: "safetensors-type", message: "element type '\(entry.dtype)' of '\(name)' is not supported")
      }
      let needed = try HostTensor.byteCount(type: type, shape: entry.shape)
      guard needed == entry.end - entry.start else {
        throw malformed("'\(name)' needs \(needed) bytes and has \(entry.end - entry.start)")
      }
      let start = elements.startIndex + place
      place = entry.end
      let bytes = NpyFile.normalised(elements[start..<start + needed], type: type)
      return NamedTensor(name, try HostTensor(type: type, shape: entry.shape, bytes: bytes))
    }
    guard place == elements.count else { throw malformed("\(elements.count - place) bytes belong to no tensor") }
    return result
  }

  /// Writes the file, all or nothing (see ``FileAccess/write(_:to:)``). Tensors of wide elements come first, so that
  /// every one is aligned.
  /// - Throws: `TensorDataError`: a name is given twice or is `__metadata__`; an element type that the format does not have;
  ///   the file cannot be written.
  public func write(to path: String) throws {
    try naming(file: path) { try FileAccess.write(try parts(), to: path) }
  }

  /// The bytes of the file.
  public func encoded() throws -> Data { try parts().reduce(into: Data()) { $0.append($1) } }

  private func parts() throws -> [Data] {
    try NpzFile.requireDistinct(tensors.map(\.name))
    let ordered = tensors.enumerated().sorted {
      ($1.element.tensor.type.bitWidth, $0.offset) < ($0.element.tensor.type.bitWidth, $1.offset)
    }.map(\.element)
    var fields: [String] = []
    if !metadata.isEmpty {
      let pairs = try metadata.sorted { $0.key < $1.key }.map { "\(try quoted($0.key)):\(try quoted($0.value))" }
      fields.append("\"__metadata__\":{\(pairs.joined(separator: ","))}")
    }
    var place = 0
    for named in ordered {
      let tensor = named.tensor
      guard let type = SafetensorsFile.types[tensor.type], named.name != "__metadata__" else {
        throw TensorDataError(
          id: "safetensors-type",
          message: "'\(named.name)', \(tensor.type.rawValue), cannot be written; cast or rename it")
      }
      let extents = tensor.shape.map(String.init).joined(separator: ",")
      let range = "[\(place),\(place + tensor.bytes.count)]"
      fields.append(
        "\(try quoted(named.name)):{\"dtype\":\"\(type)\",\"shape\":[\(extents)],\"data_offsets\":\(range)}")
      place += tensor.bytes.count
    }
    var header = Data("{\(fields.joined(separator: ","))}".utf8)
    header += Data(repeating: UInt8(ascii: " "), count: (8 - header.count % 8) % 8)
    let length = Data((0..<8).map { UInt8(truncatingIfNeeded: header.count >> (8 * $0)) })
    return [length, header] + ordered.map(\.tensor.bytes)
  }

  private func quoted(_ text: String) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .withoutEscapingSlashes
    return String(decoding: try encoder.encode(text), as: UTF8.self)
  }

  private static let types: [DataType: String] = [
    .f64: "F64", .f32: "F32", .f16: "F16", .bf16: "BF16", .i8: "I8", .i16: "I16", .i32: "I32", .i64: "I64",
    .u8: "U8", .u16: "U16", .u32: "U32", .u64: "U64", .bool: "BOOL",
  ]

  private static func malformed(_ why: String) -> TensorDataError {
    TensorDataError(id: "safetensors-header", message: "the header is malformed: \(why)")
  }

  private struct Entry: Decodable {
    var dtype: String
    var shape: [Int]
    var start: Int
    var end: Int

    enum Keys: String, CodingKey { case dtype, shape, offsets = "data_offsets" }

    init(from decoder: any Decoder) throws {
      let fields = try decoder.container(keyedBy: Keys.self)
      dtype = try fields.decode(String.self, forKey: .dtype)
      shape = try fields.decode([Int].self, forKey: .shape)
      let offsets = try fields.decode([Int].self, forKey: .offsets)
      guard offsets.count == 2 else {
        throw DecodingError.dataCorruptedError(forKey: .offsets, in: fields, debugDescription: "not a pair")
      }
      (start, end) = (offsets[0], offsets[1])
    }
  }

  private struct Header: Decodable {
    var entries: [(name: String, entry: Entry)] = []
    var metadata: [String: String] = [:]

    struct Name: CodingKey {
      var stringValue: String
      var intValue: Int? { nil }
      init(stringValue: String) { self.stringValue = stringValue }
      init?(intValue: Int) { nil }
    }

    init(from decoder: any Decoder) throws {
      let fields = try decoder.container(keyedBy: Name.self)
      for key in fields.allKeys {
        if key.stringValue == "__metadata__" {
          metadata = try fields.decode([String: String].self, forKey: key)
        } else {
          entries.append((key.stringValue, try fields.decode(Entry.self, forKey: key)))
        }
      }
    }
  }
}
