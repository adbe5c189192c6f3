import TensorIR

/// Collects which functions of the prelude a file needs, and writes those few that only loop IR needs and that follow
/// from the types alone (lane by lane conversions in memory, ramps, wrapping quotients).
struct FunctionUse {
  let types: CTypes
  /// Names in the prelude, in order of first use.
  private(set) var names: [String] = []
  /// Functions written here, in order of first use.
  private var written: [(name: String, text: String)] = []
  private var known: Set<String> = []

  init(types: CTypes) { self.types = types }

  /// Notes the use of a function or type; `otherwise` writes it where the prelude has none of that name.
  mutating func use(_ name: String, otherwise: (inout FunctionUse) -> String? = { _ in nil }) -> Bool {
    if known.contains(name) { return true }
    if Prelude.snippet(name) != nil {
      known.insert(name)
      names.append(name)
      return true
    }
    guard let text = otherwise(&self) else { return false }
    known.insert(name)
    written.append((name, text))
    return true
  }

  /// The vector type of an expression, wherever it is spelt out.
  mutating func use(_ type: LoopType) {
    if type.lanes > 1 { _ = use(types.name(type)) }
  }

  /// Adds what another kernel uses.
  mutating func merge(_ other: FunctionUse) {
    for name in other.names where known.insert(name).inserted { names.append(name) }
    for function in other.written where known.insert(function.name).inserted { written.append(function) }
  }

  /// The C text of all of it.
  func text(for target: PreludeTarget) -> String {
    var all = names
    for (name, text) in written {
      all += Prelude.dependencies(of: PreludeSnippet(name, text), target: target).filter { !all.contains($0) }
    }
    let extra = written.map { $0.text + "\n" }.joined()
    return Prelude.text(for: all, target: target) + (extra.isEmpty ? "" : "\n" + extra)
  }
}

extension FunctionUse {
  /// The C function for an intrinsic, nil where there is none for these types.
  mutating func function(_ intrinsic: Intrinsic, _ arguments: [LoopType], result: LoopType) -> String? {
    let subject = arguments.first ?? result
    if intrinsic == .saturate { return saturation(subject, result) }
    let name = "tc_\(intrinsic.declaration.stem)_\(types.suffix(subject))"
    return use(name, otherwise: { $0.lanewise(intrinsic, arguments, result: result, name: name) }) ? name : nil
  }

  /// A conversion from float that saturates: a narrow integer in wide lanes is clamped there.
  private mutating func saturation(_ type: LoopType, _ result: LoopType) -> String? {
    let element = result.element
    if type.lanes == 1 {
      let name = "tc_\(element)_sat_\(types.suffix(type))"
      return use(name) ? name : nil
    }
    let full = "tc_\(types.suffix(result))_sat_\(types.suffix(type))"
    if element.bitWidth >= 32, use(full) { return full }
    let name = "tc_\(element)_in_\(types.suffix(result))_sat_\(types.suffix(type))"
    let isDefined = use(name) { use in
      guard element.bitWidth < 32, Prelude.snippet(full) != nil else {
        return use.lanewise(.saturate, [type], result: result, name: name)
      }
      let least = element.isSigned ? -(1 << (element.bitWidth - 1)) : 0
      let most = (1 << (element.isSigned ? element.bitWidth - 1 : element.bitWidth)) - 1
      let suffix = use.types.suffix(result)
      return """
        TC_INLINE \(use.types.name(result)) \(name)(\(use.types.name(type)) x) {
          return tc_max_\(suffix)(tc_splat_\(suffix)(\(least)), tc_min_\(suffix)(tc_splat_\(suffix)(\(most)), \(full)(x)));
        }
        """
    }
    return isDefined ? name : nil
  }

  /// A vector function made of the scalar one, for what the prelude has only as a scalar.
  private mutating func lanewise(
    _ intrinsic: Intrinsic, _ arguments: [LoopType], result: LoopType, name: String
  ) -> String? {
    guard let first = arguments.first, first.lanes > 1, arguments.allSatisfy({ $0.lanes == first.lanes }) else {
      return nil
    }
    let scalars = arguments.map { LoopType($0.element) }
    guard let function = function(intrinsic, scalars, result: LoopType(result.element)) else { return nil }
    let letters = ["x", "y", "z", "w"]
    guard arguments.count <= letters.count else { return nil }
    let parameters = zip(arguments, letters).map { "\(types.name($0)) \($1)" }.joined(separator: ", ")
    let lanes = zip(arguments, letters).map { "\($1)[i]" }.joined(separator: ", ")
    return """
      TC_INLINE \(types.name(result)) \(name)(\(parameters)) {
        \(types.name(result)) result;
        for (int i = 0; i < \(first.lanes); i++) result[i] = \(function)(\(lanes));
        return result;
      }
      """
  }
}
