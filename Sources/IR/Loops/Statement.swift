/// A statement of the loop IR.
public indirect enum Statement: Hashable, Sendable {
  /// A new variable; one that is never assigned again is constant.
  case declare(Variable, Expression, mutable: Bool)
  case assign(Variable, Expression)
  /// An array on the stack, aligned to 64 bytes; not initialised.
  case array(Buffer, count: Int)
  /// A pointer into another buffer, which can be moved; it spares offsets in the innermost loops.
  case pointer(Buffer, into: Buffer, offset: Expression)
  /// Moves a pointer by elements.
  case advance(Buffer, by: Expression)
  /// Neighbouring elements from an offset; `count` limits how many lanes are written.
  case store(Buffer, Expression, Expression, count: Expression?)
  /// From here on whole vectors that are stored to the buffer, which has so many bytes, go past the caches if they could
  /// not keep it.
  case stream(Buffer, bytes: Expression)
  /// Turns a block of as many rows and columns as vectors have lanes.
  case transpose(BlockTransposition)
  /// Adds products of bf16 to a two-dimensional register, which is loaded before and stored behind.
  case multiplyTiles(TileMultiplication)
  case loop(Loop)
  case branch(Expression, then: [Statement], otherwise: [Statement])
  case whileLoop(Expression, [Statement])
  /// All threads of the call meet.
  case barrier
  case prefetch(Buffer, Expression)
  /// The data hold an index that an axis of so many elements does not have; the op's name is for the message, as is the
  /// number of its operation among ``KernelCall/origins``. The kernel goes on with an index that is there, and the run
  /// gives an error when all is done.
  case badIndex(Expression, extent: Expression, of: String, origin: Int)
  case comment(String)

  /// `for (variable = from; variable < to; variable += step)`
  public struct Loop: Hashable, Sendable {
    public var variable: Variable
    public var from: Expression
    public var to: Expression
    public var step: Expression
    public var body: [Statement]
    /// Ask the C compiler to unroll it fully (small known trip counts), by four, or not at all.
    public var unroll: Unroll

    public enum Unroll: String, Hashable, Sendable { case compiler, full, four, none }

    public init(
      _ variable: Variable, from: Expression, to: Expression, step: Expression = 1, unroll: Unroll = .compiler,
      body: [Statement]
    ) {
      self.variable = variable
      self.from = from
      self.to = to
      self.step = step
      self.body = body
      self.unroll = unroll
    }
  }
}

/// `to[toOffset + j·toStep + i] = from[fromOffset + i·fromStep + j]` for i and j below `lanes`.
public struct BlockTransposition: Hashable, Sendable {
  public var from: Buffer
  public var fromOffset: Expression
  public var fromStep: Expression
  public var to: Buffer
  public var toOffset: Expression
  public var toStep: Expression
  public var lanes: Int

  public init(
    from: (Buffer, offset: Expression, step: Expression), to: (Buffer, offset: Expression, step: Expression), lanes: Int
  ) {
    (self.from, fromOffset, fromStep) = from
    (self.to, toOffset, toStep) = to
    self.lanes = lanes
  }
}

/// A function over buffers: what one fused group of tensor operations becomes. Every thread of a call runs it, with its
/// number in `thread` and the size of the team in `team`.
public struct Kernel: Sendable {
  /// The C name without the library's prefix.
  public var name: String
  /// What it computes and for which nodes, for the reader of the C.
  public var comments: [String] = []
  /// Its buffers; the first `resultCount` from the back are written.
  public var buffers: [Parameter] = []
  /// Extents and offsets, all 64-bit integers.
  public var scalars: [Variable] = []
  public var thread: Variable
  public var team: Variable
  public var body: [Statement] = []

  /// A buffer parameter and how it is used.
  public struct Parameter: Hashable, Sendable {
    public var buffer: Buffer
    public var access: Access
    public enum Access: String, Hashable, Sendable { case read, write, update }
    public init(_ buffer: Buffer, _ access: Access) {
      self.buffer = buffer
      self.access = access
    }
  }

  /// What decides whether two kernels are the same C function: everything but names.
  public struct Signature: Hashable, Sendable {
    var buffers: [Parameter]
    var scalars: [Variable]
    var body: [Statement]
  }

  public var signature: Signature {
    Signature(buffers: buffers, scalars: scalars, body: body.filter { if case .comment = $0 { false } else { true } })
  }

  /// Whether it may meet indices that are out of range.
  public var reportsBadIndices: Bool { Kernel.reportsBadIndices(body) }

  private static func reportsBadIndices(_ statements: [Statement]) -> Bool {
    statements.contains { statement in
      switch statement {
      case .badIndex: true
      case .loop(let loop): reportsBadIndices(loop.body)
      case .branch(_, let a, let b): reportsBadIndices(a) || reportsBadIndices(b)
      case .whileLoop(_, let body): reportsBadIndices(body)
      default: false
      }
    }
  }

  public init(name: String) {
    self.name = name
    thread = Variable(id: 0, name: "thread", type: .index)
    team = Variable(id: 1, name: "team", type: .index)
  }
}
