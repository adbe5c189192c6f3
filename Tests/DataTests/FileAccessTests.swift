import Foundation
import TensorData
import TestSupport
import Testing

@Suite struct FileAccessTests {
  @Test func writesWholeFilesAndReplacesThem() throws {
    try withTemporaryDirectory { path in
      for text in ["a longer first version", "second"] {
        try FileAccess.write([Data(text.utf8), Data(), Data("!".utf8)], to: path + "/file")
        #expect(try FileAccess.map(path + "/file") == Data((text + "!").utf8))
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: path) == ["file"])
    }
  }

  @Test func linksAreFollowed() throws {
    try withTemporaryDirectory { path in
      try FileAccess.write([Data([1, 2])], to: path + "/store")
      try FileManager.default.createSymbolicLink(atPath: path + "/link", withDestinationPath: "store")
      #expect(try FileAccess.map(path + "/link") == Data([1, 2]))
    }
  }

  @Test func anEmptyFileIsEmpty() throws {
    try withTemporaryDirectory { path in
      try FileAccess.write([], to: path + "/empty")
      #expect(try FileAccess.map(path + "/empty").isEmpty)
    }
  }

  @Test func failuresNameTheFileAndLeaveNothing() throws {
    try withTemporaryDirectory { path in
      // A directory stands where the file should go.
      try FileManager.default.createDirectory(atPath: path + "/taken", withIntermediateDirectories: false)
      for target in [path + "/taken", path + "/missing/file"] {
        let error = #expect(throws: TensorDataError.self) { try FileAccess.write([Data([1])], to: target) }
        #expect(error?.id == "file-unwritable")
        #expect(error?.file == target)
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: path) == ["taken"])
    }
  }

  @Test func devicesAreRefused() {
    let error = #expect(throws: TensorDataError.self) { try FileAccess.map("/dev/zero") }
    #expect(error?.id == "file-not-regular")
  }
}
