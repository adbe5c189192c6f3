import Foundation
import TensorLayers

/// The numbers of files that data sets come in.
public enum DataFile {
  /// A file of the IDX format (MNIST and its like), packed by gzip or not: bytes and the shape that the file tells.
  /// - Throws: ``TrainingError``, naming the file.
  public static func idx(_ path: String) throws -> (bytes: [UInt8], shape: [Int]) {
    let bytes = try contents(path)
    guard bytes.count >= 4, bytes[0] == 0, bytes[1] == 0, bytes[2] == 8 else {
      throw TrainingError("'\(path)' is not an IDX file of bytes")
    }
    let header = 4 + 4 * Int(bytes[3])
    guard bytes.count >= header else { throw TrainingError("'\(path)' is cut short") }
    let shape = (0..<Int(bytes[3])).map { axis in
      bytes[4 + 4 * axis..<8 + 4 * axis].reduce(0) { $0 << 8 | Int($1) }
    }
    guard elementCount(shape) == bytes.count - header else {
      throw TrainingError("'\(path)' has \(bytes.count - header) bytes after its header, which is of shape \(shape)")
    }
    return (Array(bytes[header...]), shape)
  }

  /// The numbers of a table of comma-separated values, row by row. A first line with a word that is no number is a
  /// heading.
  /// - Throws: ``TrainingError``, naming the line.
  public static func csv(
    _ path: String, separator: Character = ","
  ) throws -> (numbers: [Float], columns: Int, heading: [String]?) {
    let text = String(decoding: try contents(path), as: UTF8.self)
    var numbers: [Float] = []
    var columns = 0
    var heading: [String]?
    // A character may be the two at the end of a line together.
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    for (index, line) in lines.enumerated() {
      if line.isEmpty { continue }
      let words = line.split(separator: separator, omittingEmptySubsequences: false).map {
        $0.trimmingCharacters(in: .whitespaces)
      }
      let row = words.map { Float($0) }
      if columns == 0, row.contains(nil), heading == nil {
        heading = words
        continue
      }
      if columns == 0 { columns = words.count }
      guard row.count == columns else {
        throw TrainingError("\(path):\(index + 1): \(row.count) columns, and \(columns) before")
      }
      guard let place = row.firstIndex(of: nil) else {
        numbers += row.compactMap { $0 }
        continue
      }
      throw TrainingError("\(path):\(index + 1): '\(words[place])' is no number")
    }
    return (numbers, columns, heading)
  }

  /// The characters of a text file as tokens, and what each token stands for, in order.
  public static func characters(_ path: String) throws -> (tokens: [Int64], vocabulary: [Character]) {
    let text = String(decoding: try contents(path), as: UTF8.self)
    let vocabulary = Set(text).sorted()
    let numbers = Dictionary(uniqueKeysWithValues: vocabulary.enumerated().map { ($1, Int64($0)) })
    return (text.compactMap { numbers[$0] }, vocabulary)
  }

  /// The bytes of a file, or of that with `.gz` after its name, unpacked.
  static func contents(_ path: String) throws -> [UInt8] {
    if !path.hasSuffix(".gz"), let data = FileManager.default.contents(atPath: path) { return [UInt8](data) }
    let packed = path.hasSuffix(".gz") ? path : path + ".gz"
    guard FileManager.default.isReadableFile(atPath: packed) else { throw TrainingError("there is no file '\(path)'") }
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["gzip", "-dc", packed]
    process.standardOutput = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw TrainingError("'\(packed)' cannot be unpacked") }
    return [UInt8](data)
  }
}

extension MemoryDataSet {
  /// Pictures and labels as IDX files have them: f32 from 0 to 1 of the shape [n] + row, and i64 [n].
  /// - Parameter shape: of one picture, that of the file unless given; `[1, 28, 28]` adds an axis of channels.
  public init(idxImages images: String, labels: String, shape: [Int]? = nil) throws {
    let pictures = try DataFile.idx(images)
    let numbers = try DataFile.idx(labels)
    try self.init(
      Rows(bytes: pictures.bytes, shape: shape ?? Array(pictures.shape.dropFirst()), scale: 1 / 255),
      Rows(integers: numbers.bytes.map { Int64($0) }))
  }

  /// A table whose column `target` is to be found from the others: f32 [n, columns - 1], and the targets as labels or
  /// numbers.
  public init(csv path: String, target: Int = -1, isLabel: Bool = true) throws {
    let table = try DataFile.csv(path)
    let own = target < 0 ? target + table.columns : target
    guard (0..<table.columns).contains(own), table.columns > 1 else {
      throw TrainingError("'\(path)' has \(table.columns) columns, and no column \(target) beside others")
    }
    var inputs: [Float] = []
    var targets: [Float] = []
    for (place, number) in table.numbers.enumerated() {
      if place % table.columns == own { targets.append(number) } else { inputs.append(number) }
    }
    try self.init(
      Rows(floats: inputs, shape: [table.columns - 1]),
      isLabel ? Rows(integers: targets.map { try MemoryDataSet.label($0, path) }) : Rows(floats: targets))
  }

  private static func label(_ target: Float, _ path: String) throws -> Int64 {
    guard let label = Int64(exactly: target) else {
      throw TrainingError("'\(path)' has the target \(target), which is no label")
    }
    return label
  }

  /// Arrays of NumPy.
  public init(npyInputs inputs: String, targets: String) throws {
    try self.init(Rows(Tensor(npy: inputs)), Rows(Tensor(npy: targets)))
  }
}
