import TensorIR
import TensorOps

extension Tensor {
  /// Whether both are one value; numbers alone do not tell where graphs are inside each other.
  func isSame(as other: Tensor) -> Bool { id == other.id && recorder === other.recorder }
}

/// A graph inside a node, imported as a function of its own.
struct TracedGraph {
  let recorder: TraceRecorder
  let values: [ImportedValue]

  /// The results as tensors of the function.
  func tensors() throws -> [Tensor] { try values.map { try $0.tensor(in: recorder) } }

  /// The graph with lists of elements of one shape among its values as tensors, where they are wanted so.
  func stacking(_ isWanted: (Int) -> Bool) throws -> TracedGraph {
    let stacked = try values.enumerated().map { place, value in
      isWanted(place) ? try value.stack(in: recorder).map { ImportedValue($0) } ?? value : value
    }
    return TracedGraph(recorder: recorder, values: stacked)
  }

  /// The function, which takes `captures` behind its `parameters` declared parameters.
  /// - Parameter captures: tensors of the graph around, those that this one uses among them.
  func function(_ results: [Tensor], parameters: Int, captures: [Tensor]) throws -> Function {
    var function = try recorder.finish(results)
    let own = Array(function.body.parameters.dropFirst(parameters))
    let taken = captures.map { capture in
      zip(recorder.captures, own).first { $0.0.isSame(as: capture) }?.1 ?? function.addValue(capture.type)
    }
    function.body.parameters = Array(function.body.parameters.prefix(parameters)) + taken
    return function
  }
}
