import Foundation
import TestSupport
import Testing

@testable import TensorData

private func touch(_ names: [String], in path: String) throws {
  for name in names { try Data().write(to: URL(fileURLWithPath: path).appendingPathComponent(name)) }
}

@Suite struct DataDirectoryTests {
  @Test func writesAndReadsBack() throws {
    try withTemporaryDirectory { path in
      let tensors = try (0..<11).map { try HostTensor(type: .i64, shape: [], elements: [Int64($0)]) }
      try DataDirectory.write(tensors, as: "output", in: path + "/made/here")
      let directory = try DataDirectory(path + "/made/here")
      #expect(directory.inputs.isEmpty)
      #expect(try directory.readOutputs() == tensors)
      // Nothing half written stays behind.
      #expect(try FileManager.default.contentsOfDirectory(atPath: path + "/made/here").count == 11)
    }
  }

  @Test func decodesProtobufAsTold() throws {
    try withTemporaryDirectory { path in
      try touch(["input_0.pb", "input_1.npy", "input_x.npy", "input_01.npy", "notes.txt", "input_2.npy.bak"], in: path)
      let tensor = try HostTensor(type: .u8, shape: [1], elements: [UInt8(5)])
      let directory = try DataDirectory(path) { _ in tensor }
      #expect(directory.inputs.map(\.format) == [.pb, .npy])
      #expect(try directory.read(directory.inputs[0]) == tensor)
      let plain = try DataDirectory(path)
      #expect(throws: TensorDataError.self) { try plain.read(plain.inputs[0]) }
    }
  }

  @Test(arguments: [
    (["input_0.pb", "input_0.npy"], "data-ambiguous"), (["output_1.pb"], "data-gap"),
    (["input_0.npy", "input_2.npy"], "data-gap"),
  ]) func refusesWhatIsUnclear(_ names: [String], _ id: String) throws {
    try withTemporaryDirectory { path in
      try touch(names, in: path)
      let error = #expect(throws: TensorDataError.self) { try DataDirectory(path) }
      #expect(error?.id == id)
    }
  }

  @Test func doesNotWriteBesideAnotherFormat() throws {
    try withTemporaryDirectory { path in
      try touch(["output_0.pb"], in: path)
      let tensor = try HostTensor(type: .u8, shape: [1], elements: [UInt8(5)])
      #expect(throws: TensorDataError.self) { try DataDirectory.write([tensor], as: "output", in: path) }
    }
  }

  @Test func aMissingDirectoryIsAnError() {
    let error = #expect(throws: TensorDataError.self) { try DataDirectory("/nowhere/at/all") }
    #expect(error?.description.hasPrefix("/nowhere/at/all: error: ") == true)
  }
}
