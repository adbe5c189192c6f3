/// How much workspace a call of a compiled function may take. Where it would take more, some of what the first part of
/// the function computes is not kept for the last, but computed again there: a training step then takes longer, and gives
/// the same bits.
public struct MemoryBudget: Hashable, Sendable {
  public enum Limit: Hashable, Sendable {
    case bytes(Int)
    /// Of what the function takes without a budget, from 0 to 1.
    case share(Double)
  }

  public var limit: Limit
  /// The sizes of the call for which the budget is kept, by the names of symbols. A symbol that is fixed or bounded needs
  /// none.
  public var sizes: [String: Int]

  public init(_ limit: Limit, sizes: [String: Int] = [:]) {
    self.limit = limit
    self.sizes = sizes
  }

  /// So many bytes.
  public static func bytes(_ count: Int, sizes: [String: Int] = [:]) -> MemoryBudget {
    MemoryBudget(.bytes(count), sizes: sizes)
  }

  /// A share of what the function takes without a budget: 0.4 is 40 %.
  public static func share(_ share: Double, sizes: [String: Int] = [:]) -> MemoryBudget {
    MemoryBudget(.share(share), sizes: sizes)
  }

  /// Reads `40%`, a number of bytes, or a number with `KB`, `MB`, `GB`, `KiB`, `MiB` or `GiB` behind it; nil where the text is
  /// none of them.
  public init?(_ text: String) {
    let units: [(String, Double)] = [
      ("%", 0.01), ("KiB", 0x1p10), ("MiB", 0x1p20), ("GiB", 0x1p30), ("KB", 1e3), ("MB", 1e6), ("GB", 1e9), ("", 1),
    ]
    guard let (unit, factor) = units.first(where: { text.hasSuffix($0.0) }),
      let number = Double(text.dropLast(unit.count)), number.isFinite, number >= 0
    else { return nil }
    let value = number * factor
    if unit == "%" {
      guard value <= 1 else { return nil }
      self.init(.share(value))
    } else {
      guard value < 0x1p62, unit != "" || value == value.rounded() else { return nil }
      self.init(.bytes(Int(value)))
    }
  }

  /// The most bytes allowed for a function that would take so many.
  public func most(of unconstrained: Int) -> Int {
    switch limit {
    case .bytes(let count): count
    case .share(let share): Int(Double(unconstrained) * Swift.min(Swift.max(share, 0), 1))
    }
  }
}

extension LoweredProgram {
  /// The bytes of workspace of a call in given sizes, temporaries of each thread counted once for each; nil before memory is
  /// planned, or where a size is missing. What has no bound before the run is not in the workspace.
  public func workspaceByteCount(_ sizes: [String: Int] = [:], threads: Int = 1) -> Int? {
    stage == .plan ? plan.byteCount(symbols, sizes, threads: threads) : nil
  }
}

extension MemoryPlan {
  /// The bytes of all slots, each from a line of the cache on.
  public func byteCount(_ symbols: SymbolTable, _ sizes: [String: Int], threads: Int = 1) -> Int? {
    var total = 0
    for (slot, alternatives) in slotSizes.enumerated() {
      var most = 0
      for size in alternatives {
        guard let bytes = symbols.number(size, sizes) else { return nil }
        most = max(most, bytes)
      }
      total += (most + 63) / 64 * 64 * (perThread[slot] ? threads : 1)
    }
    return total
  }
}

extension SymbolTable {
  /// A dimension as a number in given sizes; a symbol that is not among them counts as the most that it may be. Nil where it
  /// has no bound.
  public func number(_ dimension: Dimension, _ sizes: [String: Int]) -> Int? {
    if let constant = dimension.constant { return constant }
    guard let bound = bound(of: dimension) else { return nil }
    return bound.evaluate { sizes[$0] ?? self[$0]?.maximum }
  }
}
