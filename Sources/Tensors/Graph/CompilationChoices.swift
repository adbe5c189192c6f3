import TensorIR
import TensorPasses

/// In what the matrix products and convolutions of f32 in a compiled function are computed.
public enum ProductPrecision: Hashable, Sendable {
  /// As they are written.
  case f32
  /// Their operands are rounded to bf16, which keeps 8 bits of the significand, and their sums are f32. Everything else stays f32,
  /// weights and the state of optimisers too. Meant for processors with instructions for it; slower than f32 where there are none.
  case bf16
  /// Operands are the sum of two parts of bf16, and of their products three are added: a relative error of about 2⁻¹⁶. Infinities
  /// become NaN, and so does what rounds to one.
  case bf16x3
  /// Three parts and six products: about as precise as f32, but for infinities as `bf16x3`.
  case bf16x6
}

/// What is chosen for the compilation of a function.
struct CompilationChoices {
  var budget: MemoryBudget?
  var precision = ProductPrecision.f32

  func options(for target: Target) -> PipelineOptions {
    var options = PipelineOptions(target: target)
    options.memoryBudget = budget
    options.precision =
      switch precision {
      case .f32: .f32
      case .bf16: .bf16
      case .bf16x3: .bf16x3
      case .bf16x6: .bf16x6
      }
    return options
  }
}
