// swift-tools-version: 6.3;(experimentalCGen)
// Plugins may make C and assembler for a target where the first line asks for it.
import PackageDescription

let package = Package(
  name: "plugin-sample",
  platforms: [.macOS(.v14)],
  dependencies: [.package(name: "tensorc", path: "../..")],
  targets: [
    // The models: whatever .onnx and .tir files lie in Sources/Models.
    .target(name: "Models", plugins: [.plugin(name: "TensorcPlugin", package: "tensorc")]),
    .executableTarget(
      name: "App", dependencies: ["Models", .product(name: "TensorRuntime", package: "tensorc")],
      plugins: [.plugin(name: "TensorcPlugin", package: "tensorc")]),
    // Writes functions of Swift tensors into Sources/Models: `swift run Functions`.
    .executableTarget(name: "Functions", dependencies: [.product(name: "Tensors", package: "tensorc")]),
  ]
)
