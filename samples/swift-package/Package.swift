// swift-tools-version: 6.0
import PackageDescription

let package = Package(
  name: "swift-package",
  platforms: [.macOS(.v14)],
  dependencies: [.package(name: "tensorc", path: "../..")],
  targets: [
    .executableTarget(
      name: "RunModel", dependencies: [.product(name: "TensorRuntime", package: "tensorc")])
  ]
)
