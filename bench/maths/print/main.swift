// Prints the whole prelude as C, for the programs beside it: `prelude-text 16|32|64`.
import Foundation
import TensorCodegenC

guard CommandLine.arguments.count == 2, let bytes = Int(CommandLine.arguments[1]),
  let target = PreludeTarget(rawValue: bytes)
else {
  FileHandle.standardError.write(Data("usage: prelude-text 16|32|64\n".utf8))
  exit(2)
}
print(Prelude.text(for: Prelude.snippets.map(\.name), target: target), terminator: "")
