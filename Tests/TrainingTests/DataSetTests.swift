import Foundation
import Pictures
import TensorTraining
import Testing

/// Data sets and the files they come in.
@Suite struct DataSetTests {
  private func file(_ bytes: [UInt8], _ name: String = "data") throws -> String {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("data-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let url = folder.appendingPathComponent(name)
    try Data(bytes).write(to: url)
    return url.path
  }

  private func mistake(_ body: () throws -> Void) -> String {
    do { try body() } catch { return "\(error)" }
    return ""
  }

  @Test func idxFiles() throws {
    let images = try file([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 0, 255, 51, 102])
    let labels = try file([0, 0, 8, 1, 0, 0, 0, 2, 7, 9])
    let data = try MemoryDataSet(idxImages: images, labels: labels, shape: [1, 1, 2])
    let batch = try data.batch([1, 0])
    #expect(batch.inputs.shape == [2, 1, 1, 2])
    #expect(try batch.inputs.array(of: Float.self) == [51, 102, 0, 255].map { Float($0) * (1 / 255) })
    #expect(try batch.targets.array(of: Int64.self) == [9, 7])
    #expect(mistake { _ = try DataFile.idx(try file([0, 0, 8, 1, 0, 0, 0, 3, 7, 9])) }.contains("2 bytes"))
    #expect(mistake { _ = try DataFile.idx(try file([0, 0, 8, 3, 0])) }.contains("cut short"))
    // Extents whose product is 2⁶⁴.
    let vast: [UInt8] = [0, 0, 8, 3, 128, 0, 0, 0, 128, 0, 0, 0, 0, 0, 0, 4]
    #expect(mistake { _ = try DataFile.idx(try file(vast)) }.contains("0 bytes"))
    #expect(mistake { _ = try DataFile.idx(try file([1, 2])) }.contains("not an IDX file"))
    #expect(mistake { _ = try DataFile.idx("missing") }.contains("'missing'"))
    let one = try file([0, 0, 8, 1, 0, 0, 0, 1, 7])
    #expect(mistake { _ = try MemoryDataSet(idxImages: images, labels: one) }.contains("2 inputs and 1 targets"))
  }

  @Test func tables() throws {
    let path = try file(Array("a, b, kind\r\n1, 2.5, 0\n\n-3,4e1,1\n".utf8))
    let table = try DataFile.csv(path)
    #expect(table.numbers == [1, 2.5, 0, -3, 40, 1] && table.columns == 3 && table.heading == ["a", "b", "kind"])
    let batch = try MemoryDataSet(csv: path).batch([0, 1])
    #expect(try batch.inputs.array(of: Float.self) == [1, 2.5, -3, 40])
    #expect(try batch.targets.array(of: Int64.self) == [0, 1])
    for target in ["nan", "1e30", "0.5"] {
      #expect(mistake { _ = try MemoryDataSet(csv: try file(Array("1,\(target)\n".utf8))) }.contains("no label"))
    }
    #expect(mistake { _ = try DataFile.csv(try file(Array("1,2\n3\n".utf8))) }.contains(":2: 1 columns"))
    #expect(mistake { _ = try DataFile.csv(try file(Array("1,2\n3,x\n".utf8))) }.contains(":2: 'x' is no number"))
  }

  @Test func textsAndArrays() throws {
    let (tokens, vocabulary) = try DataFile.characters(try file(Array("abacab".utf8)))
    #expect(tokens == [0, 1, 0, 2, 0, 1] && vocabulary == ["a", "b", "c"])
    let pieces = TokenDataSet(tokens, length: 2)
    #expect(pieces.count == 2)
    #expect(mistake { _ = try pieces.batch([2]) }.contains("no example 2"))
    let batch = try pieces.batch([1])
    #expect(try batch.inputs.array(of: Int64.self) == [0, 2] && batch.targets.array(of: Int64.self) == [2, 0])
    let x = try file([], "x.npy")
    let y = try file([], "y.npy")
    try Tensor([[1, 2], [3, 4]]).save(npy: x)
    try Tensor(of: [5, 6] as [Int64]).save(npy: y)
    let loaded = try MemoryDataSet(npyInputs: x, targets: y).batch([1])
    #expect(try loaded.inputs.array(of: Float.self) == [3, 4] && loaded.targets.array(of: Int64.self) == [6])
  }

  @Test func ordersAreOfSeedAndPass() throws {
    let order = BatchOrder(count: 10, size: 4, seed: 3)
    let first = order.positions(pass: 0)
    #expect(first.map(\.count) == [4, 4, 2] && first.flatMap { $0 }.sorted() == Array(0..<10))
    #expect(order.positions(pass: 0) == first && order.positions(pass: 1) != first)
    #expect(
      BatchOrder(count: 10, size: 4, seed: nil, keepsLast: false).positions(pass: 0) == [[0, 1, 2, 3], [4, 5, 6, 7]])
    let (training, validation) = try MemoryDataSet(Tensor.ones([10, 1]), Tensor.ones([10])).split(0.8, seed: 1)
    #expect(training.count == 8 && validation.count == 2)
    #expect(Set(training.positions + validation.positions).count == 10)
  }

  /// What is made on another thread comes in order, and a mistake in its place.
  @Test func batchesComeInOrder() throws {
    struct Faulty: DataSet {
      let count = 5
      func batch(_ positions: [Int]) throws -> Batch {
        if positions[0] == 3 { throw TrainingError("no third") }
        return Batch(Tensor(positions.map(Double.init)), Tensor([0]))
      }
    }
    let batches = Prefetcher(Faulty(), [[0], [1], [2], [3], [4]], ahead: 1)
    for number in 0..<3 { #expect(try batches.next()?.inputs.array(of: Float.self) == [Float(number)]) }
    #expect(throws: TrainingError.self) { try batches.next() }
    #expect(try batches.next()?.inputs.array(of: Float.self) == [4])
    #expect(try batches.next() == nil)
  }

  @Test func theSampleTakesPictures() throws {
    let f = try trace(PictureNetwork(), TensorType.f32("n", 1, 28, 28)) { $0($1, .inference) }
    #expect(f.resultTypes[0].shape == [Dimension(symbol: "n"), 10])
  }

  /// Who asks for a batch after the end, or after stopping, gets none and does not wait.
  @Test func prefetchingEnds() throws {
    let data = try MemoryDataSet(Tensor.ones([6, 1]), Tensor.ones([6, 1]))
    let whole = Prefetcher(data, [[0, 1], [2]])
    #expect(try whole.next()?.count == 2 && whole.next()?.count == 1 && whole.next() == nil)
    let stopped = Prefetcher(data, (0..<6).map { [$0] })
    stopped.stop()
    var batches = 0
    while try stopped.next() != nil { batches += 1 }
    #expect(batches < 6)
  }

  /// A loader that nobody holds any more ends its thread, which lets go of the data.
  @Test func loadersThatAreLetGoEnd() throws {
    final class Held: Sendable {}
    struct Holding: DataSet {
      let held: Held
      let count = 9
      func batch(_ positions: [Int]) throws -> Batch { Batch(Tensor([0]), Tensor([0])) }
    }
    weak var held: Held?
    do {
      let data = Holding(held: Held())
      held = data.held
      let batches = Prefetcher(data, (0..<9).map { [$0] }, ahead: 1)
      #expect(try batches.next() != nil)
    }
    let end = Date() + 60
    while held != nil, Date() < end { Thread.sleep(forTimeInterval: 0.01) }
    #expect(held == nil)
  }
}
