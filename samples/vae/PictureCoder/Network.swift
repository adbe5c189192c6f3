import TensorTraining

/// A variational autoencoder (Kingma, Welling: "Auto-encoding variational Bayes", 2013) of pictures of 784 pixels: a picture
/// becomes a normal distribution over a few numbers, and numbers become a picture.
public struct PictureCoder: Module {
  var inner = Linear(784, 400)
  var mean: Linear
  var logVariance: Linear
  var unfolding: Linear
  var pixels = Linear(400, 784)
  /// How many numbers stand for a picture.
  public let numbers: Int

  public init(numbers: Int = 16) {
    self.numbers = numbers
    mean = Linear(400, numbers)
    logVariance = Linear(400, numbers)
    unfolding = Linear(numbers, 400)
  }

  /// Logits of the pixels of codes [n, numbers]: [n, 784].
  public func decoded(_ codes: Tensor) -> Tensor { pixels(unfolding(codes).relu()) }

  /// Of pictures [n, 784] the logits of their pixels, then the mean and the logarithm of the variance of each number of the
  /// code, side by side. In training the code is drawn; in inference it is the mean.
  public func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    let hidden = inner(x).relu()
    let (mean, logVariance) = (mean(hidden), logVariance(hidden))
    var code = mean
    if let state = mode.nextRandomState() {
      code = mean + (logVariance * 0.5).exp() * state.randomNormal(mean.shape)
    }
    return Tensor.concat([decoded(code), mean, logVariance], axis: 1)
  }

  /// The negative evidence lower bound of a picture, in nats, the mean over a batch: what its pixels cost, and by how
  /// much its code is off a standard normal distribution.
  public static func loss(_ result: Tensor, _ pictures: Tensor, numbers: Int) -> Tensor {
    func part(_ start: Int, _ size: Int) -> Tensor {
      result.sliced(axis: 1, start: Dimension(start), size: Dimension(size))
    }
    let (logits, mean, logVariance) = (part(0, 784), part(784, numbers), part(784 + numbers, numbers))
    // -log of the probability of a pixel whose brightness is taken as the probability of white.
    let cost = (logits.softplus() - logits * pictures).sum(axes: [1])
    let divergence = (mean * mean + logVariance.exp() - logVariance - 1).sum(axes: [1]) * 0.5
    return (cost + divergence).mean(axes: [0])
  }
}
