import Foundation
import Tensors

func guessReading() throws {
  let x = Tensor([[1, 2, 3], [4, 5, 6]])
  _ = try x.array(of: Float.self)
  _ = try x.floats()
  _ = try x.cast(to: .f64).array(of: Double.self)
  _ = try [Float](x)
  _ = try Array<Float>(x)
  _ = try x.sum().item()
  _ = try Float(x.sum())
  _ = try Double(x.sum())
  _ = try Int(x.argmax())
  _ = try x.withUnsafeBytes { $0.count }
  _ = try x.evaluate()
  _ = "\(x)"
  _ = x.description
  for row in x { _ = row.sum() }
  for row in x.rows { _ = row.sum() }
  for (a, b) in zip(x, x) { _ = a + b }
  _ = x.rows.map { $0.mean() }
  _ = zip([x], [x]).map { $0 + $1 }
  _ = Array(x)
  let total = [x, x, x].reduce(Tensor(0)) { $0 + $1 }
  _ = try total.floats()
}

func guessFiles() throws {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent("guesses-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  let x = Tensor([[1, 2, 3], [4, 5, 6]])
  let file = folder.appendingPathComponent("x.npy")
  try x.save(to: file)
  try x.save(file.path)
  try x.save(npy: file.path)
  _ = try Tensor(contentsOf: file)
  _ = try Tensor(npy: file.path)
  let json = try JSONEncoder().encode(x)
  _ = try JSONDecoder().decode(Tensor.self, from: json)
}

func guessTraining() throws {
  let x = Tensor([[1, 2, 3], [4, 5, 6]])
  _ = Linear(3, 8)
  _ = Linear(inputs: 3, outputs: 8)
  _ = Linear(3, 8, bias: false)
  _ = Embedding(100, 16)
  _ = Embedding(vocabularySize: 100, embeddingSize: 16)
  _ = Dropout(0.5)
  _ = LayerNorm(3)
  _ = SGD(rate: 0.1)
  _ = SGD(learningRate: 0.1, momentum: 0.9)
  _ = Adam()
  _ = Adam(learningRate: 1e-3)
  _ = AdamW(learningRate: 1e-3, weightDecay: 0.01)
  _ = Linear(3, 8)(x).relu()
  _ = try gradient(at: x) { $0.pow(2).sum() }
  let (value, slope) = try valueAndGradient(at: x) { ($0 * $0).sum() }
  _ = (value, slope)
  let double = try compile(x) { $0 * 2 }
  _ = try double(x)
}

/// A generic helper, as users write them over the elements of tensors.
func rounded<Element: HostElement & Comparable>(_ tensor: Tensor, as type: Element.Type) throws -> Element? {
  try tensor.array(of: type).max()
}
