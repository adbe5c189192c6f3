import TensorIR
import TensorOps

extension Lowering: ControlSink {
  func type(of value: ValueID) -> TensorType { function.type(of: value) }

  func steps(
    of region: Region, parameters: [BufferReference?], results: [BufferReference]
  ) throws -> [Step] {
    for (id, place) in zip(region.parameters, parameters) { memory[id] = place }
    place(resultsOf: region, results)
    return try steps { try lower(region.operations) }
  }
}
