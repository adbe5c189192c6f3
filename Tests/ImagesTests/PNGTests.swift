import Foundation
import TensorImages
import Tensors
import Testing

@Suite struct PNGTests {
  private func place(_ name: String) -> String {
    FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString)-\(name)").path
  }

  /// Pictures of each number of channels come back as they were written.
  @Test(arguments: [nil, 1, 2, 3, 4]) func backAndForth(_ channels: Int?) throws {
    var random = RandomNumbers(seed: 3)
    let shape = (channels.map { [$0] } ?? []) + [5, 7]
    let picture = try random.integers(shape, in: 0..<256, .u8).evaluate()
    let path = place("a.png")
    defer { try? FileManager.default.removeItem(atPath: path) }
    try picture.save(png: path)
    let again = try Tensor(png: path)
    #expect(again.type.constantShape == [channels ?? 1, 5, 7] && again.elementType == .u8)
    #expect(try again.array(of: UInt8.self) == picture.array(of: UInt8.self))
  }

  @Test func floatsAreBrightnesses() throws {
    let path = place("b.png")
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Tensor([0, 0.5, 1, -3, 7, .nan], shape: [2, 3]).save(png: path)
    #expect(try Tensor(png: path).array(of: UInt8.self) == [0, 128, 255, 0, 255, 0])
  }

  /// Files that Python's zlib made (Tests/Fixtures/make_png.py).
  @Test func filesOfOthers() throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../Fixtures/png")
    let colours = try Tensor(png: folder.appendingPathComponent("colours.png").path)
    #expect(colours.type.constantShape == [3, 2, 3])
    #expect(try colours.array(of: UInt8.self) == (0..<3).flatMap { c in (0..<6).map { UInt8($0 * 40 + c) } })
    let palette = try Tensor(png: folder.appendingPathComponent("palette.png").path)
    #expect(palette.type.constantShape == [3, 1, 2])
    #expect(try palette.array(of: UInt8.self) == [200, 10, 100, 20, 50, 30])
  }

  @Test func mistakes() throws {
    func id(_ body: () throws -> Void) -> String? {
      do { try body() } catch { return (error as? ImageError)?.id }
      return nil
    }
    let path = place("c.png")
    defer { try? FileManager.default.removeItem(atPath: path) }
    #expect(id { _ = try Tensor(png: path) } == "no-file")
    try Data("no picture".utf8).write(to: URL(fileURLWithPath: path))
    #expect(id { _ = try Tensor(png: path) } == "not-png")
    try Tensor.zeros([8, 8]).save(png: path)
    let whole = try Data(contentsOf: URL(fileURLWithPath: path))
    try whole.prefix(whole.count - 20).write(to: URL(fileURLWithPath: path))
    #expect(id { _ = try Tensor(png: path) } == "not-png")
    #expect(id { try Tensor.zeros([5, 8, 8]).save(png: path) } == "shape")
    #expect(id { try Tensor.zeros([8]).save(png: path) } == "shape")
    #expect(id { try Tensor.zeros([8, 8], .i32).save(png: path) } == "element-type")
    #expect(id { try Tensor.zeros([8, 8]).save(png: "/nowhere/at/all.png") } == "write")
  }

  @Test func sheets() throws {
    let pictures = Tensor((0..<12).map { Double($0) }, shape: [3, 2, 2])
    let sheet = contactSheet(pictures, columns: 2, background: 9)
    #expect(sheet.type.constantShape == [6, 6])
    #expect(
      try sheet.array(of: Float.self) == [
        0, 1, 9, 4, 5, 9, 2, 3, 9, 6, 7, 9, 9, 9, 9, 9, 9, 9, 8, 9, 9, 9, 9, 9, 10, 11, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9,
      ])
  }
}
