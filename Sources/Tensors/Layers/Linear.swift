import TensorIR
import TensorOps

/// An affine map of the last axis: `y = x·W + b`, W stored as [inputs, outputs].
public struct Linear: Module, Sendable {
  /// Where it is held in few bits (``quantizeWeight(bits:block:)``), the numbers that these stand for. What reads it
  /// knows nothing of an adapter.
  public var weight: Tensor {
    get { blocks?.values ?? floats }
    set { (floats, blocks) = (newValue, nil) }
  }
  /// [outputs]; nil where the layer has none.
  public var bias: Tensor?
  /// What is learnt beside the weight; with it, optimisers leave weight and bias alone.
  public var lora: LoRA?
  private var floats: Tensor
  /// The weight in few bits, in place of `floats`.
  private var blocks: BlockWeight?

  public init(weight: Tensor, bias: Tensor?) {
    floats = weight
    self.bias = bias
  }

  /// Weight and bias uniform in ±1/√inputs: He's initialisation ("Delving deep into rectifiers", 2015) with gain 1/√3.
  public init(_ inputs: Int, _ outputs: Int, bias: Bool = true, random: inout RandomNumbers) {
    let bound = 1 / Double(max(inputs, 1)).squareRoot()
    floats = random.uniform([inputs, outputs], in: -bound..<bound)
    self.bias = bias ? random.uniform([outputs], in: -bound..<bound) : nil
  }

  public mutating func visit(_ visitor: TensorVisitor) {
    visitor.layer(&self)
    let isTrained = lora == nil
    func part<Part: TensorContainer>(_ name: String, _ part: inout Part) {
      if isTrained { visitor(name, &part) } else { visitor.untrained(name, &part) }
    }
    if blocks == nil { part("weight", &floats) } else { part("weight", &blocks) }
    part("bias", &bias)
    if var adapter = lora {
      visitor.adapter("lora", &adapter)
      lora = adapter
    }
  }

  /// Holds the weight in 4 or 8 bits, in blocks of so many inputs with a scale each; it is not trained any more.
  /// - Throws: `block-weight` where the inputs are no whole number of blocks.
  public mutating func quantizeWeight(bits: Int, block: Int = 32) throws {
    blocks = try BlockWeight(weight, bits: bits, block: block)
    floats = .absent
  }

  /// Takes the adapter into the weight: the same map as one product, in floats.
  public mutating func mergeAdapter() {
    guard let adapter = lora else { return }
    weight = Tensor.composed { weight + adapter.change }
    lora = nil
  }

  /// Any number of axes before the last; a vector gives a vector.
  public func callAsFunction(
    _ x: Tensor, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor {
    Tensor.placed([x, blocks?.codes ?? floats], file, line, column) {
      let rows = x.rank == 1 ? x.unsqueezed(axes: [0]) : x
      var product = blocks?.product(rows) ?? rows.matmul(floats)
      if let lora { product = product + lora(rows) }
      if x.rank == 1 { product = product.squeezed(axes: [0]) }
      return bias.map { product + $0 } ?? product
    }
  }
}
