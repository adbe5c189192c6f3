import TensorIR
import TensorOps
import TestSupport

/// Functions with the gradient of what they compute.
enum ProgramGradient {
  /// The sum of the first f32 result, the function's results, and the gradient of that sum by one parameter; nil where an op
  /// on the way has none.
  static func ofOne(_ function: Function, _ random: inout Mutations) -> Function? {
    let floats = function.body.parameters.indices.filter { function.parameterTypes[$0].elementType == .f32 }
    guard let place = function.body.results.firstIndex(where: { function.type(of: $0).elementType == .f32 }),
      let parameter = floats.randomElement(using: &random)
    else { return nil }
    return appending(function, by: [parameter]) { results in
      results[place].sum(axes: Array(0..<results[place].rank))
    }
  }

  /// The same of all float results that have a gradient, their elements weighted, by all float parameters.
  static func ofAll(_ function: Function) -> Function? {
    let floats = function.body.parameters.indices.filter { function.parameterTypes[$0].elementType.isFloat }
    let places = function.body.results.indices.filter { place in
      function.type(of: function.body.results[place]).elementType.isFloat
        && appending(function, by: floats) { weighted($0[place]) } != nil
    }
    if floats.isEmpty || places.isEmpty { return nil }
    return appending(function, by: floats) { results in
      places.dropFirst().reduce(weighted(results[places[0]])) { $0 + weighted(results[$1]) }
    }
  }

  /// A sum that hangs on each element in another way than on its neighbours.
  private static func weighted(_ x: Tensor) -> Tensor {
    let wide = x.cast(to: .f32)
    let axes = Array(0..<x.rank)
    guard let last = axes.last else { return wide * wide.like(0.75) }
    return (wide * (wide.iota(.f32, x.shape, axis: last) * wide.like(0.25) - wide.like(1))).sum(axes: axes)
  }

  private static func appending(
    _ function: Function, by parameters: [Int], _ loss: ([Tensor]) -> Tensor
  ) -> Function? {
    let trace = TraceRecorder(like: function)
    let inputs = function.body.parameters.map { trace.parameter(function.type(of: $0), name: function[$0].name) }
    guard let copied = try? Copying.copy(function, into: trace, inputs),
      let whole = try? trace.finish([loss(copied)] + copied)
    else { return nil }
    return try? Gradient.valueAndGradient(of: whole, at: parameters)
  }
}
