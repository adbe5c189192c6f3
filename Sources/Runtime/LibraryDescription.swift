/// What a compiled library computes: its inputs, outputs and symbols.
public struct LibraryDescription: Sendable, Equatable {
  /// The model's name, as a C identifier.
  public let modelName: String
  /// The version of tensorc that compiled it.
  public let toolVersion: String
  /// The processor it was compiled for, such as `generic` or `x86-64-v3`.
  public let target: String
  /// Whether it runs on several threads. If so, a process forked after a run must not run it.
  public let isParallel: Bool
  public let inputs: [ValueDescription]
  public let outputs: [ValueDescription]
  public let symbols: [SymbolDescription]
  public let donations: [Donation]
}

/// An input or output of a library.
public struct ValueDescription: Sendable, Equatable, CustomStringConvertible {
  public let name: String
  public let elementType: HostArray.ElementType
  public let dimensions: [DimensionDescription]
  /// Whether a run takes views of any strides; otherwise the runtime makes them dense first.
  public let takesStrides: Bool

  /// The type: `f32[n, 784]`.
  public var description: String {
    "\(elementType)[\(dimensions.map(\.formula).joined(separator: ", "))]"
  }
}

/// One dimension of an input or output.
public struct DimensionDescription: Sendable, Equatable {
  /// The size; nil where it depends on symbols.
  public let size: Int?
  /// What it is computed from, such as `784`, `n` or `2*n + 1`.
  public let formula: String
  /// Position among the symbols where the formula is just one symbol.
  public let symbol: Int?
}

/// A size that each call chooses.
public struct SymbolDescription: Sendable, Equatable {
  public let name: String
  /// The smallest size allowed, 0 or more.
  public let minimum: Int
  /// The largest size allowed; `Int.max` where there is no limit.
  public let maximum: Int
  /// Every size is a multiple of it.
  public let divisor: Int
  /// Whether it becomes known during the run instead of being a size of an input.
  public let isComputed: Bool
}

/// An input whose memory an output may take over: positions among the inputs and outputs.
public struct Donation: Sendable, Equatable {
  public let input: Int
  public let output: Int
}
