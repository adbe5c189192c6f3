import Foundation
import Tensors

// Functions written in Swift, each as a .tir file in the folder that is given, where TensorcPlugin compiles it as it does
// models. What is traced here runs once; nothing of it is in the program.
let folder = URL(fileURLWithPath: CommandLine.arguments.dropFirst().first ?? "Sources/Models")

/// How far scores are from the right labels, and in which direction each should change: the gradient is derived here.
let surprise = try trace(
  TensorType.f32("batch", 10), TensorType.i64("batch"), name: "surprise", inputs: ["scores", "labels"]
) { scores, labels in
  let (loss, gradient) = try valueAndGradient(at: scores) { crossEntropy($0, labels) }
  return ["loss": loss, "gradient": gradient]
}
try Data("\(surprise)\n".utf8).write(to: folder.appendingPathComponent("surprise.tir"))
