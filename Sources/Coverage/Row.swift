import TensorIR
import TensorOps

/// A group of backend methods of Burn.
public enum Trait: String, CaseIterable, Sendable {
  case float = "FloatTensorOps"
  case integer = "IntTensorOps"
  case bool = "BoolTensorOps"
  case module = "ModuleOps"
  case activation = "ActivationOps"
  case transaction = "TransactionOps"

  /// The element types of its tensors.
  public var elementTypes: [ElementType] {
    switch self {
    case .float, .module, .activation, .transaction: [.f64, .f32, .f16, .bf16]
    case .integer: [.i8, .i16, .i32, .i64, .u8, .u16, .u32, .u64]
    case .bool: [.bool]
    }
  }
}

/// One backend method of Burn, and what a user of this package writes for it.
public struct Row: Sendable {
  /// What the method is here.
  public enum Support: Sendable {
    case yes(Mapping)
    /// It has no meaning here.
    case notApplicable(reason: String)
    /// Nothing does it.
    case no(reason: String)
  }

  public let trait: Trait
  /// The method's name in Burn.
  public let name: String
  /// Whether it came after release 0.16.
  public let isLater: Bool
  public let support: Support

  public var mapping: Mapping? {
    if case .yes(let mapping) = support { return mapping }
    return nil
  }
}

/// Whether a row's gradient is tested.
public enum GradientKind: Sendable {
  /// With respect to every float operand.
  case all
  /// With respect to some operands: those at these positions.
  case of([Int])
  /// There is none: integers, comparisons, positions.
  case none
}

/// What stands for a row here: the public API, called.
public struct Mapping: Sendable {
  /// The operands of one case to its results. Attributes are those of the row's cases in Tests/Fixtures/coverage.
  public typealias Body = @Sendable (_ operands: [Tensor], _ type: ElementType) throws -> [Tensor]

  /// What a user writes, for the documentation.
  public let swift: String
  public let elementTypes: [ElementType]
  public let gradient: GradientKind
  /// Whether it can be part of a compiled function.
  public let isTraced: Bool
  public let body: Body
  /// What the results must be where numbers cannot be foretold: says what is wrong, nil if nothing is.
  public let property: (@Sendable ([Tensor]) throws -> String?)?
}
