/// A buffer that a step of a program passes to a kernel.
public enum BufferReference: Hashable, Sendable {
  /// The caller's input or output, by its position.
  case input(Int)
  case output(Int)
  /// A constant of the library, by its position in ``LoweredProgram/constants``.
  case constant(Int)
  /// A temporary in the workspace, by its position in ``LoweredProgram/temporaries``.
  case temporary(Int)
}

extension BufferReference: CustomStringConvertible {
  /// `temporary 3`, as the text form has it.
  public var description: String {
    switch self {
    case .input(let number): "input \(number)"
    case .output(let number): "output \(number)"
    case .constant(let number): "constant \(number)"
    case .temporary(let number): "temporary \(number)"
    }
  }
}

/// A temporary: how large it is; the memory plan says where it lies.
public struct Temporary: Hashable, Sendable {
  public var name: String
  public var bytes: Dimension
  /// One such buffer for each thread, one behind the other.
  public var perThread: Bool

  public init(name: String, bytes: Dimension, perThread: Bool = false) {
    self.name = name
    self.bytes = bytes
    self.perThread = perThread
  }
}

/// A call of a kernel with its buffers and extents.
public struct KernelCall: Sendable {
  public var kernel: Int
  public var buffers: [BufferReference]
  public var scalars: [Dimension]
  /// An estimate of the work in multiply-adds or elements, for deciding how many threads it deserves.
  public var work: Dimension
  public var location: Location
  /// The operations whose indices the kernel looks at, by the numbers that it knows them by.
  public var origins: [Location] = []

  public init(
    kernel: Int, buffers: [BufferReference], scalars: [Dimension], work: Dimension, location: Location = .unknown
  ) {
    self.kernel = kernel
    self.buffers = buffers
    self.scalars = scalars
    self.work = work
    self.location = location
  }
}

/// What a program does, in order. Every thread of the call walks through the same steps: what decides between them is one
/// stored value that all threads read behind a barrier.
public indirect enum Step: Sendable {
  case call(KernelCall)
  case barrier
  /// Ends the run with an error, for all threads, unless the condition holds.
  case check(InferenceContext.Guard)
  case branch(Branch)
  case loop(Loop)
  /// Two temporaries of one size change places.
  case swap(BufferReference, BufferReference)
  /// Sizes that the steps behind it may use get values, all at once.
  case define([Definition])
  /// Memory whose size has no bound before the run: see ``Room``.
  case room(Room)
  /// Something that ranks do together: see ``Collective``.
  case collective(Collective)

  /// A computed size and what it becomes.
  public struct Definition: Hashable, Sendable {
    public var symbol: String
    public var value: Value

    public enum Value: Hashable, Sendable {
      case size(Dimension)
      /// An i64 in memory.
      case stored(BufferReference)
    }

    public init(_ symbol: String, _ value: Value) { (self.symbol, self.value) = (symbol, value) }

    /// The memory that it is read from.
    public var stored: BufferReference? { if case .stored(let reference) = value { reference } else { nil } }
  }

  /// Makes sure that memory has room for so many bytes: that of a temporary is asked of the caller's allocator where it is
  /// too small; an output that is too small ends the run. All threads meet before anyone goes on.
  public struct Room: Hashable, Sendable {
    public var memory: BufferReference
    public var bytes: Dimension
    /// Whether what the temporary holds must stay. Then it at least doubles where it grows.
    public var keeps: Bool

    public init(_ memory: BufferReference, bytes: Dimension, keeps: Bool = false) {
      (self.memory, self.bytes, self.keeps) = (memory, bytes, keeps)
    }
  }

  /// One list of steps or the other, as a boolean in memory says.
  public struct Branch: Sendable {
    public var condition: BufferReference
    public var then: [Step]
    public var otherwise: [Step]

    public init(_ condition: BufferReference, then: [Step], otherwise: [Step]) {
      self.condition = condition
      self.then = then
      self.otherwise = otherwise
    }
  }

  /// The same steps again and again, until the number of trips is reached or a boolean in memory is false.
  public struct Loop: Sendable {
    /// The symbol that counts the trips from 0; the loop's steps may use it as a dimension.
    public var symbol: String
    public var trips: Trips?
    /// Read before each trip.
    public var condition: BufferReference?
    public var body: [Step]

    /// How often at most.
    public enum Trips: Sendable {
      case size(Dimension)
      /// An i64 in memory, read once before the loop.
      case stored(BufferReference)
    }

    /// The memory that holds its number of trips.
    public var stored: BufferReference? {
      if case .stored(let reference)? = trips { reference } else { nil }
    }

    public init(symbol: String, trips: Trips?, condition: BufferReference?, body: [Step]) {
      self.symbol = symbol
      self.trips = trips
      self.condition = condition
      self.body = body
    }
  }

  /// The memory that it names itself.
  public var references: [BufferReference] {
    switch self {
    case .call(let call): call.buffers
    case .swap(let a, let b): [a, b]
    case .branch(let branch): [branch.condition]
    case .loop(let loop): [loop.condition, loop.stored].compactMap { $0 }
    case .define(let definitions): definitions.compactMap(\.stored)
    case .room(let room): [room.memory]
    case .collective(let collective): collective.parts.flatMap { [$0.send, $0.receive] }
    case .barrier, .check: []
    }
  }

  /// The lists of steps inside it.
  public var inner: [[Step]] {
    switch self {
    case .branch(let branch): [branch.then, branch.otherwise]
    case .loop(let loop): [loop.body]
    case .call, .barrier, .check, .swap, .define, .room, .collective: []
    }
  }

  /// The step with the lists inside it replaced.
  public func mapInner(_ transform: ([Step]) throws -> [Step]) rethrows -> Step {
    switch self {
    case .branch(var branch):
      branch.then = try transform(branch.then)
      branch.otherwise = try transform(branch.otherwise)
      return .branch(branch)
    case .loop(var loop):
      loop.body = try transform(loop.body)
      return .loop(loop)
    case .call, .barrier, .check, .swap, .define, .room, .collective: return self
    }
  }
}

extension [Step] {
  /// The steps with every call replaced, those inside others too.
  public func mapCalls(_ transform: (KernelCall) throws -> KernelCall) rethrows -> [Step] {
    try map { step in
      if case .call(let call) = step { return .call(try transform(call)) }
      return try step.mapInner { try $0.mapCalls(transform) }
    }
  }
}

extension Sequence<Step> {
  /// All steps in order, those inside others behind the one that holds them.
  public var flattened: [Step] { flatMap { [$0] + $0.inner.flatMap(\.flattened) } }
}

/// How far a program has come; the names are those of the stages that leave it so.
public enum ProgramStage: String, Hashable, Sendable {
  /// Calls in order.
  case lower
  /// With barriers between them.
  case partition
  /// With a plan for memory.
  case plan
}

/// A function lowered to kernels: what the emitter prints.
public struct LoweredProgram: Sendable {
  public var name: String
  public var symbols: SymbolTable
  public var inputs: [Value]
  public var outputs: [Value]
  public var donations: [Int: Int]
  public var constants: [TensorLiteral] = []
  public var temporaries: [Temporary] = []
  public var kernels: [Kernel] = []
  public var steps: [Step] = []
  /// What `run` checks before any kernel.
  public var guards: [InferenceContext.Guard] = []
  public var plan = MemoryPlan()
  public var stage = ProgramStage.lower

  public init(name: String, symbols: SymbolTable, inputs: [Value], outputs: [Value], donations: [Int: Int]) {
    self.name = name
    self.symbols = symbols
    self.inputs = inputs
    self.outputs = outputs
    self.donations = donations
  }

  /// The calls of all steps in order, whether they are run or not.
  public var calls: [KernelCall] { steps.flattened.compactMap { if case .call(let call) = $0 { call } else { nil } } }

  /// Whether it does anything else than call kernels one behind the other.
  public var isStructured: Bool {
    steps.contains { step in
      switch step {
      case .call, .barrier: false
      case .check, .branch, .loop, .swap, .define, .room, .collective: true
      }
    }
  }

  /// Whether a temporary has no bound before the run, so that the caller's allocator gives its memory.
  public func isGrown(_ temporary: Int) -> Bool { symbols.bound(of: temporaries[temporary].bytes) == nil }

  /// The memory that a reference stands for: an output that takes over an input's memory is that input's.
  public func memory(_ reference: BufferReference) -> BufferReference {
    if case .output(let number) = reference, let input = donations[number] { return .input(input) }
    return reference
  }

  /// Adds a kernel unless an equal one is there already; gives its position.
  public mutating func add(_ kernel: Kernel, index: inout [Kernel.Signature: Int]) -> Int {
    let signature = kernel.signature
    if let known = index[signature] {
      for comment in kernel.comments where !kernels[known].comments.contains(comment) {
        kernels[known].comments.append(comment)
      }
      return known
    }
    index[signature] = kernels.count
    var renamed = kernel
    renamed.name = "\(kernel.name)_\(kernels.count)"
    kernels.append(renamed)
    return kernels.count - 1
  }
}

/// Where temporaries lie: each in a slot, slots one behind the other, every slot as large as the largest it holds.
public struct MemoryPlan: Sendable {
  /// For each temporary, its slot.
  public var slots: [Int] = []
  /// For each slot, the sizes in bytes of which it is the maximum.
  public var slotSizes: [[Dimension]] = []
  /// For each slot, whether it is repeated for each thread.
  public var perThread: [Bool] = []
  public init() {}
}
