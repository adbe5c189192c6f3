import Foundation
import TensorData
import Testing

@testable import Tensors

@Suite struct FileTests {
  private func inFolder(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("tensors-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder.path)
  }

  @Test(arguments: ["a.npz", "a.safetensors"]) func whatIsSavedIsLoaded(_ name: String) throws {
    try inFolder { folder in
      let x = Tensor([[1, 2], [3, 4]])
      let half = Tensor([0.5, -2], .f16)
      try saveTensors(
        ["sum": x + x, "half": half, "truth": x .> 2, "none": .zeros([0, 3], .i64)], to: "\(folder)/\(name)")
      let read = try loadTensors("\(folder)/\(name)")
      #expect(read.keys.sorted() == ["half", "none", "sum", "truth"])
      #expect(try read["sum"]?.array(of: Float.self) == [2, 4, 6, 8])
      #expect(read["half"]?.elementType == .f16 && read["none"]?.shape == [0, 3])
      #expect(try read["half"]?.cast(to: .f32).array(of: Float.self) == [0.5, -2])
      #expect(try read["truth"]?.array(of: Bool.self) == [false, false, true, true])
    }
  }

  @Test func oneTensorIsAnNpyFile() throws {
    try inFolder { folder in
      try (Tensor([1, 2, 3]) * 2).save(npy: "\(folder)/x.npy")
      let x = try Tensor(npy: "\(folder)/x.npy")
      #expect(try x.array(of: Float.self) == [2, 4, 6] && x.shape == [3])
    }
  }

  @Test func otherEndingsAreRefused() {
    #expect(throws: TensorDataError.self) { try saveTensors([:], to: "a.txt") }
    #expect(throws: TensorDataError.self) { _ = try loadTensors("a.npy") }
  }
}

@Suite struct SubscriptTests {
  private let x = Tensor((0..<24).map(Double.init), shape: [2, 3, 4])

  private func numbers(_ tensor: Tensor) throws -> [Int] { try tensor.array(of: Float.self).map { Int($0) } }

  /// Expected elements and shapes are NumPy's.
  @Test func partsAreNumPys() throws {
    #expect(try numbers(x[1, 2, 3]) == [23] && x[1, 2, 3].shape == [])
    #expect(try numbers(x[-1, 0]) == [12, 13, 14, 15])
    #expect(try numbers(x[.all, 1..<3, -1]) == [7, 11, 19, 23] && x[.all, 1..<3, -1].shape == [2, 2])
    #expect(try numbers(x[..., 0]) == [0, 4, 8, 12, 16, 20] && x[..., 0].shape == [2, 3])
    #expect(try numbers(x[0, ..., 2...]) == [2, 3, 6, 7, 10, 11])
    #expect(try numbers(x[0, 0, .stride(by: -1)]) == [3, 2, 1, 0])
    #expect(try numbers(x[0, 0, .stride(from: -1, to: 0, by: -2)]) == [3, 1])
    #expect(try numbers(x[0, 0, 1..<100]) == [1, 2, 3] && x[0, 5..<9].shape == [0, 4])
    #expect(x[.newAxis, 0, .ellipsis, .newAxis].shape == [1, 3, 4, 1])
    let picked = x[0, .all, Tensor([2, 0, -1], .i64)]
    #expect(try numbers(picked) == [2, 0, 3, 6, 4, 7, 10, 8, 11] && picked.shape == [3, 3])
  }

  @Test func assigningReplacesAPart() throws {
    var y = Tensor.zeros([2, 3])
    let before = y
    y[1] = Tensor([1, 2, 3])
    y[.all, 0] = Tensor(9)
    #expect(try numbers(y) == [9, 0, 0, 9, 2, 3])
    y[.all, .stride(by: -2)] = Tensor([[1, 2]])
    #expect(try numbers(y) == [2, 0, 1, 2, 2, 1])
    y[y .== 2] = Tensor(7)
    #expect(try numbers(y) == [7, 0, 1, 7, 7, 1])
    y[.all, Tensor([0, 2], .i64)] = Tensor(5)
    #expect(try numbers(y) == [5, 0, 5, 5, 7, 5])
    y[...] += 1
    #expect(try numbers(y) == [6, 1, 6, 6, 8, 6])
    #expect(try numbers(before) == [0, 0, 0, 0, 0, 0])
  }

  @Test func aMaskDoesNotWidenWhatItIsAssignedTo() throws {
    var y = Tensor.zeros([3])
    y[Tensor([1, 0, 1], .bool)] = Tensor.ones([2, 3])
    #expect(throws: Diagnostic.self) { try y.evaluate() }
  }

  @Test func mistakesAreReportedWhenTheyAreUsed() {
    func id(_ tensor: Tensor) -> String {
      do { try tensor.evaluate() } catch { return (error as? Diagnostic)?.id ?? "\(error)" }
      return "none"
    }
    #expect(id(x[2]) == "index-out-of-range")
    #expect(id(x[-3]) == "index-out-of-range")
    #expect(id(x[0, 0, 0, 0]) == "bad-index")
    #expect(id(x[..., .ellipsis]) == "bad-index")
    #expect(id(x[.stride(by: 0)]) == "bad-index")
    #expect(id(x[Tensor([0], .i64), Tensor([0], .i64)]) == "bad-index")
  }

  @Test func partsOfSymbolicTensors() throws {
    let f = try compile(TensorType.f32("n", 3)) { x in [x[-1], x[..<2, 1], x[.stride(by: -2), 0]] }
    let results = try f(Tensor([[1, 2, 3], [4, 5, 6], [7, 8, 9]]))
    #expect(try numbers(results[0]) == [7, 8, 9])
    #expect(try numbers(results[1]) == [2, 5])
    #expect(try numbers(results[2]) == [7, 1])
  }

  @Test func gradientsPassThroughParts() throws {
    let point = Tensor([1, 2, 3, 4], .f64)
    let gradient = try valueAndGradient(at: point) { x in
      var y = x * x
      y[1..<3] = x[2...]
      return (y * Tensor([1, 10, 100, 1000], .f64)).sum()
    }.gradient
    #expect(try gradient.array(of: Double.self) == [2, 0, 10, 8100])
  }
}
