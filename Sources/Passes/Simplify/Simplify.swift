import TensorIR
import TensorOps

/// Works out what is known, rewrites what can be said more simply, merges what is equal and drops what nothing uses.
public enum Simplify {
  /// What may be asked of a simplification.
  public struct Options {
    /// The greatest change of results that a rule may make.
    public var exactness: Rule.Exactness
    /// Called for each rule applied.
    public var explain: ((RewriteEvent) -> Void)?

    public init(exactness: Rule.Exactness = .rounding, explain: ((RewriteEvent) -> Void)? = nil) {
      self.exactness = exactness
      self.explain = explain
    }
  }

  /// More rounds than these are a mistake in a rule, not a large function.
  private static let roundLimit = 32

  /// Rewrites, merges and drops until nothing changes.
  public static func run(_ function: Function, _ options: Options = Options()) throws -> Function {
    var current = try runRules(function, options)
    // A branch taken or a loop written out is more to rewrite.
    for _ in 0..<roundLimit {
      guard let simpler = try SimplifyControl.run(current) else { break }
      current = try runRules(simpler, options)
    }
    return current
  }

  private static func runRules(_ function: Function, _ options: Options) throws -> Function {
    let graph = RewriteGraph(function)
    var rewriter = Rewriter(try rules(), exactness: options.exactness)
    rewriter.explain = options.explain
    // What nothing uses first: it would be rewritten for nothing, and makes values look as if they were used twice.
    graph.dropUnused()
    for _ in 0..<roundLimit {
      let rewritten = try rewriter.run(graph)
      // Merging makes values equal, for rules that want one value twice; so it is followed by another round.
      let merged = MergeCommon.run(graph)
      graph.dropUnused()
      if rewritten + merged == 0 { break }
    }
    DropGuards.run(graph)
    return graph.makeFunction()
  }

  /// All rules in the order in which they are tried: what is cheap and makes less of the function first.
  static func rules() throws -> [Rule] { try algebra.get().rules + guarded }

  static let guarded: [Rule] =
    FoldRules.rules + ShapeRules.rules + BroadcastRules.rules + SliceRules.rules + ArithmeticRules.rules
    + MatmulRules.rules + AttentionRules.rules + QuantisationRules.rules
    + OneHotRules.rules + BatchNormRules.rules + ConvolutionRules.rules + WeightRules.rules

  /// The rules that are written as text.
  static let algebra: Result<RuleSet, any Error> = Result {
    try RuleSet(parsing: Algebra.text, file: "algebra", language: TensorLanguage())
  }
}
