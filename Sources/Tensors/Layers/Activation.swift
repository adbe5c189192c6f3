import TensorOps

/// A function applied to each element, by name: for models that choose it.
public enum Activation: String, CaseIterable, Sendable {
  case relu, tanh, sigmoid, gelu, silu, softplus, elu

  public func callAsFunction(_ x: Tensor) -> Tensor {
    switch self {
    case .relu: x.relu()
    case .tanh: x.tanh()
    case .sigmoid: x.sigmoid()
    case .gelu: x.gelu()
    case .silu: x.silu()
    case .softplus: x.softplus()
    case .elu: x.elu()
    }
  }
}
