import TensorData
import TensorIR
import TensorOps

/// How the steps of a recurrent layer multiply with its weights.
protocol RecurrenceProducts {
  /// The weights of the input and those of the state of one direction, ready for products.
  func prepared(
    _ input: Tensor, _ state: Tensor, _ direction: Int
  ) throws -> (input: RecurrenceWeights, state: RecurrenceWeights)
  /// The product of x with so many rows of the weights from one on.
  func product(_ x: Tensor, _ weights: RecurrenceWeights, _ start: Int, _ count: Int) throws -> Tensor
}

extension RecurrenceProducts {
  func product(_ x: Tensor, _ weights: RecurrenceWeights) throws -> Tensor { try product(x, weights, 0, weights.count) }
}

/// Weights [rows, size], or [size, rows] of integers with the step of each.
struct RecurrenceWeights {
  let values: Tensor
  let count: Int
  var scale: Tensor?
  /// Of bytes: what their products take.
  var bytes: ByteProducts.Right?
}

/// Products of floats.
struct PlainRecurrence: RecurrenceProducts {
  func prepared(
    _ input: Tensor, _ state: Tensor, _ direction: Int
  ) throws -> (input: RecurrenceWeights, state: RecurrenceWeights) {
    let weights = [input, state].map { RecurrenceWeights(values: $0, count: $0.shape[0].constant ?? 0) }
    return (weights[0], weights[1])
  }

  func product(_ x: Tensor, _ weights: RecurrenceWeights, _ start: Int, _ count: Int) throws -> Tensor {
    let rows =
      weights.count == count
      ? weights.values
      : weights.values.sliced(axis: 0, start: Dimension(start), size: Dimension(count))
    return x.matmul(rows.transposed([1, 0]))
  }
}

/// Products of integers, as onnxruntime's `DynamicQuantizeLSTM` has them: what is multiplied with the weights is quantised as it
/// comes, all steps of the input with one scale, and each state with its own.
struct QuantisedRecurrence: RecurrenceProducts {
  private let node: NodeConversion
  init(_ node: NodeConversion) { self.node = node }

  func prepared(
    _ input: Tensor, _ state: Tensor, _ direction: Int
  ) throws -> (input: RecurrenceWeights, state: RecurrenceWeights) {
    (try weights(input, 1, scale: 8, direction), try weights(state, 2, scale: 10, direction))
  }

  private func weights(
    _ values: Tensor, _ index: Int, scale: Int, _ direction: Int
  ) throws -> RecurrenceWeights {
    guard let count = values.shape.last?.constant else {
      throw OnnxError("onnx-recurrent", "its weights \(values.type) have no known number of columns")
    }
    func factor(_ index: Int) throws -> Tensor? {
      guard node.hasInput(index) else { return nil }
      let part = try node.tensor(index).sliced(axis: 0, start: Dimension(direction), size: 1)
      return try node.reshape(part, part.shape.count == 1 ? [] : Array(part.shape.dropFirst()))
    }
    guard let step = try factor(scale) else {
      throw OnnxError("onnx-missing-input", "the scale of its weights, input \(scale), is missing")
    }
    let zero = try factor(scale + 1)
    var codes = QuantisedTensor(codes: values, zero: zero)
    codes.literal = (try? node.literal(index))?.part(direction)
    codes.zeroLiteral = (try? node.literal(scale + 1))?.part(direction)
    guard let bytes = try ByteProducts(node: node).right(codes) else {
      throw OnnxError("onnx-element-type", "its weights are matrices of i8 or u8, not \(values.type)")
    }
    return RecurrenceWeights(values: bytes.codes, count: count, scale: step, bytes: bytes)
  }

  func product(_ x: Tensor, _ weights: RecurrenceWeights, _ start: Int, _ count: Int) throws -> Tensor {
    let (codes, scale, zero) = try OnnxOperators.dynamicallyQuantised(node, x)
    guard let bytes = weights.bytes, let step = weights.scale else {
      throw Diagnostic("internal", "weights that are no codes")
    }
    let sums = ByteProducts.sums(QuantisedTensor(codes: codes, zero: zero), bytes)
    let result = sums.cast(to: scale.elementType) * (scale * step)
    return weights.count == count ? result : result.sliced(axis: -1, start: Dimension(start), size: Dimension(count))
  }
}
