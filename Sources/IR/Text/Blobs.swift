/// Where the text says that the bytes of a tensor are.
public struct BlobReference: Hashable, Sendable {
  /// The file beside the text, and the offset in it; nil where the text was printed without a blob.
  public var file: String?
  public var offset: Int?
  public var elementType: ElementType
  public var shape: [Int]
  public var hash: UInt64
}

/// Finds the tensors that a text refers to.
public protocol BlobSource: Sendable {
  /// The tensor; throws a ``Diagnostic``.
  func tensor(_ reference: BlobReference) throws -> TensorLiteral
}

/// Tensors in memory, found by hash: reads back a text that was printed in this process.
public struct MemoryBlobs: BlobSource {
  private var tensors: [UInt64: [TensorLiteral]] = [:]

  public init(_ tensors: [TensorLiteral] = []) { for tensor in tensors { add(tensor) } }

  /// The tensors among the attributes of functions.
  public init(of functions: [Function]) throws {
    for function in functions { for tensor in try function.blobTensors() { add(tensor) } }
  }

  public mutating func add(_ tensor: TensorLiteral) { tensors[tensor.fingerprint, default: []].append(tensor) }

  public func tensor(_ reference: BlobReference) throws -> TensorLiteral {
    let found = tensors[reference.hash]?.first {
      $0.elementType == reference.elementType && $0.shape == reference.shape
    }
    guard let found else {
      throw Diagnostic("blob-missing", "no tensor with the hash \(String(reference.hash, radix: 16)) is at hand")
    }
    return found
  }
}

extension Function {
  /// The tensors that are too large for the text, each once, in order of appearance.
  func blobTensors() throws -> [TensorLiteral] {
    var found: [TensorLiteral] = []
    var seen: Set<TensorLiteral> = []
    func collect(_ attribute: Attribute) {
      switch attribute {
      case .tensor(let tensor): if tensor.needsBlob && seen.insert(tensor).inserted { found.append(tensor) }
      case .list(let values): values.forEach(collect)
      case .record(let fields): fields.forEach { collect($0.value) }
      default: break
      }
    }
    try forEachOperation { collect(try AttributeEncoder().encode($0.op)) }
    return found
  }
}
