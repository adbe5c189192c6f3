// What must not compile, and the message that each line must give: scripts/acceptance/refusals.sh has Swift's compiler verify it. A user who
// writes one of these is told what to write instead, and nothing of `BinaryInteger`, `DurationProtocol` or a bug of the compiler.
import Foundation
import Tensors

func refusedComparisons(_ x: Tensor, _ y: Tensor, _ number: Float) {
  _ = x > y
  // expected-error@-1 {{'>' is unavailable: use .> to compare tensors element by element}}
  _ = x > 0
  // expected-error@-1 {{'>' is unavailable: use .> to compare tensors element by element}}
  _ = x > 0.5
  // expected-error@-1 {{'>' is unavailable: use .> to compare tensors element by element}}
  _ = x >= y
  // expected-error@-1 {{'>=' is unavailable: use .>= to compare tensors element by element}}
  _ = x >= 1
  // expected-error@-1 {{'>=' is unavailable: use .>= to compare tensors element by element}}
  _ = x < y
  // expected-error@-1 {{'<' is unavailable: use .< to compare tensors element by element}}
  _ = x < 1
  // expected-error@-1 {{'<' is unavailable: use .< to compare tensors element by element}}
  _ = x <= y
  // expected-error@-1 {{'<=' is unavailable: use .<= to compare tensors element by element}}
  _ = x <= 1
  // expected-error@-1 {{'<=' is unavailable: use .<= to compare tensors element by element}}
  _ = x == y
  // expected-error@-1 {{'==' is unavailable: use .== to compare tensors element by element, or allClose(_:)}}
  _ = x == 1
  // expected-error@-1 {{'==' is unavailable: use .== to compare tensors element by element}}
  _ = x != y
  // expected-error@-1 {{'!=' is unavailable: use .!= to compare tensors element by element}}
  _ = x != 1
  // expected-error@-1 {{'!=' is unavailable: use .!= to compare tensors element by element}}
  if x > y { print(x) }
  // expected-error@-1 {{cannot convert value of type 'Tensor' to expected condition type 'Bool'}}
}

func refusedLogic(_ x: Tensor, _ y: Tensor) {
  _ = x && y
  // expected-error@-1 {{'&&' is unavailable: use .& for the conjunction of tensors, element by element}}
  _ = x || y
  // expected-error@-1 {{'||' is unavailable: use .| for the disjunction of tensors, element by element}}
  _ = x & y
  // expected-error@-1 {{'&' is unavailable: use .& for truth, or Tensor.bitwiseAnd for the bits of integers}}
  _ = x | y
  // expected-error@-1 {{'|' is unavailable: use .| for truth, or Tensor.bitwiseOr for the bits of integers}}
  _ = !x
  // expected-error@-1 {{'!' is unavailable: use .! for the opposite truth}}
}

func refusedProducts(_ x: Tensor, _ y: Tensor) {
  _ = x • y
  // expected-error@-1 {{'•' is unavailable: use a.matmul(b) for a product of matrices, a.dot(b) for one of vectors}}
  _ = x .* y
  // expected-error@-1 {{'.*' is unavailable: use a.matmul(b) for a product of matrices, a * b for one of elements}}
  _ = x ** 2
  // expected-error@-1 {{'**' is unavailable: use pow(_:), or x * x}}
}

func refusedNames(_ x: Tensor) {
  _ = x.sum(dim: 1)
  // expected-error@-1 {{'sum(dim:)' has been renamed to 'sum(axis:)'}}
  _ = x.mean(dim: 1)
  // expected-error@-1 {{'mean(dim:)' has been renamed to 'mean(axis:)'}}
  _ = x.max(dim: 1)
  // expected-error@-1 {{'max(dim:)' has been renamed to 'max(axis:)'}}
  _ = x.min(dim: 1)
  // expected-error@-1 {{'min(dim:)' has been renamed to 'min(axis:)'}}
  _ = x.argmax(dim: 1)
  // expected-error@-1 {{'argmax(dim:)' has been renamed to 'argmax(axis:)'}}
  _ = x.softmax(dim: 1)
  // expected-error@-1 {{'softmax(dim:)' has been renamed to 'softmax(axis:)'}}
  _ = x.transpose(0, 1)
  // expected-error@-1 {{'transpose' is unavailable: use swappingAxes(_:_:) to swap two axes, transposed(_:) for another order of all}}
  _ = x.expand([2, 3])
  // expected-error@-1 {{'expand' has been renamed to 'broadcast(to:)'}}
  _ = x.slice(0..<2)
  // expected-error@-1 {{'slice' is unavailable: write a subscript with ranges, x[0..<2, .all], or sliced(axis:start:size:)}}
  _ = x.neg()
  // expected-error@-1 {{'neg()' is unavailable: write -x, or negated()}}
  _ = x.ndim
  // expected-error@-1 {{'ndim' has been renamed to 'rank'}}
  _ = softmaxCrossEntropy(logits: x, labels: x)
  // expected-error@-1 {{'softmaxCrossEntropy(logits:labels:)' has been renamed to 'crossEntropy(_:_:)'}}
}

func refusedReading(_ x: Tensor) throws {
  _ = x.scalar
  // expected-error@-1 {{'scalar' is unavailable: write try x.item() to read the one element of a tensor}}
  _ = x.item()
  // expected-error@-1 {{call can throw but is not marked with 'try'}}
  // expected-note@-2 {{did you mean to use 'try'?}}
  // expected-note@-3 {{did you mean to handle error as optional value?}}
  // expected-note@-4 {{did you mean to disable error propagation?}}
  _ = x.array()
  // expected-error@-1 {{'array()' is unavailable: write try x.array(of: Float.self), or try x.floats()}}
  _ = x.toArray()
  // expected-error@-1 {{'toArray()' is unavailable: write try x.array(of: Float.self)}}
  _ = x.numpy()
  // expected-error@-1 {{'numpy()' is unavailable: write try x.array(of: Float.self)}}
  x.eval()
  // expected-error@-1 {{'eval()' is unavailable: write try x.evaluate(); reading a tensor computes it too}}
  eval(x)
  // expected-error@-1 {{'eval' is unavailable: write try x.evaluate(), or try evaluateAll() on several; reading a tensor computes it too}}
}

func refusedGradients(_ x: Tensor) {
  x.backward()
  // expected-error@-1 {{'backward()' is unavailable: use valueAndGradient(at:of:) or gradient(at:of:): gradients are functions, not a mark on tensors}}
  _ = x.requiresGrad
  // expected-error@-1 {{'requiresGrad' is unavailable: use valueAndGradient(at:of:) or gradient(at:of:): gradients are functions, not a mark on tensors}}
  _ = x.to(device: "cuda")
  // expected-error@-1 {{'to(device:)' is unavailable: tensors are on the one device that there is, the processor}}
}
