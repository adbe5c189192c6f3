import TensorLayers

/// Examples that are taken in batches: inputs and targets, each a tensor whose first axis counts the examples.
public protocol DataSet: Sendable {
  var count: Int { get }
  /// The examples at some positions, in that order.
  func batch(_ positions: [Int]) throws -> Batch
}

/// Some examples.
public struct Batch: Sendable {
  /// [n, …].
  public var inputs: Tensor
  /// [n, …].
  public var targets: Tensor

  public init(_ inputs: Tensor, _ targets: Tensor) {
    self.inputs = inputs
    self.targets = targets
  }

  public var count: Int { inputs.shape.first?.constant ?? 0 }
}

/// A mistake in data, or in how training is set up.
public struct TrainingError: Error, Sendable, CustomStringConvertible {
  public let text: String
  public init(_ text: String) { self.text = text }
  public var description: String { "error: \(text)" }
}

private func require(_ positions: [Int], below count: Int) throws {
  guard let wrong = positions.first(where: { !(0..<count).contains($0) }) else { return }
  throw TrainingError("there is no example \(wrong) among \(count)")
}

/// The number of elements of a shape; nil where it is out of range.
func elementCount(_ shape: [Int]) -> Int? {
  shape.reduce(1) { count, extent in
    guard let count, extent >= 0 else { return nil }
    let product = count.multipliedReportingOverflow(by: extent)
    return product.overflow ? nil : product.partialValue
  }
}

/// Rows of numbers in memory: what most data sets are. Rows are kept as they were stored, bytes as bytes, and become
/// elements of a type when a batch is made.
public struct Rows: Sendable {
  private enum Storage: Sendable {
    case bytes([UInt8])
    case floats([Float])
    case integers([Int64])
  }
  private let storage: Storage
  public let count: Int
  /// The shape of one row.
  public let shape: [Int]
  private let size: Int
  /// What bytes are multiplied by.
  private let scale: Float

  /// Bytes, which become f32 times a scale, `1 / 255` for pixels from 0 to 1.
  public init(bytes: [UInt8], shape: [Int], scale: Float) throws {
    try self.init(.bytes(bytes), bytes.count, shape, scale)
  }

  /// f32.
  public init(floats: [Float], shape: [Int] = []) throws { try self.init(.floats(floats), floats.count, shape, 1) }

  /// i64: labels or tokens.
  public init(integers: [Int64], shape: [Int] = []) throws {
    try self.init(.integers(integers), integers.count, shape, 1)
  }

  /// A tensor's rows, along its first axis: f32 of floats, i64 of integers.
  public init(_ tensor: Tensor) throws {
    guard let shape = tensor.type.constantShape, !shape.isEmpty else {
      throw TrainingError("rows are along the first axis of a tensor, and \(tensor.type) has none")
    }
    let rest = Array(shape.dropFirst())
    if tensor.elementType.isFloat {
      try self.init(floats: tensor.cast(to: .f32).array(of: Float.self), shape: rest)
    } else {
      try self.init(integers: tensor.cast(to: .i64).array(of: Int64.self), shape: rest)
    }
  }

  private init(_ storage: Storage, _ total: Int, _ shape: [Int], _ scale: Float) throws {
    guard let size = elementCount(shape), size > 0, total % size == 0 else {
      throw TrainingError("\(total) numbers are no rows of shape \(shape)")
    }
    self.size = size
    self.storage = storage
    self.shape = shape
    self.scale = scale
    count = total / size
  }

  /// Some rows as a tensor [n] + shape.
  /// - Throws: ``TrainingError`` where there is no such row.
  public func tensor(_ positions: [Int]) throws -> Tensor {
    try require(positions, below: count)
    let full = [positions.count] + shape
    switch storage {
    case .bytes(let all):
      return Tensor(of: gathered(positions) { Float(all[$0]) * scale }, shape: full)
    case .floats(let all): return Tensor(of: gathered(positions) { all[$0] }, shape: full)
    case .integers(let all): return Tensor(of: gathered(positions) { all[$0] }, shape: full)
    }
  }

  private func gathered<Element>(_ positions: [Int], _ element: (Int) -> Element) -> [Element] {
    [Element](unsafeUninitializedCapacity: positions.count * size) { buffer, count in
      for (row, position) in positions.enumerated() {
        for column in 0..<size {
          (buffer.baseAddress! + row * size + column).initialize(to: element(position * size + column))
        }
      }
      count = positions.count * size
    }
  }
}

/// Inputs and targets in memory.
public struct MemoryDataSet: DataSet {
  public let inputs: Rows
  public let targets: Rows
  public var count: Int { inputs.count }

  public init(_ inputs: Rows, _ targets: Rows) throws {
    guard inputs.count == targets.count else {
      throw TrainingError("there are \(inputs.count) inputs and \(targets.count) targets")
    }
    self.inputs = inputs
    self.targets = targets
  }

  /// Tensors whose first axes count the examples.
  public init(_ inputs: Tensor, _ targets: Tensor) throws { try self.init(Rows(inputs), Rows(targets)) }

  public func batch(_ positions: [Int]) throws -> Batch {
    Batch(try inputs.tensor(positions), try targets.tensor(positions))
  }
}

/// Pieces of a long text of tokens: of each piece the tokens as inputs, and those one place further as targets.
public struct TokenDataSet: DataSet {
  public let tokens: [Int64]
  public let length: Int
  public var count: Int { length < 1 ? 0 : max(tokens.count - 1, 0) / length }

  public init(_ tokens: [Int64], length: Int) {
    self.tokens = tokens
    self.length = length
  }

  public func batch(_ positions: [Int]) throws -> Batch {
    try require(positions, below: count)
    func pieces(_ offset: Int) -> Tensor {
      let numbers = positions.flatMap { tokens[$0 * length + offset..<($0 + 1) * length + offset] }
      return Tensor(of: Array(numbers), shape: [positions.count, length])
    }
    return Batch(pieces(0), pieces(1))
  }
}

/// Some positions of another data set, such as those kept back for validation.
public struct Subset<Whole: DataSet>: DataSet {
  public let whole: Whole
  public let positions: [Int]
  public var count: Int { positions.count }

  public init(whole: Whole, positions: [Int]) {
    self.whole = whole
    self.positions = positions
  }

  public func batch(_ positions: [Int]) throws -> Batch {
    try require(positions, below: count)
    return try whole.batch(positions.map { self.positions[$0] })
  }
}

extension DataSet {
  /// The examples in two parts, drawn at random by a seed: `let (training, validation) = data.split(0.9, seed: 1)`.
  public func split(_ share: Double, seed: UInt64) -> (Subset<Self>, Subset<Self>) {
    var random = RandomNumbers(seed: seed)
    let order = random.permutation(count)
    let first = Int((Double(count) * min(max(share, 0), 1)).rounded())
    return (
      Subset(whole: self, positions: Array(order.prefix(first))),
      Subset(whole: self, positions: Array(order.dropFirst(first)))
    )
  }
}
