import AllocationCounter
import Foundation
import TensorData
import TensorRuntime
import TestSupport
import Testing

@testable import TensorONNX

/// Models whose sizes are found or grow while they run, compiled by the command and called as an application does; see
/// Tests/Fixtures/make_onnx_decoding.py and make_onnx_sizes.py.
@Suite struct DecoderTests {
  /// The bytes of a cache of keys or values in two places: a call reads one and writes the other.
  private final class Cache {
    let places: [UnsafeMutableRawBufferPointer]
    let (heads, depth): (Int, Int)

    init(_ last: HostTensor) {
      (heads, depth) = (last.shape[1], last.shape[3])
      places = (0..<2).map { _ in .allocate(byteCount: last.bytes.count, alignment: 64) }
    }

    deinit { places.forEach { $0.deallocate() } }

    func rows(_ count: Int, of step: Int) throws -> HostArray {
      let bytes = UnsafeRawBufferPointer(rebasing: places[step % 2][..<(heads * count * depth * 4)])
      return try HostArray(borrowing: bytes, shape: [1, heads, count, depth], .f32)
    }

    func element(_ head: Int, _ row: Int, _ column: Int, rows: Int, of step: Int) -> Float {
      places[step % 2].load(fromByteOffset: 4 * ((head * rows + row) * depth + column), as: Float.self)
    }
  }

  @Test func `a cache grows by a token a call`() throws {
    let known = try data("decoder")
    let tokens = try #require(known["tokens"]).elements(as: Int64.self)
    let scores = try #require(known["scores"]).elements(as: Float.self)
    let keys = try #require(known["keys"]), values = try #require(known["values"])
    let context = try compiled("decoder").makeContext(threads: 2)
    let caches = [("keys", keys, Cache(keys)), ("values", values, Cache(values))]
    var next = tokens[0]
    var before = 0
    for step in tokens.indices {
      #expect(next == tokens[step], "step \(step)")
      try context.setInput("token", HostArray([next]))
      for (name, _, cache) in caches {
        try context.setInput("past_\(name)", cache.rows(step, of: step))
        try context.setOutput("new_\(name)", memory: cache.places[(step + 1) % 2])
      }
      before = allocation_count()
      try context.run()
      let made = allocation_count() - before
      #expect(step == 0 || made == 0, "step \(step) allocates \(made) times")
      let found = try context.output("scores").elements() as [Float]
      for (place, score) in found.enumerated() {
        let expected = scores[step * found.count + place]
        #expect(abs(score - expected) < 1e-4 + 1e-4 * abs(expected), "step \(step), token \(place)")
      }
      next = Int64(found.indices.max { found[$0] < found[$1] } ?? 0)
    }
    #expect(before != 0)
    let count = tokens.count
    for (name, last, cache) in caches {
      let expected = try last.elements(as: Float.self)
      for place in expected.indices {
        let (row, column) = (place / cache.depth, place % cache.depth)
        let found = cache.element(row / count, row % count, column, rows: count, of: count)
        #expect(abs(found - expected[place]) < 1e-4, "\(name) at \(place)")
      }
    }
  }

  @Test(arguments: ["found", "parts", "growing", "ranks", "decoding"])
  func `sizes that a run finds are those of the runtime`(_ theme: String) throws {
    let known = try data(theme)
    let model = try compiled(theme)
    let inputs = try Dictionary(
      uniqueKeysWithValues: model.description.inputs.map { ($0.name, try array(#require(known[$0.name]))) })
    for threads in [1, 2] {
      let outputs = try model.run(inputs, threads: threads)
      for (name, output) in outputs {
        let expected = try #require(known[name])
        #expect(output.shape == expected.shape, "\(name), \(threads) threads")
        guard output.shape == expected.shape else { continue }
        let found = try HostTensor(type: expected.type, shape: output.shape, bytes: output.withUnsafeBytes { Data($0) })
        for place in 0..<expected.elementCount {
          let (a, b) = (found.number(place) ?? .nan, expected.number(place) ?? .nan)
          let isNear = a == b || a.isNaN && b.isNaN || abs(a - b) <= 1e-4 + 1e-3 * abs(b)
          #expect(isNear, "\(name)[\(place)] is \(a) and should be \(b), \(threads) threads")
        }
      }
    }
  }

  private func fixture(_ name: String) -> String {
    let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    return directory.appendingPathComponent("Fixtures/onnx/\(name).onnx").path
  }

  private func data(_ theme: String) throws -> [String: HostTensor] {
    let tensors = try OnnxModel(contentsOf: fixture("\(theme).data")).initializers()
    return Dictionary(uniqueKeysWithValues: try tensors.map { ($0.name, try $0.numbers()) })
  }

  private func compiled(_ theme: String) throws -> Model {
    let place = try Workplace()
    let outcome = try place.tensorc("compile", fixture(theme), "-o", "model")
    #expect(outcome.status == 0, "\(outcome)")
    return try CompiledLibrary(path: place.url.appendingPathComponent("model.so").path).makeModel()
  }

  private func array(_ tensor: HostTensor) throws -> HostArray {
    let type = try #require(HostArray.ElementType.allCases.first { "\($0)" == tensor.type.rawValue })
    return try tensor.bytes.withUnsafeBytes { try HostArray(bytes: $0, shape: tensor.shape, type) }
  }
}
