import TensorABI

/// Giving inputs to a context.
extension Context {
  /// Sets an input for all runs until it is set again. The context shares the array's memory; only a view that is not
  /// dense is copied, once, unless the model takes strides.
  /// - Throws: `unknown-input`, `element-type`, `shape`.
  public func setInput(_ name: String, _ array: HostArray) throws(RuntimeError) {
    try setInput(inputPosition(name), array)
  }

  /// As `setInput(_:_:)` by name, by position in the description.
  public func setInput(_ position: Int, _ array: HostArray) throws(RuntimeError) {
    try checkInput(position, array.elementType, array.shape)
    let takesStrides = model.description.inputs[position].takesStrides
    hold(takesStrides ? array : try array.densified(), asInput: position)
  }

  /// Sets an input whose memory an output takes over: after a run the input holds that output, so that a loop of runs
  /// updates it in place. The memory is used itself only if nothing else refers to it (`consume` your variable) and it
  /// may be written; otherwise the first run makes new memory, and your array keeps its elements.
  /// - Throws: `donation` when the model offers no such pair; `unknown-input`, `unknown-output`, `element-type`,
  ///   `shape`.
  public func setInput(
    _ name: String, donating array: consuming HostArray, to outputName: String
  ) throws(RuntimeError) {
    let input = try inputPosition(name)
    let output = try outputPosition(outputName)
    guard model.description.donations.contains(Donation(input: input, output: output)) else {
      throw RuntimeError(
        "donation", "The output '\(outputName)' cannot take the memory of '\(name)'; \(donationAdvice).")
    }
    guard outputs[output].callers == nil else {
      throw RuntimeError("donation", "The output '\(outputName)' already goes to memory of the application.")
    }
    try checkInput(input, array.elementType, array.shape)
    hold(try array.densified(), asInput: input)
    if let previous = outputs[output].donor { inputs[previous].heir = nil }
    inputs[input].heir = output
    outputs[output].donor = input
  }

  /// Has `body` write an input's elements, row-major, into memory of the context, which stays the same while the size
  /// does: the way to feed a loop without allocating. Elements that `body` leaves keep values of an earlier call or are
  /// undefined.
  /// - Throws: `unknown-input`, `element-type`, `shape`; what `body` throws.
  public func writeInput<Element: HostElement, Result>(
    _ name: String, shape: [Int], of type: Element.Type = Element.self,
    _ body: (UnsafeMutableBufferPointer<Element>) throws -> Result
  ) throws -> Result {
    let position = try inputPosition(name)
    try checkInput(position, Element.elementType, shape)
    let byteCount = try HostArray.checkedByteCount(shape, Element.elementType)
    keepResult(ofInput: position)
    let memory = try takeMemory(ofInput: position, byteCount: byteCount)
    let array = HostArray(buffer: memory, elementType: Element.elementType, shape: shape)
    let elements = memory.pointer.assumingMemoryBound(to: Element.self)
    let result = try body(UnsafeMutableBufferPointer(start: elements, count: array.count))
    hold(array, asInput: position)
    return result
  }

  /// The memory an input holds now, if nobody else refers to it and it is large enough; otherwise new memory.
  private func takeMemory(ofInput position: Int, byteCount: Int) throws(RuntimeError) -> HostBuffer {
    let isReusable = isKnownUniquelyReferenced(&inputs[position].buffer)
    let current = inputs[position].buffer
    inputs[position].buffer = nil
    if isReusable, let current, current.isOwned, current.byteCount >= byteCount { return current }
    return try HostBuffer(byteCount: byteCount)
  }

  /// Sets all inputs in the order of the description, runs, and returns all outputs.
  /// - Throws: `input-count`; as ``setInput(_:_:)-swift.method`` and ``run()``.
  public func run(_ arrays: [HostArray]) throws(RuntimeError) -> [HostArray] {
    guard arrays.count == inputs.count else {
      let names = model.description.inputs.map { "'\($0.name)'" }.joined(separator: ", ")
      throw RuntimeError(
        "input-count", "The model takes \(inputs.count) inputs (\(names)), but \(arrays.count) were given.")
    }
    for (position, array) in arrays.enumerated() { try setInput(position, array) }
    try run()
    var results: [HostArray] = []
    for position in outputs.indices { results.append(try output(position)) }
    return results
  }

  /// Sets inputs by name, runs, and returns the outputs by name. Inputs left out keep their earlier value.
  /// - Throws: `unknown-input`; as ``setInput(_:_:)-swift.method`` and ``run()``.
  public func run(_ arrays: [String: HostArray]) throws(RuntimeError) -> [String: HostArray] {
    // In order of names, so that of several mistakes the same one is always reported.
    for name in arrays.keys.sorted() {
      if let array = arrays[name] { try setInput(name, array) }
    }
    try run()
    var results: [String: HostArray] = [:]
    for value in model.description.outputs { results[value.name] = try output(value.name) }
    return results
  }

  private func hold(_ array: HostArray, asInput position: Int) {
    keepResult(ofInput: position)
    if !storage.inputHasShape(position, array) { isPlanned = false }
    storage.describeInput(position, array)
    inputs[position].buffer = array.buffer
    point(input: position, offset: array.offset)
  }

  /// An input that is replaced may hold a result that has not been read yet: that passes to the output.
  private func keepResult(ofInput position: Int) {
    guard let heir = inputs[position].heir else { return }
    if hasResults, outputs[heir].buffer == nil { outputs[heir].buffer = inputs[position].buffer }
    outputs[heir].donor = nil
    inputs[position].heir = nil
  }

  func point(input position: Int, offset: Int = 0) {
    guard let buffer = inputs[position].buffer else { return }
    storage.inputs[position].data = buffer.pointer + offset
    storage.inputs[position].capacity = UInt64(buffer.byteCount - offset)
  }
}
