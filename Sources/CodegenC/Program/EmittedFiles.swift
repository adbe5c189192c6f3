import Foundation
import TensorIR

/// How a library runs in parallel.
public enum ThreadMode: String, Hashable, Sendable {
  /// One OpenMP region per call; serial where the file is compiled without OpenMP.
  case openMP
  case none
}

/// One file of C.
public struct EmittedFile: Hashable, Sendable {
  /// Its name, without a directory.
  public var name: String
  public var text: String
}

/// What the emitter writes for a program.
public struct EmittedFiles: Sendable {
  /// The C identifier that all symbols begin with.
  public var prefix: String
  /// NAME.c, and further translation units where the program was split.
  public var sources: [EmittedFile]
  public var header: EmittedFile
  /// NAME.weights; nil where every constant is small enough to stand in the C.
  public var weights: WeightsFile?

  /// Writes everything into a directory that exists.
  public func write(to directory: URL) throws {
    for file in sources + [header] {
      try Data(file.text.utf8).write(to: directory.appendingPathComponent(file.name))
    }
    try weights?.write(to: directory)
  }
}

/// The constants of a library, one behind the other, each beginning at a multiple of 64 bytes.
public struct WeightsFile: Sendable {
  public static let alignment = 64

  public var name: String
  /// The pieces with the offsets where they begin.
  public private(set) var pieces: [(offset: Int, literal: TensorLiteral)] = []
  public private(set) var byteCount = 0

  init(name: String) { self.name = name }

  /// Adds a constant; gives its offset.
  mutating func add(_ literal: TensorLiteral) -> Int {
    let offset = (byteCount + WeightsFile.alignment - 1) / WeightsFile.alignment * WeightsFile.alignment
    pieces.append((offset, literal))
    byteCount = offset + literal.bytes.count
    return offset
  }

  /// Writes the file piece by piece: the whole may be larger than memory likes.
  public func write(to directory: URL) throws {
    let url = directory.appendingPathComponent(name)
    guard FileManager.default.createFile(atPath: url.path, contents: nil) else {
      throw CocoaError(.fileWriteUnknown, userInfo: [NSFilePathErrorKey: url.path])
    }
    let handle = try FileHandle(forWritingTo: url)
    defer { try? handle.close() }
    var position = 0
    for (offset, literal) in pieces {
      try handle.write(contentsOf: Data(count: offset - position))
      try handle.write(contentsOf: literal.bytes)
      position = offset + literal.bytes.count
    }
  }
}
