import TensorABI

/// Where outputs go and how donations pass from input to output and back.
extension Context {
  /// The result of the last run, sharing the context's memory.
  /// - Throws: `unknown-output`; `no-results` before a run has succeeded.
  public func output(_ name: String) throws(RuntimeError) -> HostArray {
    try output(try outputPosition(name))
  }

  /// As `output(_:)` by name, by position in the description.
  public func output(_ position: Int) throws(RuntimeError) -> HostArray {
    guard outputs.indices.contains(position) else {
      throw RuntimeError("unknown-output", "There is no output \(position): the model has \(outputs.count).")
    }
    let value = model.description.outputs[position]
    guard hasResults else {
      throw RuntimeError("no-results", "The output '\(value.name)' has no value yet: call run() first.")
    }
    let shape = CallStorage.sizes(of: storage.outputs[position]).map { Int($0) }
    let slot = outputs[position]
    if let callers = slot.callers {
      return try HostArray(borrowing: callers, shape: shape, value.elementType)
    }
    guard let buffer = slot.buffer ?? slot.donor.flatMap({ inputs[$0].buffer }) else {
      throw RuntimeError("no-results", "The output '\(value.name)' was replaced: call run() first.")
    }
    return HostArray(buffer: buffer, elementType: value.elementType, shape: shape)
  }

  /// Has runs write an output to memory of the application, without a copy; nil returns to the context's own. The
  /// memory must stay until then, or until the context is gone. It need not be aligned.
  /// - Throws: `unknown-output`; `donation` when an input was donated to that output.
  public func setOutput(_ name: String, memory: UnsafeMutableRawBufferPointer?) throws(RuntimeError) {
    let position = try outputPosition(name)
    guard outputs[position].donor == nil || memory == nil else {
      throw RuntimeError("donation", "The output '\(name)' already takes the memory of a donated input.")
    }
    outputs[position].callers = memory
    hasResults = false
  }

  /// Points the library at the memory for one output.
  func placeOutput(_ position: Int) throws(RuntimeError) {
    if let callers = outputs[position].callers {
      point(output: position, to: callers.baseAddress, byteCount: callers.count)
    } else if let donor = outputs[position].donor, isDonatedInPlace(donor, to: position) {
      outputs[position].buffer = nil
      point(output: position, to: storage.inputs[donor].data, byteCount: inputs[donor].buffer?.byteCount ?? 0)
    } else {
      let needed = outputs[position].bound ?? outputs[position].buffer?.byteCount ?? 0
      try reserve(needed, forOutput: position)
    }
  }

  /// Donated memory is written only when nobody else can see it. A run that may have to be repeated must not destroy
  /// its input either. In both cases the output gets memory of its own, which replaces the input's afterwards.
  private func isDonatedInPlace(_ donor: Int, to output: Int) -> Bool {
    guard !hasUnboundedOutput, let bound = outputs[output].bound, isKnownUniquelyReferenced(&inputs[donor].buffer),
      let buffer = inputs[donor].buffer
    else { return false }
    return buffer.isWritable && buffer.byteCount >= bound && storage.inputs[donor].data == buffer.pointer
  }

  private func reserve(_ byteCount: Int, forOutput position: Int) throws(RuntimeError) {
    let isShared = !isKnownUniquelyReferenced(&outputs[position].buffer)
    if isShared || (outputs[position].buffer?.byteCount ?? -1) < byteCount {
      outputs[position].buffer = try HostBuffer(byteCount: byteCount)
    }
    let buffer = outputs[position].buffer
    point(output: position, to: buffer?.pointer, byteCount: buffer?.byteCount ?? 0)
  }

  private func point(output position: Int, to memory: UnsafeMutableRawPointer?, byteCount: Int) {
    storage.outputs[position].data = memory
    storage.outputs[position].capacity = UInt64(byteCount)
  }

  /// After the library asked for a larger output: provides it, and tells whether the run is worth repeating.
  func growOutput() throws(RuntimeError) -> Bool {
    let error = storage.error.pointee
    let position = Int(error.argument) - inputs.count
    guard outputs.indices.contains(position), outputs[position].callers == nil, outputs[position].bound == nil,
      error.needed > storage.outputs[position].capacity, let needed = Int(exactly: error.needed)
    else { return false }
    try reserve(needed, forOutput: position)
    return true
  }

  /// Makes each donated input hold the output that replaced it, provided that it fits as that input.
  func handOverDonations() {
    for output in outputs.indices {
      guard let donor = outputs[output].donor else { continue }
      let isInPlace = storage.outputs[output].data == storage.inputs[donor].data
      let result = storage.outputs[output]
      let fits =
        result.element_type == storage.inputs[donor].element_type
        && CallStorage.sizes(of: result).elementsEqual(CallStorage.sizes(of: storage.inputs[donor]))
      guard fits else {
        if isInPlace { outputs[output].buffer = inputs[donor].buffer }
        inputs[donor].buffer = nil
        continue
      }
      if !isInPlace {
        inputs[donor].buffer = outputs[output].buffer
        outputs[output].buffer = nil
        point(input: donor)
      }
    }
  }

  /// A donated input may be half overwritten after a failure.
  func loseDonatedInputs() {
    for position in inputs.indices {
      guard let heir = inputs[position].heir,
        storage.outputs[heir].data == storage.inputs[position].data
      else { continue }
      inputs[position].buffer = nil
    }
  }

  func outputPosition(_ name: String) throws(RuntimeError) -> Int {
    if let position = model.description.outputs.firstIndex(where: { $0.name == name }) { return position }
    let names = model.description.outputs.map { "'\($0.name)'" }.joined(separator: ", ")
    throw RuntimeError("unknown-output", "The model has no output '\(name)'; its outputs are \(names).")
  }
}
