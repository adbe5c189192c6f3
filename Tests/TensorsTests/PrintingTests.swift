import Tensors
import Testing

/// Expected texts are those of NumPy 1.24.
@Suite struct PrintingTests {
  private static var samples: [(Tensor, String)] {
    [
      (Tensor([1, 2, 3]), "[1. 2. 3.]"),
      (Tensor([[1, 2], [3, 4]]), "[[1. 2.]\n [3. 4.]]"),
      (Tensor([0.5, -1.25, 100]), "[  0.5   -1.25 100.  ]"),
      (Tensor([1, 2, 30], .i64), "[ 1  2 30]"),
      (Tensor([1, 0], .bool), "[ True False]"),
      (Tensor([0.1, 0.2]), "[0.1 0.2]"),
      (Tensor([1e-5, 1]), "[1.e-05 1.e+00]"),
      (Tensor([1e10, 1.5]), "[1.0e+10 1.5e+00]"),
      (Tensor(2.5), "2.5"),
      (Tensor(3), "3.0"),
      (Tensor([.nan, 1, .infinity]), "[nan  1. inf]"),
      (Tensor([0.333333333, 0.5]), "[0.33333334 0.5       ]"),
      (Tensor.zeros([0]), "[]"),
      (Tensor.arange(2000), "[0.000e+00 1.000e+00 2.000e+00 ... 1.997e+03 1.998e+03 1.999e+03]"),
      (Tensor(Array(repeating: 1.0, count: 8), shape: [2, 2, 2]), "[[[1. 1.]\n  [1. 1.]]\n\n [[1. 1.]\n  [1. 1.]]]"),
    ]
  }

  @Test func printsLikeNumPy() {
    for (tensor, text) in PrintingTests.samples { #expect("\(tensor)" == text) }
  }
}
