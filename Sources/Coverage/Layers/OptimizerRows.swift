import Foundation
import TensorLayers

/// A ``SlotOptimizer`` of a user's own.
private struct SignDescent: SlotOptimizer {
  var rate = 0.125
  func slots(for parameter: Tensor) -> [Tensor] { [] }
  func updated(
    _ parameter: Tensor, _ gradient: Tensor, _ slots: inout [Tensor], step: Tensor, rate: Tensor
  ) -> Tensor { parameter - rate * gradient.sign() }
}

extension LayerCoverage {
  /// A parameter after three steps along gradients, whose rate is an input.
  private static func steps<Chosen: RatedOptimizer>(_ optimizer: Chosen, _ x: [Tensor]) -> Tensor {
    var parameter = x[0]
    var state = optimizer.state(for: parameter)
    for gradient in x.dropFirst() {
      optimizer.update(&parameter, &state, along: gradient, rate: parameter.like(0.125))
    }
    return parameter
  }

  static func optimizers(_ list: inout LayerRowList) {
    func row(_ name: String, _ swift: String, _ all: @escaping @Sendable ([Tensor]) -> [Tensor]) {
      list.row("optimizer/" + name, swift, types: [.f32], gradient: .none, all)
    }
    row("Sgd", "SGD(rate: 0.1)") { x in [steps(SGD(rate: 0, weightDecay: 0.25), x)] }
    row("WeightDecay", "SGD(rate: 0.1, weightDecay: 0.25)") { x in [steps(SGD(rate: 0, weightDecay: 0.25), x)] }
    row("Momentum", "Momentum(rate: 0.1)") { x in
      [
        steps(Momentum(rate: 0), x), steps(Momentum(rate: 0, dampening: 0.1, weightDecay: 0.25), x),
        steps(Momentum(rate: 0, isNesterov: true), x),
      ]
    }
    row("Adam", "Adam(rate: 0.001)") { x in [steps(Adam(rate: 0), x), steps(Adam(rate: 0, weightDecay: 0.25), x)] }
    row("AdamW", "AdamW(rate: 0.001, weightDecay: 0.01)") { x in [steps(AdamW(rate: 0, weightDecay: 0.25), x)] }
    row("AdaGrad", "AdaGrad(rate: 0.01)") { x in
      [steps(AdaGrad(rate: 0), x), steps(AdaGrad(rate: 0, rateDecay: 0.5), x)]
    }
    row("RmsProp", "RMSProp(rate: 0.01, isCentred: true)") { x in
      [steps(RMSProp(rate: 0), x), steps(RMSProp(rate: 0, isCentred: true), x)]
    }
    row("Adan", "Adan(rate: 0.001)") { x in [steps(Adan(rate: 0), x), steps(Adan(rate: 0, weightDecay: 0.25), x)] }
    row("Muon", "Muon(rate: 0.001)") { x in [steps(Muon(rate: 0), x)] }
    row("OptimizerAdaptor", "SlotOptimizer") { x in [steps(SignDescent(), x)] }
    row("GradientsAccumulator", "GradientAccumulator(for: model)") { x in
      var sum = GradientAccumulator(for: x[0])
      for gradient in x.dropFirst() { sum.add(gradient) }
      var parameter = x[0]
      var state = SGD(rate: 0.125).state(for: parameter)
      SGD(rate: 0.125).update(&parameter, &state, along: sum.takeMean())
      return [parameter]
    }
    row("GradientClipping", "gradient.clipped(toNorm: 2)") { x in
      let gradient = Pair(x[0], x[1])
      return [gradient.clipped(toValue: 0.5), gradient.clipped(toNorm: 2), gradient.clipped(toGlobalNorm: 2)].flatMap(
        \.tensors)
    }
    list.notApplicable("optimizer/GradientsParams", "a gradient is a container like the model, its parts found by name")
    list.row(
      "optimizer/LBFGS", "LBFGS(lineSearch: .strongWolfe).minimise(&model) { … }", types: [.f64], gradient: .none,
      traced: false
    ) { x in
      var (point, method) = (x[0], LBFGS(rate: 0.5, history: 3, iterations: 4))
      // The second call knows what the first learned.
      for _ in 0..<2 {
        try method.minimise(&point) { ($0 * $0 * x[1]).sum() + ($0 * $0 * $0 * $0).sum() / 4 }
      }
      return [point]
    }
    list.no("optimizer/ModuleOptimizer lr_scheduler/ModuleLrScheduler", "not yet: one optimiser for all parameters")
  }

  static func schedules(_ list: inout LayerRowList) {
    func row(_ name: String, _ swift: String, _ schedule: any Schedule) {
      list.vector("lr_scheduler/" + name, swift) { (0..<12).map { schedule.rate(at: $0) } }
    }
    let linear = LinearSchedule(from: 0.5, to: 0.1, steps: 8)
    let exponential = ExponentialSchedule(0.5, factor: 0.75)
    row("ConstantLr", "ConstantSchedule(0.5)", ConstantSchedule(0.5))
    row(
      "CosineAnnealingLrScheduler", "CosineSchedule(0.5, least: 0.1, period: 4)",
      CosineSchedule(0.5, least: 0.1, period: 4))
    row("ExponentialLrScheduler", "ExponentialSchedule(0.5, factor: 0.75)", exponential)
    row("LinearLrScheduler", "LinearSchedule(from: 0.5, to: 0.1, steps: 8)", linear)
    row("NoamLrScheduler", "NoamSchedule(0.5, warmup: 4, size: 16)", NoamSchedule(0.5, warmup: 4, size: 16))
    row("StepLrScheduler", "StepSchedule(0.5, every: 3)", StepSchedule(0.5, every: 3))
    row("ComposedLrScheduler", "ComposedSchedule([a, b], .product)", ComposedSchedule([exponential, linear], .product))
    row(
      "SequentialLrScheduler", "SequentialSchedule([a, b], until: [4])",
      SequentialSchedule([LinearSchedule(from: 0.5, to: 0.1, steps: 4), exponential], until: [4]))
  }

  static func initializers(_ list: inout LayerRowList) {
    func row(
      _ name: String, _ swift: String, _ initializer: Initializer, mean: Double, deviation: Double,
      most: Double = .infinity
    ) {
      list.random("initializer/" + name, swift) {
        [initializer([50, 80])]
      } property: { tensors in
        let numbers = try tensors[0].array(of: Float.self).map(Double.init)
        guard tensors[0].shape == [50, 80] else { return "the shape is \(tensors[0].shape)" }
        let found = numbers.reduce(0, +) / 4000
        let spread = (numbers.reduce(0) { $0 + ($1 - found) * ($1 - found) } / 4000).squareRoot()
        // Five standard errors.
        if abs(found - mean) > 5 * deviation / 4000.0.squareRoot() + 1e-6 { return "the mean is \(found), not \(mean)" }
        if abs(spread - deviation) > 0.06 * deviation + 1e-6 { return "the deviation is \(spread), not \(deviation)" }
        let greatest = numbers.map { abs($0 - mean) }.max() ?? 0
        return greatest > most + 1e-6 ? "a number is \(greatest) off the mean" : nil
      }
    }
    row("Constant", ".constant(3)", .constant(3), mean: 3, deviation: 0)
    row("Ones", ".ones", .ones, mean: 1, deviation: 0)
    row("Zeros", ".zeros", .zeros, mean: 0, deviation: 0)
    row("Uniform", ".uniform(1...3)", .uniform(1...3), mean: 2, deviation: 2 / 12.0.squareRoot(), most: 1)
    row("Normal", ".normal(mean: 1, deviation: 2)", .normal(mean: 1, deviation: 2), mean: 1, deviation: 2)
    // Of fan 50 and 80.
    row(
      "KaimingUniform", ".kaimingUniform(gain: 2)", .kaimingUniform(gain: 2), mean: 0, deviation: 2 / 50.0.squareRoot(),
      most: (12 / 50.0).squareRoot())
    row(
      "KaimingNormal", ".kaimingNormal(byOutputs: true)", .kaimingNormal(byOutputs: true), mean: 0,
      deviation: 1 / 80.0.squareRoot())
    row(
      "XavierUniform", ".xavierUniform()", .xavierUniform(), mean: 0, deviation: (2 / 130.0).squareRoot(),
      most: (6 / 130.0).squareRoot())
    row("XavierNormal", ".xavierNormal()", .xavierNormal(), mean: 0, deviation: (2 / 130.0).squareRoot())
    list.random("initializer/Orthogonal", ".orthogonal(gain: 2)") {
      [Initializer.orthogonal(gain: 2)([3, 5]), Initializer.orthogonal(gain: 2)([5, 3]).transposed()]
    } property: { tensors in
      for tensor in tensors {
        let square = tensor.matmul(tensor.transposed())
        if try square.isClose(.identity(3) * 4, absolute: 1e-5).all().item() != 1 {
          return "rows are not at right angles"
        }
      }
      return nil
    }
  }
}
