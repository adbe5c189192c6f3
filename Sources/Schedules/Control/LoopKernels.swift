import TensorIR
import TensorOps

/// The small kernels around a loop's region: they move values whole, bit by bit.
struct LoopKernels {
  private let sink: any ControlSink
  private let location: Location

  init(_ sink: any ControlSink, _ location: Location) {
    self.sink = sink
    self.location = location
  }

  /// Copies a value; with a trip's number, to that place in a stack of values.
  func copy(_ from: BufferReference, to: BufferReference, _ type: TensorType, at trip: Dimension? = nil) {
    let builder = KernelBuilder(name: trip == nil ? "carry" : "collect")
    let unit = LoopKernels.unit(type)
    let source = builder.parameter("from", unit.element, .read)
    let target = builder.parameter("to", unit.element, .write)
    let count = builder.extent(unit.count)
    let start = trip.map { builder.declare("start", builder.extent($0) * count) } ?? 0
    builder.parallel("element", count: count) { element in
      builder.store(target, start + element, .load(source, element, lanes: 1))
    }
    sink.call(builder, buffers: [from, to], work: unit.count * Dimension(Work.element), at: location)
  }

  /// Stores a dimension as an i64 scalar.
  func set(_ target: BufferReference, to value: Dimension) {
    let builder = KernelBuilder(name: "trip")
    let buffer = builder.parameter("to", .i64, .write)
    let value = builder.extent(value).data
    builder.branch(.binary(.equal, builder.thread, 0)) { builder.store(buffer, 0, value) }
    sink.call(builder, buffers: [target], work: 1, at: location)
  }

  /// Elements that are moved as integers, so that no bit of them changes, and how many there are.
  private static func unit(_ type: TensorType) -> (element: ElementType, count: Dimension) {
    switch type.elementType.bitWidth {
    case 64: (.u64, type.storedCount)
    case 32: (.u32, type.storedCount)
    case 16: (.u16, type.storedCount)
    default: (.u8, type.byteCount)
    }
  }
}
