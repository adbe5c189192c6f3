import Foundation
import SwiftProtobuf

/// Tells files that cannot be ONNX models from those that are worth decoding, in words the user can act on.
enum OnnxFileKind {
  /// Protobuf counts the bytes of a message in 31 bits.
  static let maximumSize = Int(Int32.max)

  private static let lookalikes: [(prefix: [UInt8], kind: String)] = [
    (Array("version https://git-lfs".utf8), "a Git LFS pointer; fetch the model with git lfs pull"),
    (Array("PK\u{3}\u{4}".utf8), "a zip archive, perhaps a PyTorch checkpoint; export it with torch.onnx.export"),
    ([0x89] + Array("HDF\r\n".utf8), "an HDF5 file, perhaps a Keras model; convert it with tf2onnx"),
    (Array("GGUF".utf8), "a GGUF file"),
    ([0x93] + Array("NUMPY".utf8), "a NumPy array"),
    (Array("<".utf8), "HTML or XML, perhaps an error page saved by a download"),
    (Array("{".utf8), "JSON text"),
  ]

  /// The error for a file that is no model by its size or its first bytes; nil when it should be decoded.
  static func reasonToRefuse(_ bytes: Data) -> OnnxError? {
    if bytes.isEmpty { return OnnxError(id: "onnx-empty", message: "the file is empty") }
    if bytes.count > maximumSize {
      return OnnxError(
        id: "onnx-too-large",
        message: "the file is over 2 GiB, which protobuf does not allow; save it with its tensors as external data "
          + "(onnx.save(…, save_as_external_data=True))")
    }
    for (prefix, kind) in lookalikes where bytes.starts(with: prefix) {
      return OnnxError(id: "onnx-not-onnx", message: "this is not an ONNX model but \(kind)")
    }
    return nil
  }

  /// The error for a file that the protobuf decoder refused.
  static func explain(_ error: BinaryDecodingError) -> OnnxError {
    switch error {
    case .truncated:
      return OnnxError(id: "onnx-truncated", message: "the file ends inside a message; it is incomplete or damaged")
    case .invalidUTF8:
      return OnnxError(id: "onnx-malformed", message: "the file is damaged: a name is not UTF-8")
    case .messageDepthLimit:
      return OnnxError(id: "onnx-too-deep", message: "graphs or types are nested too deeply")
    default:
      return OnnxError(id: "onnx-malformed", message: "the file is not a valid ONNX model, or it is damaged")
    }
  }
}
