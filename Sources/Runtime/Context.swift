import TensorABI

/// A model with memory for calls: inputs, outputs and workspace stay from one run to the next, so that a second run on
/// the same shapes allocates nothing. For one thread at a time; make one per thread.
///
///     let context = model.makeContext(threads: 2)
///     try context.setInput("x", HostArray([1, 2, 3] as [Float]))
///     try context.run()
///     let y: [Float] = try context.output("y").elements()
///
/// Outputs share the context's memory. An output that is still held when the next run begins keeps its elements, and
/// that run writes elsewhere; drop it before, and the memory is used again.
public final class Context {
  public let model: Model
  /// How many threads a run may use, at least 1; the library never uses more than the processors that it found when the
  /// model was created.
  public var threads: Int {
    didSet { isPlanned = isPlanned && threads == oldValue }
  }
  /// Scratch memory that the last run used, in bytes.
  public private(set) var workspaceByteCount = 0

  let storage: CallStorage
  var inputs: [InputSlot]
  var outputs: [OutputSlot]
  /// Whether output bounds and workspace are known for the inputs' shapes.
  var isPlanned = false
  /// Whether the last run succeeded, so that there are outputs to read.
  var hasResults = false
  private var workspace: HostBuffer?
  /// In bytes; less is not worth asking for.
  private static let leastWorkspace = 65_536
  /// For each symbol of the library a size that it has, and the input that has it.
  var symbolUses: [(size: Int, input: Int)?]
  /// Whether an output's size becomes known only during a run, which may then have to be repeated.
  var hasUnboundedOutput = false

  struct InputSlot {
    /// Nil until it is set.
    var buffer: HostBuffer?
    /// The output that replaces it in a run.
    var heir: Int?
  }

  struct OutputSlot {
    /// Nil before the first run, when the memory is the application's, and while a donated input holds the result.
    var buffer: HostBuffer?
    /// The application's memory.
    var callers: UnsafeMutableRawBufferPointer?
    /// The input that gives its memory.
    var donor: Int?
    /// The largest size for the planned shapes, in bytes; nil where there is no limit.
    var bound: Int?
  }

  init(model: Model, threads: Int?) {
    self.model = model
    self.threads = threads ?? Processors.available
    storage = CallStorage(model.description)
    inputs = model.description.inputs.map { _ in InputSlot() }
    outputs = model.description.outputs.map { _ in OutputSlot() }
    symbolUses = model.description.symbols.map { _ in nil }
  }

  /// Computes the outputs from the inputs set before.
  ///
  /// A donated input holds the new value afterwards, so that the next run continues from it. When a run fails, donated
  /// inputs are lost and must be set again.
  /// - Throws: `missing-input`, `shape`, `buffer-too-small` for an output in memory of the application,
  ///   `out-of-memory`, and whatever the library reports about the data.
  public func run() throws(RuntimeError) {
    hasResults = false
    for position in inputs.indices where inputs[position].buffer == nil { throw missingInput(position) }
    if !isPlanned { try plan() }
    for position in outputs.indices { try placeOutput(position) }
    var code = runLibrary()
    while code == TENSORC_BUFFER_TOO_SMALL.rawValue, try growOutput() { code = runLibrary() }
    guard code == TENSORC_OK.rawValue else {
      loseDonatedInputs()
      throw RuntimeError(code: code, reported: storage.error)
    }
    handOverDonations()
    hasResults = true
  }

  private func runLibrary() -> Int32 {
    storage.call.pointee.ranks = Ranks.current.table
    return model.functions.run(model.handle, storage.call, storage.error)
  }

  /// Asks the library for output bounds and workspace, once per set of shapes.
  private func plan() throws(RuntimeError) {
    try checkSymbols()
    storage.call.pointee.threads = Int32(clamping: max(1, threads))
    try check(model.functions.output_bounds(model.handle, storage.call, storage.error))
    hasUnboundedOutput = false
    for position in outputs.indices {
      outputs[position].bound = try outputBound(position)
      if outputs[position].bound == nil { hasUnboundedOutput = true }
    }
    var needed: UInt64 = 0
    try check(model.functions.workspace_size(model.handle, storage.call, &needed, storage.error))
    guard let byteCount = Int(exactly: needed) else {
      throw RuntimeError("out-of-memory", "The run needs \(needed) bytes of workspace.", neededBytes: needed)
    }
    let present = workspace?.byteCount ?? 0
    // Sizes that grow call by call, as a cache does, shall ask for more memory rarely.
    if byteCount > present {
      workspace = try HostBuffer(byteCount: max(byteCount, 2 * present, Context.leastWorkspace))
    }
    workspaceByteCount = byteCount
    storage.call.pointee.workspace = workspace?.pointer
    storage.call.pointee.workspace_size = UInt64(workspace?.byteCount ?? 0)
    isPlanned = true
  }

  private func outputBound(_ position: Int) throws(RuntimeError) -> Int? {
    let sizes = CallStorage.sizes(of: storage.outputs[position])
    if sizes.contains(where: { $0 < 0 }) { return nil }
    let value = model.description.outputs[position]
    guard let byteCount = value.elementType.byteCount(shape: sizes.lazy.map { Int($0) }) else {
      return try HostArray.checkedByteCount(sizes.map { Int($0) }, value.elementType)
    }
    return byteCount
  }

  private func check(_ code: Int32) throws(RuntimeError) {
    guard code == TENSORC_OK.rawValue else { throw RuntimeError(code: code, reported: storage.error) }
  }
}
