// Prints the whole prelude as C, for the programs beside it: `prelude-text 16|32|64`.
import TensorCodegenC

guard CommandLine.arguments.count == 2, let bytes = Int(CommandLine.arguments[1]),
  let target = PreludeTarget(rawValue: bytes)
else { fatalError("usage: prelude-text 16|32|64") }
print(Prelude.text(for: Prelude.snippets.map(\.name), target: target), terminator: "")
