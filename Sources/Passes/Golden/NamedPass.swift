import TensorIR
import TensorOps

/// A pass by the name that goldens and `tensorc opt --passes` call it.
public struct NamedPass: Sendable {
  public var name: String
  /// Whether the results stay what they were, as the evaluator sees them.
  public var keepsMeaning: Bool
  /// Runs the pass; the second argument is called for each rewrite rule that is applied.
  public let run: @Sendable (Function, ((RewriteEvent) -> Void)?) throws -> Function

  /// All passes from function to function.
  public static let all: [NamedPass] = [
    NamedPass("simplify") { try Simplify.run($0, Simplify.Options(explain: $1)) },
    NamedPass("simplify-exactly") { try Simplify.run($0, Simplify.Options(exactness: .exact, explain: $1)) },
    NamedPass("simplify-fast") { try Simplify.run($0, Simplify.Options(exactness: .inexact, explain: $1)) },
    NamedPass("differentiate", keepsMeaning: false) { function, _ in
      let floats = function.body.parameters.indices.filter { function.parameterTypes[$0].elementType.isFloat }
      return try Gradient.valueAndGradient(of: function, at: floats)
    },
    NamedPass("expand-gradients") { function, _ in try Differentiate.run(function) },
    NamedPass("decompose") { function, _ in try Nested.run(function, Decompose.run) },
    NamedPass("bf16", keepsMeaning: false) { function, _ in try LowerPrecision.run(function, .bf16, .generic) },
    NamedPass("bf16x3", keepsMeaning: false) { function, _ in try LowerPrecision.run(function, .bf16x3, .generic) },
    NamedPass("bf16x6", keepsMeaning: false) { function, _ in try LowerPrecision.run(function, .bf16x6, .generic) },
    NamedPass("drop-unused") { function, _ in DropUnused.run(function) },
    NamedPass("separate-results") { function, _ in try Nested.run(function, SeparateResults.run) },
    // For the target that is the same on every machine.
    NamedPass("layout") { function, _ in
      DropUnused.run(try Nested.run(function) { try AssignLayouts.run($0, .generic) })
    },
    NamedPass("fuse") { function, _ in try Nested.run(function) { try Fuse.run($0) } },
    NamedPass("protect-donations") { function, _ in try Nested.run(function, ProtectDonations.run) },
  ]

  /// The pass of a name; nil if there is none.
  public static func named(_ name: String) -> NamedPass? { all.first { $0.name == name } }

  init(
    _ name: String, keepsMeaning: Bool = true,
    _ run: @escaping @Sendable (Function, ((RewriteEvent) -> Void)?) throws -> Function
  ) {
    self.name = name
    self.keepsMeaning = keepsMeaning
    self.run = run
  }

  /// Runs passes in turn, groups in the function opened before the first, and verifies after each; throws ``BrokenFunction`` where one breaks the function.
  public static func run(
    _ passes: [NamedPass], on function: Function, explain: ((RewriteEvent) -> Void)? = nil
  ) throws -> Function {
    try passes.reduce(try Nested.run(function, OpenGroups.run)) { current, pass in
      try BrokenFunction.check(try pass.run(current, explain), after: pass.name)
    }
  }
}

/// A function that a pass left not well formed: a mistake in this compiler, not in the model.
public struct BrokenFunction: Error, CustomStringConvertible {
  public var pass: String
  public var error: VerificationError

  public var description: String { "the pass '\(pass)' broke the function; \(error)" }

  /// The function if it is well formed; throws if it is not.
  static func check(_ function: Function, after pass: String) throws -> Function {
    if let error = Verifier.check(function) { throw BrokenFunction(pass: pass, error: error) }
    return function
  }
}
