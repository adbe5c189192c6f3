import Foundation

/// Functions, or a lowered program, in a `.tir` file, with the tensors that are too large for text in a `.tir.blob` file beside it.
///
/// The blob is the bytes of the tensors, each at a multiple of 64, equal tensors once. The text refers to them by file
/// name, offset and hash. Both files are written under another name and then renamed, the blob first, so that no reader
/// sees half of one.
public enum TextBundle {
  static let alignment = 64

  /// Writes `path` and, if there are large tensors, `path` + `.blob`; throws a ``Diagnostic``.
  public static func write(_ functions: [Function], to path: String, options: TextOptions = .full) throws {
    let tensors = try functions.flatMap { try $0.blobTensors() }
    try write(tensors, to: path, options) { options in functions.map { $0.text(options) }.joined(separator: "\n") }
  }

  /// Writes a lowered program likewise.
  public static func write(_ program: LoweredProgram, to path: String) throws {
    try write(program.constants.filter(\.needsBlob), to: path, .full) { program.text($0) }
  }

  private static func write(
    _ all: [TensorLiteral], to path: String, _ options: TextOptions, _ text: (TextOptions) -> String
  ) throws {
    let blob = path + ".blob"
    let blobName = URL(fileURLWithPath: blob).lastPathComponent
    var seen: Set<TensorLiteral> = []
    let tensors = all.filter { seen.insert($0).inserted }
    var offsets: [TensorLiteral: Int] = [:]
    var end = 0
    for tensor in tensors {
      offsets[tensor] = end
      end += (tensor.bytes.count + alignment - 1) / alignment * alignment
    }
    var options = options
    options.tensor = { [offsets] tensor in
      offsets[tensor].map { tensor.reference(file: blobName, offset: $0) } ?? tensor.description
    }
    if !tensors.isEmpty { try replace(blob) { file in try write(tensors, to: file) } }
    let whole = "\(versionMark)\(TextForm.version)\n" + text(options)
    try replace(path) { try $0.write(contentsOf: Data(whole.utf8)) }
  }

  /// Reads a `.tir` file and verifies its functions; throws ``Diagnostics``.
  public static func read(_ path: String, ops: OpDirectory) throws -> [Function] {
    let (text, blobs) = try contents(of: path)
    if LoweredProgram.isProgram(text) {
      let message = "'\(path)' is a lowered program, and a function is needed here"
      throw Diagnostics([Diagnostic("text-kind", message, at: .source(file: path, line: 1, column: 1))])
    }
    return try TextParser.parse(text, file: path, ops: ops, blobs: blobs).verified()
  }

  /// Reads a `.tir` file that holds a lowered program; nil where it holds functions. Throws ``Diagnostics``.
  public static func readProgram(_ path: String) throws -> LoweredProgram? {
    let (text, blobs) = try contents(of: path)
    return LoweredProgram.isProgram(text) ? try LoweredProgram(parsing: text, file: path, blobs: blobs) : nil
  }

  private static func contents(of path: String) throws -> (text: String, blobs: FileBlobs) {
    let url = URL(fileURLWithPath: path)
    let data: Data
    do { data = try Data(contentsOf: url) } catch {
      throw Diagnostics([Diagnostic("file", "cannot read '\(path)': \(error.localizedDescription)")])
    }
    guard let text = String(data: data, encoding: .utf8) else {
      throw Diagnostics([Diagnostic("file", "'\(path)' is not UTF-8 text")])
    }
    try checkVersion(of: text, path)
    return (text, FileBlobs(directory: url.deletingLastPathComponent()))
  }

  private static let versionMark = "// tensorc text form, version "

  /// A text without a version is taken to be of this one.
  private static func checkVersion(of text: String, _ path: String) throws {
    guard text.hasPrefix(versionMark) else { return }
    let number = text.dropFirst(versionMark.count).prefix { !$0.isNewline }
    guard let version = Int(number), version <= TextForm.version else {
      let message =
        "the text form has version \(number), and this tensorc reads up to \(TextForm.version): use a newer one"
      throw Diagnostics([Diagnostic("text-version", message, at: .source(file: path, line: 1, column: 1))])
    }
  }

  private static func write(_ tensors: [TensorLiteral], to file: FileHandle) throws {
    for tensor in tensors {
      try file.write(contentsOf: tensor.bytes)
      let padding = (alignment - tensor.bytes.count % alignment) % alignment
      if padding > 0 { try file.write(contentsOf: Data(count: padding)) }
    }
  }

  /// Writes a file under another name and renames it, so that the old one stays whole until the new one is.
  private static func replace(_ path: String, _ write: (FileHandle) throws -> Void) throws {
    let temporary = path + ".\(ProcessInfo.processInfo.processIdentifier).partial"
    do {
      guard FileManager.default.createFile(atPath: temporary, contents: nil),
        let file = FileHandle(forWritingAtPath: temporary)
      else { throw Diagnostic("file", "the directory does not exist or cannot be written to") }
      do {
        try write(file)
        try file.close()
      } catch {
        try? file.close()
        throw error
      }
      guard rename(temporary, path) == 0 else { throw Diagnostic("file", String(cString: strerror(errno))) }
    } catch {
      try? FileManager.default.removeItem(atPath: temporary)
      let reason = (error as? Diagnostic)?.message ?? error.localizedDescription
      throw Diagnostic("file", "cannot write '\(path)': \(reason)")
    }
  }
}

/// Reads tensors from the blob files of one directory, mapping each file once.
final class FileBlobs: BlobSource, @unchecked Sendable {
  private let directory: URL
  private let lock = NSLock()
  private var files: [String: Data] = [:]

  init(directory: URL) { self.directory = directory }

  func tensor(_ reference: BlobReference) throws -> TensorLiteral {
    guard let name = reference.file, let offset = reference.offset else {
      throw Diagnostic("blob-missing", "the text names no blob file for this tensor; it was printed for reading only")
    }
    let data = try contents(of: name)
    guard let count = TensorLiteral.count(of: reference.shape), count <= Int.max / 64, offset >= 0,
      offset <= data.count, reference.elementType.byteCount(of: count) <= data.count - offset
    else { throw Diagnostic("blob-size", "the tensor goes past the end of '\(name)'") }
    let start = data.startIndex + offset
    let bytes = data[start..<start + reference.elementType.byteCount(of: count)]
    guard let literal = TensorLiteral(reference.elementType, shape: reference.shape, bytes: bytes),
      literal.fingerprint == reference.hash
    else { throw Diagnostic("blob-hash", "the bytes in '\(name)' are not those the text was written with") }
    return literal
  }

  private func contents(of name: String) throws -> Data {
    // A text may only name files beside it.
    guard !name.isEmpty, name != ".", name != "..", !name.contains("/"), !name.contains("\0") else {
      throw Diagnostic("blob-missing", "a blob is a file beside the text, not '\(name)'")
    }
    lock.lock()
    defer { lock.unlock() }
    if let data = files[name] { return data }
    do {
      let data = try Data(contentsOf: directory.appendingPathComponent(name), options: .mappedIfSafe)
      files[name] = data
      return data
    } catch { throw Diagnostic("blob-missing", "cannot read '\(name)': \(error.localizedDescription)") }
  }
}
