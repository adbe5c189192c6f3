import TensorIR

/// Loads and stores of vectors whose elements are stored as another type. Where the prelude has a function of the name,
/// that one is used.
extension FunctionUse {
  enum Access { case whole, partial, strided, stridedPartial }

  /// The function that loads `type` from memory of `storage`: `tc_load_f32v`, `tc_load_partial_u8_i32v`.
  mutating func load(_ storage: ElementType, _ type: LoopType, _ access: Access) -> String {
    let verb =
      switch access {
      case .whole: "load"
      case .partial: "load_partial"
      case .strided: "gather"
      case .stridedPartial: "gather_partial"
      }
    let name = "tc_\(verb)_\(memorySuffix(storage, type))"
    _ = use(name) { $0.loadText(name, storage, type, access) }
    return name
  }

  /// The prelude's function that loads every other element; it takes a count if `isPartial`. Nil where it has none.
  mutating func everyOther(_ storage: ElementType, _ type: LoopType, isPartial: Bool) -> String? {
    guard types.suffix(type) == "\(storage)v" else { return nil }
    let name = "tc_load_every_other_\(isPartial ? "tail_" : "")\(storage)v"
    return use(name) ? name : nil
  }

  /// The function that stores `type` to memory of `storage`.
  mutating func store(_ storage: ElementType, _ type: LoopType, _ access: Access) -> String {
    let name = "tc_\(access == .partial ? "store_partial" : "store")_\(memorySuffix(storage, type))"
    _ = use(name) { $0.storeText(name, storage, type, access) }
    return name
  }

  /// The function that stores whole vectors past the caches; nil where elements change their width on the way.
  mutating func stream(_ storage: ElementType, _ type: LoopType) -> String? {
    let name = "tc_stream_\(types.suffix(type))"
    return types.suffix(type) == "\(storage)v" && use(name) ? name : nil
  }

  private func memorySuffix(_ storage: ElementType, _ type: LoopType) -> String {
    let suffix = types.suffix(type)
    return suffix == "\(storage)v" ? suffix : "\(storage)_\(suffix)"
  }

  private mutating func loadText(_ name: String, _ storage: ElementType, _ type: LoopType, _ access: Access) -> String {
    let vector = types.name(type)
    let memory = CTypes.storage(storage)
    let first = "TC_INLINE \(vector) \(name)(const \(memory) *from\(extraParameters(storage, access))) {"
    if !access.isStrided, let body = widened(storage, type, access) { return "\(first) return \(body); }" }
    let index = access.isStrided ? "i * stride" : "i"
    let lane = loadedLane(storage, "from", storage.bitWidth == 4 ? "offset + \(index)" : index)
    let value = storage == .bool ? "-(\(lane))" : lane
    return """
      \(first)
        \(vector) result = {0};
        for (int64_t i = 0; i < \(access.isPartial ? "count" : "\(type.lanes)"); i++) result[i] = \(value);
        return result;
      }
      """
  }

  private mutating func storeText(
    _ name: String, _ storage: ElementType, _ type: LoopType, _ access: Access
  ) -> String {
    let vector = types.name(type)
    let count = access == .partial ? ", int64_t count" : ""
    let offset = storage.bitWidth == 4 ? ", int64_t offset" : ""
    let first = "TC_INLINE void \(name)(\(CTypes.storage(storage)) *to\(offset), \(vector) value\(count)) {"
    if let body = narrowed(storage, type, access) { return "\(first) \(body); }" }
    let statement = storedLane(storage, "to", storage.bitWidth == 4 ? "offset + i" : "i", "value[i]")
    return """
      \(first)
        for (int64_t i = 0; i < \(access == .partial ? "count" : "\(type.lanes)"); i++) \(statement)
      }
      """
  }

  /// The prelude's name for a vector in memory with as many lanes as one of 32-bit elements: `u16h`.
  private func memoryVector(_ storage: ElementType, _ type: LoopType) -> String? {
    let suffix = types.suffix(type)
    if suffix == "\(storage)v" { return suffix }
    guard type.lanes * 4 == types.vectorBytes else { return nil }
    switch storage {
    case .f16, .bf16, .u16: return "u16h"
    case .i16: return "i16h"
    case .u8, .bool: return "u8q"
    case .i8: return "i8q"
    default: return nil
    }
  }

  /// A load through the prelude's types and conversions, nil where it has none.
  private mutating func widened(_ storage: ElementType, _ type: LoopType, _ access: Access) -> String? {
    guard let memory = memoryVector(storage, type) else { return nil }
    var value = "tc_load_\(memory)(from)"
    if access == .partial {
      value = "tc_load_tail_\(memory)(from, (size_t)count)"
      // The prelude's tails are shorter than a vector; only masked instructions do not mind.
      if types.vectorBytes == 16, memory.hasSuffix("v") {
        value = "count < \(type.lanes) ? \(value) : tc_load_\(memory)(from)"
      }
    }
    switch storage {
    case .f16, .bf16: return "tc_f32v_from_\(storage)(\(value))"
    case .bool: return "tc_i32v_from_u8q(\(value)) != 0"
    default: return memory.hasSuffix("v") ? value : "tc_i32v_from_\(memory)(\(value))"
    }
  }

  /// A store likewise.
  private mutating func narrowed(_ storage: ElementType, _ type: LoopType, _ access: Access) -> String? {
    guard let memory = memoryVector(storage, type) else { return nil }
    let value =
      switch storage {
      case .f16, .bf16: "tc_\(storage)_from_f32v(value)"
      case .bool: "tc_u8q_from_i32v(-value)"
      default: memory.hasSuffix("v") ? "value" : "tc_\(memory)_from_i32v(value)"
      }
    let whole = "tc_store_\(memory)(to, \(value))"
    if access == .whole { return whole }
    let tail = "tc_store_tail_\(memory)(to, (size_t)count, \(value))"
    return types.vectorBytes == 16 && memory.hasSuffix("v")
      ? "if (count < \(type.lanes)) \(tail); else \(whole)" : tail
  }

  private func extraParameters(_ storage: ElementType, _ access: Access) -> String {
    let offset = storage.bitWidth == 4 ? ", int64_t offset" : ""
    switch access {
    case .whole: return offset
    case .partial: return offset + ", int64_t count"
    case .strided: return offset + ", int64_t stride"
    case .stridedPartial: return offset + ", int64_t count, int64_t stride"
    }
  }

  /// One element read into its compute type.
  mutating func loadedLane(_ storage: ElementType, _ array: String, _ offset: String) -> String {
    switch storage {
    case .bool: return "\(array)[\(offset)] != 0"
    case .f16, .bf16:
      _ = use("tc_f32_from_\(storage)")
      return "tc_f32_from_\(storage)(\(array)[\(offset)])"
    case .i4, .u4:
      _ = use("tc_get_\(storage)") { _ in FunctionUse.packedLoad(storage) }
      return "tc_get_\(storage)(\(array), \(offset))"
    default: return "\(array)[\(offset)]"
    }
  }

  /// The statement that writes one element.
  mutating func storedLane(_ storage: ElementType, _ array: String, _ offset: String, _ value: String) -> String {
    switch storage {
    case .bool: return "\(array)[\(offset)] = \(value) != 0;"
    case .f16, .bf16:
      _ = use("tc_\(storage)_from_f32")
      return "\(array)[\(offset)] = tc_\(storage)_from_f32(\(value));"
    case .i4, .u4:
      _ = use("tc_set_4") { _ in FunctionUse.packedStore }
      return "tc_set_4(\(array), \(offset), \(value));"
    case .i8, .u8, .i16, .u16: return "\(array)[\(offset)] = (\(CTypes.storage(storage)))\(value);"
    default: return "\(array)[\(offset)] = \(value);"
    }
  }

  private static func packedLoad(_ storage: ElementType) -> String {
    let type = CTypes.scalar(storage)
    let nibble = "from[offset >> 1] >> ((offset & 1) * 4) & 15"
    // Flipping the sign bit and subtracting it again extends it.
    let value = storage == .i4 ? "((\(nibble)) ^ 8) - 8" : nibble
    return """
      TC_INLINE \(type) tc_get_\(storage)(const uint8_t *from, int64_t offset) {
        return (\(type))(\(value));
      }
      """
  }

  private static let packedStore = """
    TC_INLINE void tc_set_4(uint8_t *to, int64_t offset, int value) {
      int shift = (int)(offset & 1) * 4;
      to[offset >> 1] = (uint8_t)((to[offset >> 1] & ~(15 << shift)) | (value & 15) << shift);
    }
    """
}

extension FunctionUse.Access {
  fileprivate var isStrided: Bool { self == .strided || self == .stridedPartial }
  fileprivate var isPartial: Bool { self == .partial || self == .stridedPartial }
}
