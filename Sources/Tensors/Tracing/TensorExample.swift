import TensorIR
import TensorOps

/// What stands for an argument when a function is traced: a type, or a container that is like the ones to come.
public protocol TensorExample {
  associatedtype Traced: TensorContainer
  /// The names and types of the tensors, in order.
  var parameters: [(name: String, type: TensorType)] { get }
  /// The argument with these tensors.
  func traced(_ tensors: [Tensor]) -> Traced
}

extension TensorContainer {
  public var parameters: [(name: String, type: TensorType)] { namedTensors.map { ($0.name, $0.tensor.type.plain) } }
  public func traced(_ tensors: [Tensor]) -> Self { replacing(tensors) }
}

extension Tensor: TensorExample {}
extension Array: TensorExample where Element: TensorContainer {}
extension Pair: TensorExample {}

extension TensorType: TensorExample {
  public var parameters: [(name: String, type: TensorType)] { [("", self)] }
  public func traced(_ tensors: [Tensor]) -> Tensor { tensors.first ?? .absent }
}

extension TensorType {
  /// A type of f32: `TensorType.f32("n", 784)`.
  public static func f32(_ shape: Dimension...) -> TensorType { TensorType(.f32, shape) }
  /// A type of f64.
  public static func f64(_ shape: Dimension...) -> TensorType { TensorType(.f64, shape) }
  /// A type of i64.
  public static func i64(_ shape: Dimension...) -> TensorType { TensorType(.i64, shape) }
  /// A type of i32.
  public static func i32(_ shape: Dimension...) -> TensorType { TensorType(.i32, shape) }
}

extension Dimension: ExpressibleByStringLiteral {
  /// A symbol, whose size each call chooses: `"batch"`.
  public init(stringLiteral name: String) { self.init(symbol: name) }
}

/// A layer or model: a container that computes. Its arguments and result are up to it.
public protocol Module: TensorContainer, TensorExample where Traced == Self {}
