import TensorIR
import TensorOps

// What people write first and what means something else here, or cannot be: each says what to write instead. Without these the Swift
// compiler looks for other operators of that name and tells of `BinaryInteger` or `DurationProtocol`.
extension Tensor {
  @available(*, unavailable, message: "use .> to compare tensors element by element")
  public static func > (a: Tensor, b: Tensor) -> Tensor { a .> b }
  @available(*, unavailable, message: "use .> to compare tensors element by element")
  public static func > (a: Tensor, b: Double) -> Tensor { a .> b }
  @available(*, unavailable, message: "use .>= to compare tensors element by element")
  public static func >= (a: Tensor, b: Tensor) -> Tensor { a .>= b }
  @available(*, unavailable, message: "use .>= to compare tensors element by element")
  public static func >= (a: Tensor, b: Double) -> Tensor { a .>= b }
  @available(*, unavailable, message: "use .< to compare tensors element by element")
  public static func < (a: Tensor, b: Tensor) -> Tensor { a .< b }
  @available(*, unavailable, message: "use .< to compare tensors element by element")
  public static func < (a: Tensor, b: Double) -> Tensor { a .< b }
  @available(*, unavailable, message: "use .<= to compare tensors element by element")
  public static func <= (a: Tensor, b: Tensor) -> Tensor { a .<= b }
  @available(*, unavailable, message: "use .<= to compare tensors element by element")
  public static func <= (a: Tensor, b: Double) -> Tensor { a .<= b }
  @available(*, unavailable, message: "use .== to compare tensors element by element, or allClose(_:)")
  public static func == (a: Tensor, b: Tensor) -> Tensor { a .== b }
  @available(*, unavailable, message: "use .== to compare tensors element by element")
  public static func == (a: Tensor, b: Double) -> Tensor { a .== b }
  @available(*, unavailable, message: "use .!= to compare tensors element by element")
  public static func != (a: Tensor, b: Tensor) -> Tensor { a .!= b }
  @available(*, unavailable, message: "use .!= to compare tensors element by element")
  public static func != (a: Tensor, b: Double) -> Tensor { a .!= b }
  @available(*, unavailable, message: "use .& for the conjunction of tensors, element by element")
  public static func && (a: Tensor, b: Tensor) -> Tensor { a .& b }
  @available(*, unavailable, message: "use .| for the disjunction of tensors, element by element")
  public static func || (a: Tensor, b: Tensor) -> Tensor { a .| b }
  @available(*, unavailable, message: "use .& for truth, or Tensor.bitwiseAnd for the bits of integers")
  public static func & (a: Tensor, b: Tensor) -> Tensor { a .& b }
  @available(*, unavailable, message: "use .| for truth, or Tensor.bitwiseOr for the bits of integers")
  public static func | (a: Tensor, b: Tensor) -> Tensor { a .| b }
  @available(*, unavailable, message: "use .! for the opposite truth")
  public static prefix func ! (x: Tensor) -> Tensor { .!x }
  @available(*, unavailable, message: "use a.matmul(b) for a product of matrices, a * b for one of elements")
  public static func .* (a: Tensor, b: Tensor) -> Tensor { a * b }
  @available(*, unavailable, message: "use a.matmul(b) for a product of matrices, a.dot(b) for one of vectors")
  public static func • (a: Tensor, b: Tensor) -> Tensor { a.matmul(b) }
  @available(*, unavailable, message: "use pow(_:), or x * x")
  public static func ** (a: Tensor, b: Double) -> Tensor { a.power(b) }
}

infix operator .* : MultiplicationPrecedence
infix operator • : MultiplicationPrecedence
infix operator ** : MultiplicationPrecedence

extension Tensor {
  @available(*, unavailable, renamed: "sum(axis:)")
  public func sum(dim: Int) -> Tensor { sum(axis: dim) }
  @available(*, unavailable, renamed: "mean(axis:)")
  public func mean(dim: Int) -> Tensor { mean(axis: dim) }
  @available(*, unavailable, renamed: "max(axis:)")
  public func max(dim: Int) -> Tensor { max(axis: dim) }
  @available(*, unavailable, renamed: "min(axis:)")
  public func min(dim: Int) -> Tensor { min(axis: dim) }
  @available(*, unavailable, renamed: "argmax(axis:)")
  public func argmax(dim: Int) -> Tensor { argmax(axis: dim) }
  @available(*, unavailable, renamed: "softmax(axis:)")
  public func softmax(dim: Int) -> Tensor { softmax(axis: dim) }
  @available(
    *, unavailable, message: "use swappingAxes(_:_:) to swap two axes, transposed(_:) for another order of all"
  )
  public func transpose(_ first: Int, _ second: Int) -> Tensor { swappingAxes(first, second) }
  @available(*, unavailable, renamed: "broadcast(to:)")
  public func expand(_ shape: [Int]) -> Tensor { broadcast(to: shape) }
  @available(*, unavailable, message: "write a subscript with ranges, x[0..<2, .all], or sliced(axis:start:size:)")
  public func slice(_ ranges: Range<Int>...) -> Tensor { self }
  @available(*, unavailable, message: "write -x, or negated()")
  public func neg() -> Tensor { -self }
  @available(*, unavailable, message: "write try x.item() to read the one element of a tensor")
  public var scalar: Double { 0 }
  @available(*, unavailable, message: "write try x.evaluate(); reading a tensor computes it too")
  public func eval() {}
  @available(*, unavailable, message: "write try x.array(of: Float.self), or try x.floats()")
  public func array() -> [Float] { [] }
  @available(*, unavailable, message: "write try x.array(of: Float.self)")
  public func toArray() -> [Float] { [] }
  @available(*, unavailable, message: "write try x.array(of: Float.self)")
  public func numpy() -> [Float] { [] }
  @available(*, unavailable, renamed: "shape")
  public func size() -> [Int] { [] }
  @available(*, unavailable, renamed: "rank")
  public var ndim: Int { rank }
  @available(
    *, unavailable,
    message: "use valueAndGradient(at:of:) or gradient(at:of:): gradients are functions, not a mark on tensors"
  )
  public var requiresGrad: Bool {
    get { false }
    set {}
  }
  @available(
    *, unavailable,
    message: "use valueAndGradient(at:of:) or gradient(at:of:): gradients are functions, not a mark on tensors"
  )
  public func backward() {}
  @available(*, unavailable, message: "tensors are on the one device that there is, the processor")
  public func to(device: String) -> Tensor { self }
  @available(*, unavailable, message: "write x[axis: …] ranges as x[0..<2, .all]; for one position x[-1]")
  public func index(_ position: Int) -> Tensor { self[position] }
}

@available(
  *, unavailable, message: "write try x.evaluate(), or try evaluateAll() on several; reading a tensor computes it too"
)
public func eval(_ tensors: Tensor...) {}
@available(*, unavailable, renamed: "crossEntropy(_:_:)")
public func softmaxCrossEntropy(logits: Tensor, labels: Tensor) -> Tensor { crossEntropy(logits, labels) }
