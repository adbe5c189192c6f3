import TensorIR
import TensorLayers
import Testing

/// Methods that ask for the loss themselves, and what wraps a model.
@Suite struct LayerOptimizerTests {
  /// Rosenbrock's valley: the least is 0 at (1, 1).
  @Test func lineSearchesFindTheLeast() throws {
    var point = Tensor([-1.2, 1], .f64)
    var method = LBFGS(iterations: 60, lineSearch: .strongWolfe)
    let first = try method.minimise(&point) { p in
      let (x, y) = (p.sliced(axis: 0, start: 0, size: 1), p.sliced(axis: 0, start: 1, size: 1))
      let (a, b) = (1 - x, y - x * x)
      return (a * a + b * b * 100).sum()
    }
    #expect(abs(first - 24.2) < 1e-9)
    let found = try point.array(of: Double.self)
    #expect(abs(found[0] - 1) < 1e-4 && abs(found[1] - 1) < 1e-4, "\(found)")
  }

  /// The first model replaces what was given; then each moves the mean by its share. Running statistics are the last
  /// ones.
  @Test func averagesOfModels() throws {
    struct Part: Module {
      var weight: Tensor
      var running: Frozen<Tensor>
    }
    func part(_ value: Double) -> Part { Part(weight: Tensor([value]), running: Frozen(Tensor([value]))) }
    var even = AveragedModel(part(0), decay: nil)
    var fading = AveragedModel(part(0), decay: 0.75)
    for value in [1.0, 2, 6] {
      even.add(part(value))
      fading.add(part(value))
    }
    #expect(try even.model.weight.array(of: Float.self) == [3])
    #expect(try fading.model.weight.array(of: Float.self) == [0.75 * 1.25 + 0.25 * 6])
    #expect(try even.model.running.value.array(of: Float.self) == [6])
  }
}
