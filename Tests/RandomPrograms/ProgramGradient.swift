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

  /// The program with the sum of all its float results that have a gradient, their elements weighted, and the gradient of
  /// that by all float parameters; nil where there is none.
  static func ofAll(_ program: RandomProgram) -> RandomProgram? {
    let function = program.function
    let floats = function.body.parameters.indices.filter { function.parameterTypes[$0].elementType.isFloat }
    let places = function.body.results.indices.filter { place in
      function.type(of: function.body.results[place]).elementType.isFloat
        && appending(function, by: floats) { weighted($0[place]) } != nil
    }
    if floats.isEmpty || places.isEmpty { return nil }
    func loss(_ results: [Tensor]) -> Tensor {
      places.dropFirst().reduce(weighted(results[places[0]])) { $0 + weighted(results[$1]) }
    }
    guard let whole = try? withLoss(function, loss),
      let gradient = try? Gradient.valueAndGradient(of: whole, at: floats)
    else { return nil }
    var made = RandomProgram(
      seed: program.seed, function: gradient, inputs: program.inputs, gradients: floats.count)
    made.differentiated = (whole, floats)
    return made
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
    try? Gradient.valueAndGradient(of: try withLoss(function, loss), at: parameters)
  }

  private static func withLoss(_ function: Function, _ loss: ([Tensor]) -> Tensor) throws -> Function {
    let trace = TraceRecorder(like: function)
    let inputs = function.body.parameters.map { trace.parameter(function.type(of: $0), name: function[$0].name) }
    let copied = try Copying.copy(function, into: trace, inputs)
    return try trace.finish([loss(copied)] + copied)
  }
}
