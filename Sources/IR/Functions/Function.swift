/// The number of a value in its function; prints as `%7`.
public struct ValueID: Hashable, Comparable, Sendable, CustomStringConvertible {
  public let raw: UInt32
  public init(_ raw: Int) { self.raw = UInt32(raw) }
  public var index: Int { Int(raw) }
  public static func < (a: ValueID, b: ValueID) -> Bool { a.raw < b.raw }
  public var description: String { "%\(raw)" }
}

/// The number of an operation in its function.
public struct OperationID: Hashable, Comparable, Sendable {
  public let raw: UInt32
  public init(_ raw: Int) { self.raw = UInt32(raw) }
  public var index: Int { Int(raw) }
  public static func < (a: OperationID, b: OperationID) -> Bool { a.raw < b.raw }
}

/// A value: its type and, for goldens and generated code, a name.
public struct Value: Sendable {
  public var type: TensorType
  /// The name it prints with; empty for a number.
  public var name: String

  public init(type: TensorType, name: String = "") {
    self.type = type
    self.name = name
  }
}

/// An operation in a function. Operands may be absent (ONNX's optional inputs).
public struct Operation: Sendable {
  public var op: any Op
  public var operands: [ValueID?]
  public var results: [ValueID]
  /// The bodies of `if`, `loop`, `fused` and the like.
  public var regions: [Region]
  public var location: Location
  /// Conditions to be checked before it runs.
  public var guards: [InferenceContext.Guard] = []
  /// Where it stands to what is computed again in the backward pass.
  public var checkpoint: CheckpointMark?

  public init(
    _ op: any Op, _ operands: [ValueID?], results: [ValueID], regions: [Region] = [], location: Location = .unknown
  ) {
    self.op = op
    self.operands = operands
    self.results = results
    self.regions = regions
    self.location = location
  }
}

/// A list of operations with parameters and results: the body of a function or of an operation with regions.
public struct Region: Sendable {
  public var parameters: [ValueID] = []
  public var operations: [Operation] = []
  public var results: [ValueID] = []
  public init() {}
}

/// A function in SSA form. Values live in one flat table; operations are in order in their region.
public struct Function: Sendable {
  public var name: String
  public var symbols: SymbolTable
  public private(set) var values: [Value] = []
  public var body = Region()
  /// The names of the results, for the library's description.
  public var resultNames: [String] = []
  /// For each result, the parameter whose buffer it may take over, if the caller donates it.
  public var donations: [Int: Int] = [:]

  public init(name: String, symbols: SymbolTable = SymbolTable()) {
    self.name = name
    self.symbols = symbols
  }

  public subscript(_ id: ValueID) -> Value {
    get { values[id.index] }
    set { values[id.index] = newValue }
  }

  public func type(of id: ValueID) -> TensorType { values[id.index].type }

  public mutating func addValue(_ type: TensorType, name: String = "") -> ValueID {
    values.append(Value(type: type, name: name))
    return ValueID(values.count - 1)
  }

  public mutating func addParameter(_ type: TensorType, name: String) -> ValueID {
    let id = addValue(type, name: name)
    body.parameters.append(id)
    return id
  }

  public var parameterTypes: [TensorType] { body.parameters.map { type(of: $0) } }
  public var resultTypes: [TensorType] { body.results.map { type(of: $0) } }

  /// Every operation, nested ones after the one that holds them.
  public func forEachOperation(_ visit: (Operation) throws -> Void) rethrows {
    func walk(_ region: Region) throws {
      for operation in region.operations {
        try visit(operation)
        for inner in operation.regions { try walk(inner) }
      }
    }
    try walk(body)
  }
}
