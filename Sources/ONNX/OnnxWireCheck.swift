import Foundation

/// A walk over the bytes of a model before they are decoded, which bounds the memory that decoding can take and says
/// where a damaged file goes wrong.
///
/// A message of two bytes decodes to some hundreds, so a hostile file of a hundred megabytes could ask for tens of
/// gigabytes. Only messages can do so: every other field decodes to at most sixteen times its size.
struct OnnxWireCheck {
  /// Far above real models, which hold some ten thousand messages; decoded they would take about a gigabyte.
  static let maximumMessages = 4_000_000
  static let maximumDepth = 100

  /// The messages that hold messages; the rest are leaves here.
  private enum Kind {
    case model, graph, node, attribute, function, sparse, valueInfo, type, elementType, shape, tensor, leaf

    /// The kind of message that the field of this number holds; nil for numbers, strings and unknown fields.
    func child(_ field: UInt64) -> Kind? {
      switch (self, field) {
      case (.model, 7), (.attribute, 6), (.attribute, 11): return .graph
      case (.model, 25): return .function
      case (.model, 8), (.model, 14), (.function, 9), (.shape, 1), (.tensor, 3), (.tensor, 13): return .leaf
      case (.graph, 1), (.function, 7): return .node
      case (.graph, 5), (.attribute, 5), (.attribute, 10), (.sparse, 1), (.sparse, 2): return .tensor
      case (.graph, 11), (.graph, 12), (.graph, 13), (.function, 12): return .valueInfo
      case (.graph, 15), (.attribute, 22), (.attribute, 23): return .sparse
      case (.node, 5), (.function, 11): return .attribute
      case (.attribute, 14), (.attribute, 15), (.valueInfo, 2): return .type
      case (.type, 1), (.type, 4), (.type, 5), (.type, 8), (.type, 9): return .elementType
      // Tensors, sequences, optionals and maps share a kind. Where their fields of one number differ, one is a number
      // on the wire and not walked; the type of a map's values is walked as a shape, which holds nothing that repeats.
      case (.elementType, 1): return .type
      case (.elementType, 2): return .shape
      default: return nil
      }
    }
  }

  private let bytes: UnsafeRawBufferPointer
  private var messages = 0

  /// - Throws: `OnnxError` when the bytes are not a well-formed message or hold too many or too deeply nested ones.
  static func check(_ bytes: Data) throws {
    try bytes.withUnsafeBytes { buffer in
      var check = OnnxWireCheck(bytes: buffer)
      try check.walk(0..<buffer.count, kind: .model, depth: 0)
    }
  }

  private init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  private mutating func walk(_ range: Range<Int>, kind: Kind, depth: Int) throws {
    guard depth < OnnxWireCheck.maximumDepth else {
      throw OnnxError(
        id: "onnx-too-deep", message: "graphs or types are nested too deeply, at byte \(range.lowerBound)")
    }
    messages += 1
    guard messages <= OnnxWireCheck.maximumMessages else {
      throw OnnxError(
        id: "onnx-too-many",
        message: "the model has more than \(OnnxWireCheck.maximumMessages) nodes, attributes, tensors and types")
    }
    var position = range.lowerBound
    while position < range.upperBound {
      let tag = try variableLength(&position, end: range.upperBound)
      switch tag & 7 {
      case 0: _ = try variableLength(&position, end: range.upperBound)
      case 1: try skip(8, &position, end: range.upperBound)
      case 5: try skip(4, &position, end: range.upperBound)
      case 2:
        let length = try variableLength(&position, end: range.upperBound)
        let start = position
        try skip(length, &position, end: range.upperBound)
        if let child = kind.child(tag >> 3) { try walk(start..<position, kind: child, depth: depth + 1) }
      default:
        throw OnnxError(
          id: "onnx-malformed",
          message: "the file is not an ONNX model, or it is damaged at byte \(position)")
      }
    }
  }

  /// A number of seven bits to a byte, lowest first.
  private func variableLength(_ position: inout Int, end: Int) throws -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      guard position < end else { throw OnnxWireCheck.truncated(end) }
      let byte = bytes[position]
      position += 1
      value |= UInt64(byte & 0x7F) << shift
      if byte & 0x80 == 0 { return value }
    }
    throw OnnxError(id: "onnx-malformed", message: "the file is damaged: a number at byte \(position) is over-long")
  }

  private func skip(_ length: UInt64, _ position: inout Int, end: Int) throws {
    guard length <= UInt64(end - position) else { throw OnnxWireCheck.truncated(end) }
    position += Int(length)
  }

  private static func truncated(_ end: Int) -> OnnxError {
    OnnxError(id: "onnx-truncated", message: "the file is incomplete or damaged: a field runs past byte \(end)")
  }
}
