import TensorIR
import TensorOps

/// In what products of f32 tensors, matrix products and convolutions, are computed. Everything else is computed in f32, and
/// sums of products always are.
public enum Precision: Hashable, Sendable {
  /// As the model says.
  case f32
  /// Operands are rounded to bf16.
  case bf16
  /// Operands are split into two parts of bf16 each, of which three products are added: an error of about 2⁻¹⁶.
  case bf16x3
  /// Three parts each, of which six products are added: about as precise as f32.
  case bf16x6
  /// As `bf16` where it is one of these by its number among the products of the function, and as `f32` elsewhere.
  case some(Set<Int>)
}

/// A product that could be computed in bf16.
public struct PrecisionProduct: Sendable {
  /// The result's name, or the op's where it has none, and where it comes from.
  public var name: String
  public var location: Location
  public var type: TensorType
  /// Whether it is computed in bf16.
  public var isLowered: Bool
}

extension PrecisionProduct {
  /// The products of a function that is decomposed, those in bf16 and those in f32, regions included.
  public static func all(of function: Function) -> [PrecisionProduct] {
    var products: [PrecisionProduct] = []
    function.forEachOperation { operation in
      guard let product = operation.op as? any ProductOp, let result = operation.results.first,
        function.type(of: result).elementType == .f32
      else { return }
      let name = function[result].name
      products.append(
        PrecisionProduct(
          name: name.isEmpty ? operation.op.name : name, location: operation.location, type: function.type(of: result),
          isLowered: product.isOfPairs))
    }
    return products
  }
}
