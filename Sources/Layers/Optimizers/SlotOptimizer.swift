import Tensors

/// An optimiser whose rate may be an input of the compiled step, so that a schedule may change it.
public protocol RatedOptimizer: Optimizer {
  /// The rate where none is given.
  var rate: Double { get }

  /// One step at a rate that is a scalar tensor.
  func update<Model: TensorContainer>(_ model: inout Model, _ state: inout State, along gradient: Model, rate: Tensor)
}

extension SGD: RatedOptimizer {}
extension Adam: RatedOptimizer {}
extension AdamW: RatedOptimizer { public var rate: Double { adam.rate } }

/// What a ``SlotOptimizer`` remembers: tensors for each parameter, and how many steps were taken.
public struct SlotState: TensorContainer, TensorExample, Sendable {
  public var slots: [[Tensor]]
  /// A scalar f32.
  public var step: Tensor
}

/// An optimiser that treats each parameter by itself. One of your own says what it remembers of a parameter and how it
/// changes it; what is written is a formula of tensors:
///
///     struct SignDescent: SlotOptimizer {
///       var rate = 0.01
///       func slots(for parameter: Tensor) -> [Tensor] { [] }
///       func updated(
///         _ parameter: Tensor, _ gradient: Tensor, _ slots: inout [Tensor], step: Tensor, rate: Tensor
///       ) -> Tensor { parameter - rate * gradient.sign() }
///     }
public protocol SlotOptimizer: RatedOptimizer where State == SlotState {
  /// What is remembered of a parameter before the first step: as many tensors as always.
  func slots(for parameter: Tensor) -> [Tensor]

  /// The parameter after a step.
  /// - Parameters:
  ///   - step: 1 in the first step, a scalar f32.
  ///   - rate: a scalar of the parameter's element type.
  func updated(
    _ parameter: Tensor, _ gradient: Tensor, _ slots: inout [Tensor], step: Tensor, rate: Tensor
  ) -> Tensor
}

extension SlotOptimizer {
  public func state<Model: TensorContainer>(for model: Model) -> SlotState {
    SlotState(slots: model.trainedTensors.map(slots), step: .zeros([]))
  }

  public func update<Model: TensorContainer>(_ model: inout Model, _ state: inout SlotState, along gradient: Model) {
    update(&model, &state, gradient) { $0.like(self.rate) }
  }

  public func update<Model: TensorContainer>(
    _ model: inout Model, _ state: inout SlotState, along gradient: Model, rate: Tensor
  ) { update(&model, &state, gradient) { rate.cast(to: $0.elementType) } }

  private func update<Model: TensorContainer>(
    _ model: inout Model, _ state: inout SlotState, _ gradient: Model, _ rate: (Tensor) -> Tensor
  ) {
    let old = model.trainedTensors
    let gradients = gradient.trainedTensors
    var next = state
    let results = Composition.run {
      next.step = state.step + 1
      let tensors = old.indices.map { index in
        updated(old[index], gradients[index], &next.slots[index], step: next.step, rate: rate(old[index]))
      }
      return tensors + next.tensors
    }
    model = model.replacing(trained: Array(results.prefix(old.count)))
    state = next.replacing(Array(results.dropFirst(old.count)))
  }
}
