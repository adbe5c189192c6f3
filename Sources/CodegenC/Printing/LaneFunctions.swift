import TensorIR

/// Ramps and reductions of lanes.
extension FunctionUse {
  /// base, base + step, … in the lanes.
  mutating func ramp(_ type: LoopType) -> String {
    let suffix = types.suffix(type)
    let name = "tc_ramp_\(suffix)"
    let scalar = laneType(type)
    let vector = types.name(type)
    let numbers = (0..<type.lanes).map(String.init).joined(separator: ", ")
    _ = use(name) { _ in
      """
      TC_INLINE \(vector) \(name)(\(scalar) base, \(scalar) step) {
        return base + step * (\(vector)){\(numbers)};
      }
      """
    }
    return name
  }

  /// The lanes as one scalar, combined in pairs: lane i with lane i + half, and so on.
  mutating func reduction(_ reduction: LaneReduction, _ type: LoopType) -> String? {
    let suffix = types.suffix(type)
    let stem =
      switch reduction {
      case .sum: "sum"
      case .product: "product"
      case .minimum: "hmin"
      case .maximum: "hmax"
      }
    let name = "tc_\(stem)_\(suffix)"
    let scalar = laneType(type)
    let vector = types.name(type)
    let combined: String
    switch reduction {
    case .sum: combined = "lane[i] + lane[i + half]"
    case .product: combined = "lane[i] * lane[i + half]"
    case .minimum, .maximum:
      guard let function = minimum(LoopType(laneElement(type)), isMaximum: reduction == .maximum) else { return nil }
      combined = "\(function)(lane[i], lane[i + half])"
    }
    let isDefined = use(name) { _ in
      """
      TC_INLINE \(scalar) \(name)(\(vector) x) {
        \(scalar) lane[\(type.lanes)];
        memcpy(lane, &x, sizeof lane);
        for (int half = \(type.lanes / 2); half > 0; half /= 2)
          for (int i = 0; i < half; i++) lane[i] = \(combined);
        return lane[0];
      }
      """
    }
    return isDefined ? name : nil
  }

  /// The lesser or greater of two: of floats, NaN wins.
  mutating func minimum(_ type: LoopType, isMaximum: Bool) -> String? {
    let suffix = types.suffix(type)
    let name = "tc_\(isMaximum ? "max" : "min")_\(suffix)"
    let isDefined = use(name)
    return isDefined ? name : nil
  }

  /// The element type that a lane of a vector really has.
  func laneElement(_ type: LoopType) -> ElementType {
    ElementType(rawValue: String(types.suffix(LoopType(type.element, lanes: type.lanes)).dropLast())) ?? type.element
  }

  func laneType(_ type: LoopType) -> String { CTypes.scalar(laneElement(type)) }
}
