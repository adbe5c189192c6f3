import TensorTraining

/// Names the clothing in pictures [n, 1, 28, 28]: two convolutions, a hidden layer and one output for each kind.
public struct PictureNetwork: Module {
  var first = Conv2d(1, 32, kernel: 3, padding: .same, bias: false)
  var firstNorm = BatchNorm(32)
  var second = Conv2d(32, 64, kernel: 3, padding: .same, bias: false)
  var secondNorm = BatchNorm(64)
  var hidden = Linear(64 * 7 * 7, 128)
  var dropout = Dropout(0.3)
  var output = Linear(128, 10)

  public init() {}

  public func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    let edges = MaxPool2d(2)(firstNorm(first(x), mode).relu())
    let shapes = MaxPool2d(2)(secondNorm(second(edges), mode).relu())
    return output(dropout(hidden(shapes.flattened(start: 1)).relu(), mode))
  }
}
