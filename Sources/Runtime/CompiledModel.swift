/// A compiled model for callers that await it: it keeps memory for calls between them, and any number of tasks may call
/// it at once. The Swift files that `tensorc compile --emit swift` writes stand on it.
///
///     let model = try CompiledModel(path: "mlp.so")
///     let results = try await model.run([HostArray(pixels, shape: [1, 784])])
///
/// As many calls run at once as there are processors, on threads of their own, and share the processors among them; the
/// others wait in order. A task that is cancelled while its call waits gets a `CancellationError`; a call that has begun
/// is finished.
///
/// Sendable because what changes is under its lock.
public final class CompiledModel: @unchecked Sendable {
  /// Where it was loaded from; the name of one that is linked.
  public let name: String
  private let created: Result<Model, RuntimeError>
  private let lock = Lock()
  private var idle: [Context] = []

  /// Loads a shared library. See ``CompiledLibrary/init(path:)``.
  /// - Parameters:
  ///   - inputs: what the caller is written for, each as `x: f32[n, 784]`; nil takes any.
  ///   - outputs: likewise.
  /// - Throws: what loading and creating throw; `other-model` when the library takes or gives something else.
  public init(path: String, inputs: [String]? = nil, outputs: [String]? = nil) throws(RuntimeError) {
    name = path
    let model = try CompiledLibrary(path: path).makeModel()
    try Self.check(model.description, path, inputs: inputs, outputs: outputs)
    created = .success(model)
  }

  /// A model that is linked into the program. What is wrong with it, such as a processor that it was not compiled for, is
  /// thrown by its calls.
  /// - Parameter table: what the model's C function `NAME_library` returns.
  public init(linked name: String, table: UnsafeRawPointer) {
    self.name = name
    created = Result { () throws(RuntimeError) in try CompiledLibrary(linked: name, table: table).makeModel() }
  }

  /// The model itself.
  /// - Throws: what creating it threw.
  public var model: Model {
    get throws(RuntimeError) { try created.get() }
  }

  /// Computes the outputs from the inputs, both in the order of the description.
  /// - Parameter threads: how many threads the call may use; nil shares the processors with the calls under way.
  /// - Throws: as ``Context/run()``; `CancellationError`.
  public func run(
    _ inputs: [HostArray], threads: Int? = nil, isolation: isolated (any Actor)? = #isolation
  ) async throws -> [HostArray] {
    try await CallQueue.shared.run { [self] in try compute(inputs, threads: threads) }
  }

  /// As ``run(_:threads:isolation:)``, on the caller's thread.
  public func compute(_ inputs: [HostArray], threads: Int? = nil) throws(RuntimeError) -> [HostArray] {
    let model = try model
    let context = lock.withLock { idle.popLast() } ?? model.makeContext()
    let others = CallQueue.shared.runningCount
    context.threads = threads ?? max(1, Processors.available / max(1, others))
    let results = try context.run(inputs)
    lock.withLock { if idle.count < Processors.available { idle.append(context) } }
    return results
  }

  private static func check(
    _ description: LibraryDescription, _ path: String, inputs: [String]?, outputs: [String]?
  ) throws(RuntimeError) {
    for (kind, wanted, values) in [("takes", inputs, description.inputs), ("gives", outputs, description.outputs)] {
      let found = values.map { "\($0.name): \($0)" }
      guard let wanted, wanted != found else { continue }
      throw RuntimeError(
        "other-model",
        "'\(path)' \(kind) \(found.joined(separator: ", ")), but the program is written for a model that \(kind) "
          + "\(wanted.joined(separator: ", ")): compile the model that belongs to the program, or write its Swift file "
          + "again.")
    }
  }
}

/// What generated code asks for before a call.
extension CompiledModel {
  /// The size of a symbol, from the number of elements of an input.
  /// - Parameters:
  ///   - type: the input with its type, for the message.
  ///   - stride: the product of the other sizes, 1 or more.
  /// - Throws: `element-count` when no size fits.
  public static func size(_ symbol: String, of type: String, count: Int, stride: Int) throws(RuntimeError) -> Int {
    guard count % stride == 0 else {
      throw RuntimeError(
        "element-count",
        "The input \(type) has \(count) elements, which is no multiple of \(stride): there is no '\(symbol)' for it.")
    }
    return count / stride
  }

  /// An input of elements in row-major order.
  /// - Throws: `element-count`, naming the input, when they do not fill the shape.
  public static func input<Element: HostElement>(
    _ type: String, _ elements: [Element], shape: [Int]
  ) throws(RuntimeError) -> HostArray {
    guard Element.elementType.byteCount(shape: shape) == elements.count * MemoryLayout<Element>.stride else {
      throw RuntimeError(
        "element-count", "The input \(type) takes the shape \(shape), which \(elements.count) elements do not fill.")
    }
    return try HostArray(elements, shape: shape)
  }
}
