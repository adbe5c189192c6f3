import TensorABI

/// The C structs of one call, allocated once, so that a run touches no allocator.
final class CallStorage {
  let call: UnsafeMutablePointer<tensorc_call>
  let error: UnsafeMutablePointer<tensorc_error>
  let inputs: UnsafeMutablePointer<tensorc_tensor>
  let outputs: UnsafeMutablePointer<tensorc_tensor>
  private let sizes: UnsafeMutablePointer<Int64>
  /// Memory for sizes that only a run tells.
  private let pool = MemoryPool()

  init(_ description: LibraryDescription) {
    let values = description.inputs + description.outputs
    call = .allocate(capacity: 1)
    error = .allocate(capacity: 1)
    inputs = .allocate(capacity: max(description.inputs.count, 1))
    outputs = .allocate(capacity: max(description.outputs.count, 1))
    // Room for the dimensions and the strides of each.
    let sizeCount = values.reduce(0) { $0 + 2 * $1.dimensions.count }
    sizes = .allocate(capacity: max(sizeCount, 1))
    sizes.initialize(repeating: 0, count: max(sizeCount, 1))

    error.initialize(to: tensorc_error())
    error.pointee.size = UInt64(MemoryLayout<tensorc_error>.size)
    call.initialize(to: tensorc_call())
    call.pointee.size = UInt64(MemoryLayout<tensorc_call>.size)
    call.pointee.inputs = UnsafePointer(inputs)
    call.pointee.outputs = outputs
    call.pointee.input_count = UInt32(description.inputs.count)
    call.pointee.output_count = UInt32(description.outputs.count)
    call.pointee.allocate = allocateForLibrary
    call.pointee.allocator_context = Unmanaged.passUnretained(pool).toOpaque()

    var next = sizes
    for (values, tensors) in [(description.inputs, inputs), (description.outputs, outputs)] {
      for (position, value) in values.enumerated() {
        (tensors + position).initialize(to: tensorc_tensor())
        tensors[position].element_type = value.elementType.rawValue
        tensors[position].rank = Int32(value.dimensions.count)
        tensors[position].dimensions = next
        next += 2 * value.dimensions.count
      }
    }
  }

  deinit {
    call.deallocate()
    error.deallocate()
    inputs.deallocate()
    outputs.deallocate()
    sizes.deallocate()
  }

  /// Writes the shape of an input, and its strides unless it is dense.
  func describeInput(_ position: Int, _ array: HostArray) {
    let rank = array.shape.count
    guard let dimensions = inputs[position].dimensions else { return }
    for axis in 0..<rank {
      dimensions[axis] = Int64(array.shape[axis])
      dimensions[rank + axis] = Int64(array.strides[axis])
    }
    inputs[position].strides = array.isDense ? nil : UnsafePointer(dimensions + rank)
  }

  /// The sizes of a tensor, where the library or `describeInput` wrote them.
  static func sizes(of tensor: tensorc_tensor) -> UnsafeBufferPointer<Int64> {
    UnsafeBufferPointer(start: tensor.dimensions, count: Int(tensor.rank))
  }

  /// Whether an input has this shape already, so that the plan for it still holds.
  func inputHasShape(_ position: Int, _ array: HostArray) -> Bool {
    Self.sizes(of: inputs[position]).elementsEqual(array.shape.lazy.map { Int64($0) })
  }
}
