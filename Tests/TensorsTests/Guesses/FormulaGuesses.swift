import Foundation
import Tensors

func guessArithmetic() throws {
  let x = Tensor([[1, 2, 3], [4, 5, 6]])
  let f: Float = 2
  let d = 0.5
  let n = 3
  _ = x + x
  _ = x - x * x / x
  _ = -x
  _ = x * 0.5
  _ = x * 2
  _ = x * f
  _ = x * d
  _ = x * n
  _ = f * x
  _ = n * x
  _ = 1 - x
  _ = 1 / x
  _ = 2 * x + 1
  _ = x + f
  _ = x / n
  _ = x % n
  _ = x - f / 2
  _ = (x - x.mean()) / (x.std() + 1e-5)
  _ = 0.5 * x * (1 + (x / Float(2).squareRoot()).erf())
  _ = x / (1 + exp(-x))
  _ = (x * x).sum(axis: 1, keepAxes: true).sqrt()
  _ = x * (1 - x) * 2 - x / 3 + x * x * 0.25
  var m = x
  m += 1
  m -= x
  m *= 2
  m /= f
  m += f
  m += n
  m *= n
}

func guessComparisons() throws {
  let x = Tensor([[1, 2, 3], [4, 5, 6]])
  let f: Float = 2
  let n = 3
  _ = x .> x
  _ = x .> 0
  _ = x .> f
  _ = x .> n
  _ = x .== x
  _ = x .== 1
  _ = x .!= n
  _ = x .<= 2.5
  _ = (x .> 0) .& (x .< 1)
  _ = (x .> 0) .| (x .< 1)
  _ = ~(x .> 0)
  _ = .!(x .> 0)
  _ = (x .> 0).any()
  _ = (x .> 0).all()
  _ = (x .> 0).any(axis: 1)
  _ = (x .> 0).sum()
  _ = Tensor.select(x .> 0, x, -x)
  _ = select(x .> 0, x, -x)
  _ = x.replacing(where: x .> 3, with: 0)
  _ = x.isNaN()
  _ = try x.allClose(x)
}

func guessFunctions() throws {
  let x = Tensor([[1, 2, 3], [4, 5, 6]])
  _ = exp(x)
  _ = log(x)
  _ = sqrt(x)
  _ = abs(x)
  _ = sin(x) + cos(x)
  _ = tanh(x)
  _ = pow(x, 2)
  _ = pow(x, x)
  _ = relu(x)
  _ = gelu(x)
  _ = sigmoid(x)
  _ = softmax(x, axis: 1)
  _ = maximum(x, x)
  _ = matmul(x, x.T)
  _ = x.exp()
  _ = x.log()
  _ = x.sqrt()
  _ = x.squareRoot()
  _ = x.rsqrt()
  _ = x.abs()
  _ = x.pow(2)
  _ = x.pow(x)
  _ = x.power(2)
  _ = x.square()
  _ = x.sin()
  _ = x.tanh()
  _ = x.sigmoid()
  _ = x.relu()
  _ = x.gelu()
  _ = x.silu()
  _ = x.leakyRelu()
  _ = x.softmax()
  _ = x.softmax(axis: 1)
  _ = x.logSoftmax(axis: 1)
  _ = x.clip(0, 1)
  _ = x.clip(minimum: 0)
  _ = x.clamp(min: 0, max: 1)
  _ = x.floor()
  _ = x.round()
  _ = x.sign()
  _ = x.negated()
  _ = x.reciprocal()
  _ = Tensor.maximum(x, x)
  _ = Tensor.maximum(x, 0)
  _ = Tensor.minimum(x, 1)
}
