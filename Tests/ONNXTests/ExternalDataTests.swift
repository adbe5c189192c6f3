import Foundation
import SwiftProtobuf
import TensorData
import TestSupport
import Testing

@testable import TensorONNX

/// The initialisers of a model that stands in `directory` beside `weights.bin`, sixteen bytes of the floats 0 to 3.
private func load(_ entries: [(String, String)], in directory: String) throws -> [OnnxTensor] {
  var model = smallModel()
  model.graph.initializer[0].dims = [2]
  model.graph.initializer[0].floatData = []
  model.graph.initializer[0].dataLocation = .external
  model.graph.initializer[0].externalData = entries.map { key, value in
    var entry = Onnx_StringStringEntryProto()
    entry.key = key
    entry.value = value
    return entry
  }
  let weights = ([0, 1, 2, 3] as [Float]).withUnsafeBytes { Data($0) }
  try FileAccess.write([weights], to: directory + "/weights.bin")
  try FileAccess.write([try model.serializedBytes()], to: directory + "/model.onnx")
  return try OnnxModel(contentsOf: directory + "/model.onnx").initializers()
}

@Suite struct ExternalDataTests {
  @Test func isReadFromBesideTheModel() throws {
    try withTemporaryDirectory { path in
      for length in [[], [("length", "8")]] {
        let tensors = try load([("location", "weights.bin"), ("offset", "4")] + length, in: path)
        #expect(try tensors[0].numbers().elements(as: Float.self) == [1, 2])
      }
    }
  }

  @Test(
    arguments: [
      ("onnx-external-location", [("location", "/etc/hostname")]),
      ("onnx-external-location", [("location", "../weights.bin")]),
      ("onnx-external-location", [("location", "a/../../weights.bin")]),
      ("onnx-external-location", [("location", "..\\weights.bin")]),
      ("onnx-external-location", [("location", "C:\\weights.bin")]),
      ("onnx-external-location", [("location", "weights.bin\0.txt")]),
      ("onnx-external-location", [("location", "")]),
      ("onnx-external-location", []),
      ("onnx-external-missing", [("location", "other.bin")]),
      ("onnx-external-missing", [("location", ".")]),
      ("onnx-external-entry", [("location", "weights.bin"), ("offset", "-4")]),
      ("onnx-external-entry", [("location", "weights.bin"), ("offset", "four")]),
      ("onnx-external-entry", [("location", "weights.bin"), ("location", "weights.bin")]),
      ("onnx-external-truncated", [("location", "weights.bin"), ("offset", "12")]),
      ("onnx-external-truncated", [("location", "weights.bin"), ("offset", "9223372036854775807")]),
      ("onnx-size-mismatch", [("location", "weights.bin"), ("length", "4")]),
    ] as [(String, [(String, String)])])
  func refusesWhatIsUnsafeOrMissing(_ id: String, _ entries: [(String, String)]) throws {
    try withTemporaryDirectory { path in
      let error = #expect(throws: OnnxError.self) { try load(entries, in: path) }
      #expect(error?.id == id, "\(error?.description ?? "")")
    }
  }

  @Test func testDataIsReadWithoutTheModel() throws {
    try withTemporaryDirectory { path in
      let numbers = try HostTensor(type: .i64, shape: [2], elements: [3, 4] as [Int64])
      let bytes = try OnnxTensor(name: "x", value: .numbers(numbers)).serialized()
      try FileAccess.write([bytes], to: path + "/input_0.pb")
      #expect(try DataDirectory(onnx: path).readInputs() == [numbers])
      try FileAccess.write([bytes.dropLast()], to: path + "/input_0.pb")
      let error = #expect(throws: TensorDataError.self) { try DataDirectory(onnx: path).readInputs() }
      #expect(error?.file?.hasSuffix("input_0.pb") == true)
    }
  }
}
