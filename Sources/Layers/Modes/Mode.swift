import Tensors

/// Whether a network is being trained or used. Layers that differ in the two (dropout, batch normalisation) take it as
/// an argument without a default, so that no call can forget it.
///
/// It is a value and no type of network, since one network is trained and used in turn, and no switch in the network,
/// which could be left in the wrong position. Only ``valueAndGradient(training:random:file:line:column:of:)`` makes a
/// mode for training: it draws from the random state that it is given and puts the new running statistics into the
/// network, so neither can be lost.
public struct Mode {
  let session: TrainingSession?

  /// The network is used: dropout does nothing, batch normalisation takes its running statistics.
  public static var inference: Mode { Mode(session: nil) }

  public var isTraining: Bool { session != nil }

  /// The state of the next draw of random numbers; nil in inference.
  ///
  /// Layers of one's own draw by ``Tensor/randomUniform(_:in:_:)`` and its like on it.
  public func nextRandomState() -> Tensor? {
    guard let session else { return nil }
    defer { session.draws += 1 }
    return session.random.draw(session.draws)
  }

  /// Replaces a tensor of the network by another once the step is over: new running statistics. Nothing in inference.
  public func update(_ old: Frozen<Tensor>, by change: (_ latest: Tensor) -> Tensor) {
    session?.update(old.value, by: change)
  }

  /// Says what is wrong with using this mode; nil where nothing is.
  func mistake(_ x: Tensor) -> Tensor? {
    guard let session, !session.isOpen else { return nil }
    return x.mistake(
      "mode-escaped", "the mode belongs to a training step that is over; use '.inference' outside of one")
  }
}

/// What happens beside the computation in one step of training.
final class TrainingSession {
  let random: RandomState
  var draws = 0
  var isOpen = true
  private struct Key: Hashable {
    var recorder: ObjectIdentifier
    var id: Int
  }
  private var changes: [Key: Tensor] = [:]

  init(_ random: RandomState) { self.random = random }

  private func key(_ tensor: Tensor) -> Key? {
    tensor.recorder.map { Key(recorder: ObjectIdentifier($0), id: tensor.id) }
  }

  func update(_ old: Tensor, by change: (Tensor) -> Tensor) {
    guard let key = key(old), !old.isPoison else { return }
    changes[key] = change(changes[key] ?? old)
  }

  func change(of tensor: Tensor) -> Tensor? { key(tensor).flatMap { changes[$0] } }
}

/// The loss of one step of training and its gradient. The network's running statistics become new ones, and the random
/// state moves on:
///
///     let (loss, gradient) = try valueAndGradient(training: &network, random: &random) { network, mode in
///       crossEntropy(network(images, mode), labels)
///     }
///
/// - Throws: as ``valueAndGradient(at:file:line:column:of:)``; neither network nor random state are changed then.
public func valueAndGradient<Model: TensorContainer>(
  training model: inout Model, random: inout RandomState, file: String = #fileID, line: Int = #line,
  column: Int = #column, of body: (Model, Mode) throws -> Tensor
) throws -> (value: Tensor, gradient: Model) {
  let found = try valueAndGradient(training: &model, random: &random, file: file, line: line, column: column) {
    (try body($0, $1), Nothing())
  }
  return (found.value, found.gradient)
}

/// As ``valueAndGradient(training:random:file:line:column:of:)``, of a closure that gives something else beside the
/// loss, such as the network's outputs, through which nothing is differentiated.
public func valueAndGradient<Model: TensorContainer, Auxiliary: TensorContainer>(
  training model: inout Model, random: inout RandomState, file: String = #fileID, line: Int = #line,
  column: Int = #column, of body: (Model, Mode) throws -> (Tensor, Auxiliary)
) throws -> (value: Tensor, auxiliary: Auxiliary, gradient: Model) {
  let session = TrainingSession(random)
  defer { session.isOpen = false }
  var changed: [Int] = []
  let found = try valueAndGradient(at: model, file: file, line: line, column: column) { inner in
    let (loss, auxiliary) = try body(inner, Mode(session: session))
    let changes = inner.tensors.map(session.change)
    changed = changes.indices.filter { changes[$0] != nil }
    return (loss, Pair(auxiliary, changes.compactMap { $0 }))
  }
  var tensors = model.tensors
  for (index, tensor) in zip(changed, found.auxiliary.second) { tensors[index] = tensor.stoppingGradient() }
  model = model.replacing(tensors)
  random.advance()
  return (found.value, found.auxiliary.first, found.gradient)
}
