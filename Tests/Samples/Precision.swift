import TensorIR
import TensorOps

/// What the sweeps over compositions share: elements with which a middle rounded to 16 bits shows, and what stands there then.
public enum Precision {
  public static let types: [ElementType] = [.f16, .bf16]

  /// Elements whose squares pass the greatest half, whose fourth powers do, and that differ in their last bits alone.
  public enum Elements: String, CaseIterable, Sendable {
    case hundreds, tenThousands, near8

    public func value(_ place: Int) -> Double {
      let sign: Double = place % 3 == 1 ? -1 : 1
      let part = 1 - Double(place % 7) / 16
      switch self {
      case .hundreds: return 300 * sign * part
      case .tenThousands: return 1e4 * sign * part
      case .near8: return 8 + 1e-3 * Double(place * 5 % 16)
      }
    }

    public func tensor(_ type: ElementType, _ shape: [Int]) -> ReferenceTensor {
      ReferenceTensor(type, shape, floats: (0..<shape.reduce(1, *)).map(value))
    }
  }

  /// The first operation that computes with what was rounded to 16 bits inside a function, in words; nil where only results
  /// are. What the function's parameters hold is theirs, and so is what `given` operations make.
  public static func roundedMiddle(_ function: Function, given: Set<ValueID> = []) -> String? {
    var rounded: Set<ValueID> = []
    for operation in function.body.operations {
      let isExact = (operation.op as? any ExactOp)?.isExact ?? false
      let read = operation.operands.contains { $0.map(rounded.contains) ?? false }
      if read && !isExact { return "'\(operation.op.name)' reads what was rounded before" }
      for id in operation.results where isShort(function.type(of: id).elementType) && !given.contains(id) {
        if read || !isExact { rounded.insert(id) }
      }
    }
    return nil
  }

  private static func isShort(_ type: ElementType) -> Bool { type == .f16 || type == .bf16 }

  /// Where a result in 16 bits is farther from the one in f64 than its own rounding and the steps in f32 can bring it; nil where
  /// it is not.
  public static func fault(_ found: ReferenceTensor, _ wanted: ReferenceTensor) -> String? {
    guard found.shape == wanted.shape else { return "\(found.shape) instead of \(wanted.shape)" }
    guard isShort(found.elementType) else { return nil }
    let greatest = wanted.floats.filter(\.isFinite).reduce(0) { max($0, abs($1)) }
    for place in 0..<found.count {
      let (a, b) = (found.floats[place], wanted.floats[place])
      let nearest = Rounding.round(b, to: found.elementType)
      if a == nearest || a.isNaN && b.isNaN { continue }
      let unit = max(abs(b), 0x1p-14) * (found.elementType == .f16 ? 0x1p-10 : 0x1p-7)
      if !(abs(a - b) <= unit + 0x1p-18 * greatest) { return "element \(place) is \(a) instead of \(b)" }
    }
    return nil
  }
}
