import TensorABI

/// A created model: immutable, and usable from any number of threads at once.
///
/// To call it once, use ``run(_:threads:)-swift.method``. To call it often, make a ``Context`` per thread, which keeps
/// its memory between runs.
public final class Model: Sendable {
  public let library: CompiledLibrary
  private let created: CreatedModel

  /// Inputs, outputs and symbols.
  public var description: LibraryDescription { library.description }

  init(library: CompiledLibrary) throws(RuntimeError) {
    self.library = library
    let error = UnsafeMutablePointer<tensorc_error>.allocate(capacity: 1)
    error.initialize(to: tensorc_error())
    error.pointee.size = UInt64(MemoryLayout<tensorc_error>.size)
    defer { error.deallocate() }
    guard let handle = library.functions.table.pointee.create(nil, error) else {
      throw RuntimeError(code: error.pointee.code, reported: error)
    }
    created = CreatedModel(handle: handle)
  }

  deinit {
    library.functions.table.pointee.destroy(created.handle)
  }

  /// Room for calls from one thread at a time.
  /// - Parameter threads: how many threads a run may use; nil for as many processors as this process may use.
  public func makeContext(threads: Int? = nil) -> Context {
    Context(model: self, threads: threads)
  }

  /// Runs once.
  /// - Parameter inputs: one array for each input, in the order of the description.
  /// - Returns: the outputs, in the order of the description.
  /// - Throws: `input-count`, and as ``Context/run()``.
  public func run(_ inputs: [HostArray], threads: Int? = nil) throws(RuntimeError) -> [HostArray] {
    try makeContext(threads: threads).run(inputs)
  }

  /// Runs once, with inputs and outputs by name.
  /// - Throws: `unknown-input`, and as ``Context/run()``.
  public func run(_ inputs: [String: HostArray], threads: Int? = nil) throws(RuntimeError) -> [String: HostArray] {
    try makeContext(threads: threads).run(inputs)
  }

  var handle: OpaquePointer { created.handle }
  var functions: tensorc_library { library.functions.table.pointee }
}

/// Sendable because the ABI promises that a model does not change.
private struct CreatedModel: @unchecked Sendable {
  let handle: OpaquePointer
}
