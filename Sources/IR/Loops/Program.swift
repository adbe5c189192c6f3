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

/// What a program does, in order. Every thread of the call walks through the same steps.
public enum Step: Sendable {
  case call(KernelCall)
  case barrier
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

  public init(name: String, symbols: SymbolTable, inputs: [Value], outputs: [Value], donations: [Int: Int]) {
    self.name = name
    self.symbols = symbols
    self.inputs = inputs
    self.outputs = outputs
    self.donations = donations
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
