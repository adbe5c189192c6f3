// Prints the prelude's mathematics as C, for the programs beside it: `prelude-text 16|32|64`; or its threads, for those of
// bench/experiments: `prelude-text threads`.
import Foundation
import TensorCodegenC

if CommandLine.arguments.dropFirst() == ["threads"] {
  print(Prelude.threads, terminator: "")
  exit(0)
}
guard CommandLine.arguments.count == 2, let bytes = Int(CommandLine.arguments[1]),
  let target = PreludeTarget(rawValue: bytes)
else {
  FileHandle.standardError.write(Data("usage: prelude-text 16|32|64|threads\n".utf8))
  exit(2)
}
print(Prelude.text(for: Prelude.snippets.map(\.name), target: target), terminator: "")
