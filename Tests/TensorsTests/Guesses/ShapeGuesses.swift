import Foundation
import Tensors

func guessShapes() throws {
  let x = Tensor([[1, 2, 3], [4, 5, 6]])
  let shape = [3, 2]
  let wide = [4, 2, 3]
  _ = x.shape
  _ = x.shape[0]
  _ = x.shape.count
  _ = x.rank
  _ = x.count
  _ = x.dtype
  _ = x.elementType
  _ = x.T
  _ = x.transpose()
  _ = x.transposed()
  _ = x.transposed([1, 0])
  _ = x.permute([1, 0])
  _ = x.permuted([1, 0])
  _ = x.permuted(1, 0)
  _ = x.swappingAxes(0, 1)
  _ = x.reshape([3, 2])
  _ = x.reshape([3, -1])
  _ = x.reshape(3, 2)
  _ = x.reshape(shape)
  _ = x.reshaped(to: [3, 2])
  _ = x.reshaped(to: shape)
  _ = x.reshaped(3, -1)
  _ = x.flatten()
  _ = x.flattened()
  _ = x.broadcast(to: [4, 2, 3])
  _ = x.broadcast(to: wide)
  _ = x.unsqueeze(0)
  _ = x.unsqueezed(axis: 0)
  _ = x.expandedDimensions(axis: 0)
  _ = x.unsqueeze(0).squeeze(axis: 0)
  _ = x.unsqueeze(0).squeeze()
  _ = x.narrow(axis: 0, start: 0, length: 1)
  _ = x.cast(to: .f16)
  _ = x.cast(to: .float16)
  _ = x.asType(.int32)
  _ = x.detach()
  _ = x.tiled([2, 1])
  _ = x.reversed(axis: 0)
}

func guessSubscripts() throws {
  let x = Tensor([[1, 2, 3], [4, 5, 6]])
  let mask = x .> 2
  _ = x[0]
  _ = x[-1]
  _ = x[0, 1]
  _ = x[0..<1]
  _ = x[0..<2, 1...]
  _ = x[..., 0]
  _ = x[.all, 1]
  _ = x[.newAxis]
  _ = x[Tensor([0, 1], .i64)]
  _ = x[.stride(by: -1)]
  var m = x
  m[0] = x[1]
  m[0, 1] = Tensor(9)
  m[mask] = Tensor(0)
  m[..., 0] = Tensor([7, 8])
  m[mask] = [0]
}

func guessReductions() throws {
  let x = Tensor([[1, 2, 3], [4, 5, 6]])
  _ = x.sum()
  _ = x.sum(axis: 0)
  _ = x.sum(axes: [0, 1])
  _ = x.sum(axis: -1, keepAxes: true)
  _ = x.mean()
  _ = x.mean(axis: 1)
  _ = x.mean(axes: [0])
  _ = x.max()
  _ = x.max(axis: 1)
  _ = x.min(axis: 0)
  _ = x.product(axis: 0)
  _ = x.std()
  _ = x.std(axis: 0)
  _ = x.variance()
  _ = x.variance(axis: 0)
  _ = x.standardDeviation(axis: 0)
  _ = x.norm()
  _ = x.norm(axis: 1)
  _ = x.argmax()
  _ = x.argmax(axis: 1)
  _ = x.argmin(axis: 1)
  _ = x.argMax(axis: 1)
  _ = x.cumsum(axis: 1)
  _ = x.cumulativeSum(axis: 0)
  _ = x.topK(2)
  _ = x.topK(2).values
  _ = x.sorted()
  _ = x.argSort()
}

func guessProducts() throws {
  let x = Tensor([[1, 2, 3], [4, 5, 6]])
  let images = Tensor.ones([1, 3, 8, 8])
  let filters = Tensor.ones([4, 3, 3, 3])
  let labels = Tensor([0, 1] as [Int])
  _ = x.matmul(x.T)
  _ = x.dot(x)
  _ = x[0].outer(x[1])
  _ = images.conv2d(filters)
  _ = images.conv2d(filters, stride: 2, padding: 1)
  _ = images.conv2d(filters, bias: Tensor.zeros(4), padding: 1, dilation: 1, groups: 1)
  _ = Tensor.ones(1, 3, 8).conv1d(Tensor.ones(4, 3, 3))
  _ = Tensor.ones(1, 1, 4, 4, 4).conv3d(Tensor.ones(1, 1, 2, 2, 2))
  _ = images.maxPool2d(2)
  _ = images.maxPool2d(kernelSize: 2, stride: 2)
  _ = images.avgPool2d(2)
  _ = labels.oneHot(10)
  _ = labels.oneHot(depth: 10)
  _ = x.tril()
  _ = x.triu()
  _ = Tensor.stack([x, x])
  _ = Tensor.stacked([x, x], axis: 1)
  _ = Tensor.concat([x, x], axis: 0)
  _ = Tensor.concatenate([x, x], axis: 1)
  _ = concatenate([x, x])
  _ = stack([x, x])
  _ = Tensor(concatenating: [x, x], alongAxis: 0)
  _ = Tensor(stacking: [x, x])
  _ = x.split(size: 1, axis: 0)
  _ = x.gather(labels, axis: 1)
  _ = crossEntropy(x, labels)
  _ = meanSquaredError(x, x)
}
