import Foundation

/// A directory in the layout of ONNX test data: `input_0.pb` or `input_0.npy`, `input_1…`, `output_0…`.
///
/// The numbers follow the order of the graph's inputs and outputs. Files of other names are ignored.
public struct DataDirectory: Sendable {
  /// One numbered file.
  public struct Entry: Equatable, Sendable {
    public enum Format: String, Sendable, CaseIterable {
      case npy
      /// A serialised ONNX `TensorProto`.
      case pb
    }
    public let path: String
    public let format: Format
  }

  /// Decodes the bytes of a `.pb` file. This module knows nothing of ONNX, so whoever does supplies it.
  public typealias ProtobufDecoder = @Sendable (Data) throws -> HostTensor

  public let path: String
  /// The files of the inputs, by number, without gaps.
  public let inputs: [Entry]
  /// The files of the outputs, by number, without gaps; empty where only inputs were given.
  public let outputs: [Entry]
  private let decodeProtobuf: ProtobufDecoder?

  /// Lists the directory at `path`.
  /// - Throws: `TensorDataError` when it cannot be listed, a number is missing or a number has two files.
  public init(_ path: String, decodeProtobuf: ProtobufDecoder? = nil) throws {
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: path)
    } catch {
      throw TensorDataError(id: "data-unreadable", message: "the directory cannot be listed", file: path)
    }
    self.path = path
    self.decodeProtobuf = decodeProtobuf
    inputs = try DataDirectory.entries(of: "input", among: names, in: path)
    outputs = try DataDirectory.entries(of: "output", among: names, in: path)
  }

  /// The tensors of all inputs, in order.
  /// - Throws: `TensorDataError`, or what the protobuf decoder throws.
  public func readInputs() throws -> [HostTensor] { try inputs.map(read) }

  /// The tensors of all outputs, in order.
  /// - Throws: `TensorDataError`, or what the protobuf decoder throws.
  public func readOutputs() throws -> [HostTensor] { try outputs.map(read) }

  /// The tensor in one of the files.
  /// - Throws: `TensorDataError`, or what the protobuf decoder throws.
  public func read(_ entry: Entry) throws -> HostTensor {
    switch entry.format {
    case .npy: return try NpyFile.read(entry.path)
    case .pb:
      guard let decodeProtobuf else {
        throw TensorDataError(
          id: "data-no-protobuf", message: ".pb files are not read here; use .npy", file: entry.path)
      }
      let file = try FileAccess.map(entry.path)
      return try naming(file: entry.path) { try decodeProtobuf(file) }
    }
  }

  /// Writes `tensors` as `STEM_0.npy`, `STEM_1.npy`, …, making the directory where it is missing.
  /// - Parameter stem: `input` or `output`.
  /// - Throws: `TensorDataError` when a file cannot be written, or a `.pb` of the same number is there, which would
  ///   make the directory ambiguous.
  public static func write(_ tensors: [HostTensor], as stem: String, in path: String) throws {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw TensorDataError(id: "data-unwritable", message: "the directory cannot be made", file: path)
    }
    let base = URL(fileURLWithPath: path, isDirectory: true)
    for (number, tensor) in tensors.enumerated() {
      let other = base.appendingPathComponent("\(stem)_\(number).pb").path
      guard !FileManager.default.fileExists(atPath: other) else {
        throw TensorDataError(
          id: "data-ambiguous", message: "this file stands where \(stem)_\(number).npy would go", file: other)
      }
      try NpyFile.write(tensor, to: base.appendingPathComponent("\(stem)_\(number).npy").path)
    }
  }

  private static func entries(of stem: String, among names: [String], in path: String) throws -> [Entry] {
    let base = URL(fileURLWithPath: path, isDirectory: true)
    var found: [Int: Entry] = [:]
    for name in names.sorted() {
      guard let (number, format) = parse(name, stem: stem) else { continue }
      guard found[number] == nil else {
        throw TensorDataError(
          id: "data-ambiguous", message: "\(stem) \(number) is there twice, as .npy and as .pb", file: path)
      }
      found[number] = Entry(path: base.appendingPathComponent(name).path, format: format)
    }
    return try (0..<found.count).map { number in
      guard let entry = found[number] else {
        throw TensorDataError(
          id: "data-gap", message: "\(stem)_\(number) is missing, though a higher number is there", file: path)
      }
      return entry
    }
  }

  /// The number and format of a file called `STEM_NUMBER.FORMAT`.
  private static func parse(_ name: String, stem: String) -> (Int, Entry.Format)? {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, let format = Entry.Format(rawValue: String(parts[1])) else { return nil }
    guard parts[0].hasPrefix("\(stem)_") else { return nil }
    let digits = parts[0].dropFirst(stem.count + 1)
    // Int also takes "+1", and "01" would name 1 twice.
    guard let number = Int(digits), String(number) == digits, number >= 0 else { return nil }
    return (number, format)
  }
}
