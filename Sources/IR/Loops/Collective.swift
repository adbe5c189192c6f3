/// How the elements of the ranks are combined: always in the order of the ranks, so that the same ranks give the same bits.
public enum RankReduction: String, Codable, Hashable, Sendable, CaseIterable {
  /// `((x0 + x1) + x2) + …`
  case sum
  /// The sum divided by the number of ranks.
  case mean
  /// NaN where one is NaN.
  case maximum
}

extension Step {
  /// What ranks, processes that run the same program each on its own data, do together: one thread of a call asks the
  /// caller's functions for it, and all threads meet before anyone goes on.
  public struct Collective: Sendable {
    public enum Kind: String, Hashable, Sendable, CaseIterable {
      case allReduce = "all_reduce"
      case allGather = "all_gather"
      case reduceScatter = "reduce_scatter"
      case broadcast
      case reduceToRoot = "reduce_to_root"

      /// Whether the elements of the ranks are combined.
      public var combines: Bool { self != .allGather && self != .broadcast }
      /// Whether one side has elements for each rank.
      public var countsRanks: Bool { self == .allGather || self == .reduceScatter }
    }

    /// Which half of it a step is: what is sent and received is in use from the start to the wait.
    public enum Phase: String, Hashable, Sendable { case whole, start, wait }

    /// Elements to send, and where to put what is received.
    public struct Part: Hashable, Sendable {
      public var send: BufferReference
      public var receive: BufferReference
      /// The elements of one rank.
      public var count: Dimension

      public init(send: BufferReference, receive: BufferReference, count: Dimension) {
        (self.send, self.receive, self.count) = (send, receive, count)
      }
    }

    public var kind: Kind
    public var reduction: RankReduction
    public var elementType: ElementType
    public var root: Int
    /// How many ranks there must be, where a shape hangs on it.
    public var ranks: Dimension?
    public var parts: [Part]
    public var location: Location
    public var phase = Phase.whole
    /// A start and its wait have the same, and no other.
    public var number = 0

    public init(
      _ kind: Kind, _ reduction: RankReduction = .sum, _ elementType: ElementType, root: Int = 0,
      ranks: Dimension? = nil, parts: [Part], location: Location = .unknown
    ) {
      self.kind = kind
      self.reduction = reduction
      self.elementType = elementType
      self.root = root
      self.ranks = ranks
      self.parts = parts
      self.location = location
    }
  }
}

extension LoweredProgram {
  /// The steps at which ranks meet.
  public var collectives: [Step.Collective] {
    steps.flattened.compactMap { if case .collective(let collective) = $0 { collective } else { nil } }
  }
}
