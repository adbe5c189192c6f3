// swift-tools-version: 6.0
import PackageDescription

/// Test code that is not hot is compiled twice as fast without optimisation; what it calls is optimised.
let plain: [SwiftSetting] = [.unsafeFlags(["-Onone"])]

/// The modules carry a prefix because `IR` and `Runtime` would clash with other packages and with the toolchain's own.
let package = Package(
  name: "tensorc",
  platforms: [.macOS(.v14)],
  products: [
    .executable(name: "tensorc", targets: ["tensorc"]),
    .library(name: "TensorRuntime", targets: ["TensorRuntime"]),
    .library(name: "Tensors", targets: ["Tensors"]),
    .library(name: "TensorLayers", targets: ["TensorLayers"]),
    .library(name: "TensorTraining", targets: ["TensorTraining"]),
    .library(name: "TensorExport", targets: ["TensorExport"]),
    .library(name: "TensorImages", targets: ["TensorImages"]),
    .library(name: "TensorMPI", targets: ["TensorMPI"]),
    // For those who extend the compiler or use parts of it: docs/tutorial/6-op.md.
    .library(
      name: "TensorCompiler", targets: ["TensorIR", "TensorOps", "TensorSchedules", "TensorPasses", "TensorCodegenC"]),
    .plugin(name: "TensorcPlugin", targets: ["TensorcPlugin"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", .upToNextMinor(from: "1.8.2")),
    .package(url: "https://github.com/apple/swift-protobuf", .upToNextMinor(from: "1.39.0")),
  ],
  targets: [
    // Models as a build step. TENSORC_COMMAND names a tensorc that is there already; else the plugin builds its own.
    .plugin(
      name: "TensorcPlugin", capability: .buildTool(),
      dependencies: Context.environment["TENSORC_COMMAND"] == nil ? ["tensorc"] : []),
    .target(name: "TensorABI", path: "Sources/ABI"),
    // SHA-256 in C, for the processor's instructions.
    .target(name: "TensorDigest", path: "Sources/Digest"),
    .target(name: "TensorData", path: "Sources/Data"),
    .target(name: "TensorIR", path: "Sources/IR"),
    .target(name: "TensorOps", dependencies: ["TensorIR"], path: "Sources/Ops"),
    .target(name: "TensorSchedules", dependencies: ["TensorIR", "TensorOps"], path: "Sources/Schedules"),
    .target(
      name: "TensorPasses", dependencies: ["TensorIR", "TensorOps", "TensorSchedules"], path: "Sources/Passes"),
    .target(name: "TensorCodegenC", dependencies: ["TensorIR", "TensorDigest"], path: "Sources/CodegenC"),
    .target(name: "TensorRuntime", dependencies: ["TensorABI"], path: "Sources/Runtime"),
    .target(
      name: "TensorONNX",
      dependencies: [
        "TensorData", "TensorIR", "TensorOps",
        .product(name: "SwiftProtobuf", package: "swift-protobuf"),
      ],
      path: "Sources/ONNX",
      exclude: ["Schema/onnx.proto", "Schema/README.md"]),
    .target(
      name: "TensorDriver",
      dependencies: [
        "TensorData", "TensorIR", "TensorOps", "TensorPasses", "TensorCodegenC", "TensorRuntime",
        "TensorONNX",
      ],
      path: "Sources/Driver"),
    .target(
      name: "Tensors",
      dependencies: ["TensorData", "TensorIR", "TensorOps", "TensorPasses", "TensorCodegenC", "TensorRuntime"],
      path: "Sources/Tensors"),
    // Layers, losses, optimisers, schedules and metrics; exports Tensors.
    .target(name: "TensorLayers", dependencies: ["Tensors"], path: "Sources/Layers"),
    // Data sets, the loop of training, checkpoints and reports; exports TensorLayers.
    .target(name: "TensorTraining", dependencies: ["TensorLayers"], path: "Sources/Training"),
    // Models written in Swift as ONNX files; exports Tensors. A product of its own, for it needs swift-protobuf.
    .target(name: "TensorExport", dependencies: ["Tensors", "TensorONNX"], path: "Sources/Export"),
    // Pictures as PNG files; exports Tensors. A product of its own, for it needs libpng.
    .systemLibrary(name: "CPNG", path: "Sources/PNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
    .target(name: "TensorImages", dependencies: ["CPNG", "Tensors"], path: "Sources/Images"),
    // Programs of several ranks by OpenMPI. A product of its own, for it needs libopenmpi.
    .systemLibrary(
      name: "COpenMPI", path: "Sources/OpenMPI", pkgConfig: "ompi-c", providers: [.apt(["libopenmpi-dev"])]),
    .target(name: "RanksByMPI", dependencies: ["COpenMPI", "TensorABI"], path: "Sources/RanksByMPI"),
    .target(name: "TensorMPI", dependencies: ["RanksByMPI", "TensorRuntime"], path: "Sources/MPI"),
    // C libraries that train weights of a model: `tensorc train-step`.
    .target(
      name: "TensorTrainStep",
      dependencies: [
        "TensorCodegenC", "TensorData", "TensorDriver", "TensorIR", "TensorLayers", "TensorOps", "TensorPasses",
      ],
      path: "Sources/TrainStep"),
    // What stands for each of Burn's backend methods, functions and layers: `tensorc ops --coverage`, and its test.
    .target(name: "TensorCoverage", dependencies: ["Tensors", "TensorTraining"], path: "Sources/Coverage"),
    .executableTarget(
      name: "tensorc",
      dependencies: [
        "TensorCoverage",
        "TensorABI", "TensorData", "TensorIR", "TensorOps", "TensorSchedules", "TensorPasses", "TensorCodegenC",
        "TensorRuntime", "TensorONNX", "TensorDriver", "TensorTrainStep",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Sources/tensorc"),
    .target(name: "FileTypes", dependencies: ["TensorRuntime"], path: "samples/magika/FileTypes"),
    .executableTarget(name: "magika-demo", dependencies: ["FileTypes"], path: "samples/magika/magika-demo"),
    // What the samples of training share: steps that a script asks for, to time them.
    .target(name: "TimedSteps", dependencies: ["TensorTraining"], path: "samples/timing"),
    .target(name: "Classifier", dependencies: ["TensorTraining"], path: "samples/mlp/Classifier"),
    .executableTarget(
      name: "mlp", dependencies: ["Classifier", "TensorTraining", "TimedSteps"], path: "samples/mlp/mlp"),
    .target(name: "Pictures", dependencies: ["TensorTraining"], path: "samples/cnn/Pictures"),
    .executableTarget(
      name: "cnn", dependencies: ["Pictures", "TensorExport", "TensorTraining", "TimedSteps"], path: "samples/cnn/cnn"),
    .target(name: "CharacterModel", dependencies: ["TensorTraining"], path: "samples/gpt/CharacterModel"),
    .executableTarget(
      name: "gpt", dependencies: ["CharacterModel", "TensorTraining", "TimedSteps"], path: "samples/gpt/gpt"),
    .executableTarget(
      name: "mpi", dependencies: ["CharacterModel", "TensorMPI", "TensorTraining"], path: "samples/mpi/mpi"),
    .target(name: "PictureCoder", dependencies: ["TensorTraining"], path: "samples/vae/PictureCoder"),
    .executableTarget(
      name: "vae", dependencies: ["PictureCoder", "TensorImages", "TensorTraining"], path: "samples/vae/vae"),
    .executableTarget(name: "gru", dependencies: ["TensorTraining"], path: "samples/gru/gru"),
    // The functions of samples/plugin that are traced from Swift, for the test of that package.
    .executableTarget(name: "plugin-functions", dependencies: ["Tensors"], path: "samples/plugin/Sources/Functions"),
    .testTarget(
      name: "FileTypesTests", dependencies: ["FileTypes", "TensorDriver", "TensorRuntime"], swiftSettings: plain),
    .testTarget(
      name: "PassesTests", dependencies: ["TensorIR", "TensorOps", "TensorPasses"], path: "Tests/PassesTests",
      swiftSettings: plain),
    .testTarget(
      name: "CodegenCTests", dependencies: ["TensorABI", "TensorIR", "TensorCodegenC", "TestSupport"],
      path: "Tests/CodegenCTests",
      exclude: ["Golden"], swiftSettings: plain),
    .testTarget(name: "IRTests", dependencies: ["TensorIR"], path: "Tests/IRTests", swiftSettings: plain),
    .target(name: "TestSupport", path: "Tests/Support"),
    // The ops with attributes and operands on which the contract suites hold them, interpreted and compiled.
    .target(
      name: "TestSamples", dependencies: ["TensorOps", "TensorIR", "TestSupport"], path: "Tests/Samples"),
    .testTarget(
      name: "OpsTests", dependencies: ["TensorOps", "TensorSchedules", "TensorIR", "TestSupport", "TestSamples"],
      path: "Tests/OpsTests"),
    .testTarget(
      name: "DataTests", dependencies: ["TensorData", "TestSupport"], path: "Tests/DataTests", swiftSettings: plain),
    .testTarget(
      name: "ONNXTests",
      dependencies: ["TensorONNX", "TensorData", "TensorIR", "TensorOps", "TestSamples", "TestSupport"],
      path: "Tests/ONNXTests", swiftSettings: plain),
    .testTarget(
      name: "CommandTests",
      dependencies: [
        "tensorc", "TensorCodegenC", "TensorData", "TensorDriver", "TensorIR", "TensorONNX", "TensorRuntime",
        "AllocationCounter", "TestSupport",
      ],
      path: "Tests/CommandTests", swiftSettings: plain),
    // Counts the calls to malloc that a test makes.
    .target(name: "AllocationCounter", path: "Tests/AllocationCounter"),
    .testTarget(
      name: "RuntimeTests", dependencies: ["TensorRuntime", "TensorCodegenC", "AllocationCounter", "TestSupport"],
      path: "Tests/RuntimeTests", exclude: ["Fixtures"], swiftSettings: plain),
    // Functions compiled and loaded, for the tests that run what they compiled.
    .target(
      name: "CompiledModels",
      dependencies: ["TensorIR", "TensorOps", "TensorPasses", "TensorCodegenC", "TensorRuntime"],
      path: "Tests/CompiledModels"),
    .testTarget(
      name: "CompiledTests",
      dependencies: [
        "CompiledModels", "TensorIR", "TensorOps", "TensorPasses", "TensorCodegenC", "TensorRuntime",
        "TestSamples", "TestSupport",
      ],
      path: "Tests/CompiledTests"),
    .testTarget(
      name: "CoverageTests",
      dependencies: ["TensorCoverage", "Tensors", "TensorLayers", "TensorIR", "TensorOps", "TestSamples"],
      path: "Tests/CoverageTests", swiftSettings: plain),
    // Functions made at random, compiled and compared with the evaluator: `make fuzz`, and some of them in the tests.
    .target(
      name: "RandomPrograms",
      dependencies: ["CompiledModels", "TensorIR", "TensorOps", "TensorPasses", "TestSamples", "TestSupport"],
      path: "Tests/RandomPrograms"),
    // Texts of functions, damaged, through all that the command does with a .tir file: `make text-fuzz`, and some of them in the tests.
    .target(
      name: "TextFuzz",
      dependencies: ["TensorIR", "TensorOps", "TensorPasses", "TensorCodegenC", "TestSamples", "TestSupport"],
      path: "Tests/TextFuzz"),
    // Takes damaged models through the compiler, for scripts/fuzz_onnx.py.
    .executableTarget(
      name: "onnx-fuzz",
      dependencies: ["TensorCodegenC", "TensorDriver", "TensorIR", "TensorONNX", "TensorPasses"],
      path: "Tests/OnnxFuzz"),
    .testTarget(
      name: "FuzzTests", dependencies: ["TextFuzz", "RandomPrograms", "TensorIR", "TensorOps", "TensorPasses"],
      path: "Tests/FuzzTests", swiftSettings: plain),
    // Whether memory stays as it is over many lazy evaluations, for scripts/acceptance/allocations.sh.
    .executableTarget(name: "lazy-loop", dependencies: ["Tensors"], path: "Tests/LazyLoop"),
    .testTarget(
      name: "LayersTests", dependencies: ["TensorLayers", "TensorIR", "TensorOps"], path: "Tests/LayersTests",
      swiftSettings: plain),
    .testTarget(
      name: "TrainingTests", dependencies: ["TensorTraining", "Pictures", "TensorIR"], path: "Tests/TrainingTests",
      swiftSettings: plain),
    .testTarget(
      name: "ImagesTests", dependencies: ["TensorImages", "Tensors"], path: "Tests/ImagesTests", swiftSettings: plain),
    .testTarget(
      name: "ExportTests", dependencies: ["TensorExport", "TensorLayers", "TensorONNX"], path: "Tests/ExportTests",
      swiftSettings: plain),
    .testTarget(
      name: "TensorsTests",
      dependencies: [
        "TensorABI", "Tensors", "TensorData", "Classifier", "TensorIR", "TensorOps", "TensorPasses", "TensorRuntime",
      ],
      path: "Tests/TensorsTests", swiftSettings: plain),
  ]
)

// What measures and searches rather than ships or tests, built where it is asked for: `TENSORC_TOOLS=1 swift build …`.
if Context.environment["TENSORC_TOOLS"] != nil {
  package.targets += [
    // Times kernels of rows, reductions and movements, for bench/rows/run.sh.
    .executableTarget(
      name: "row-bench",
      dependencies: ["TensorIR", "TensorOps", "TensorPasses", "TensorCodegenC", "TensorRuntime"],
      path: "bench/rows/run"),
    // Prints the prelude as text, for bench/maths/run.sh and bench/experiments/run-threads.sh.
    .executableTarget(name: "prelude-text", dependencies: ["TensorCodegenC"], path: "bench/maths/print"),
    .executableTarget(
      name: "kernel-bench",
      dependencies: [
        "TensorIR", "TensorOps", "TensorPasses", "TensorCodegenC", "TensorRuntime", "TensorDriver",
      ],
      path: "bench/kernels"),
    // Eight tasks at once under ThreadSanitizer: `make races`.
    .executableTarget(name: "races", dependencies: ["TensorTraining"], path: "Tests/Races"),
    .executableTarget(name: "fuzz", dependencies: ["RandomPrograms", "TensorIR"], path: "Tests/Fuzz"),
    .executableTarget(name: "text-fuzz", dependencies: ["TextFuzz", "TensorPasses"], path: "Tests/TextFuzzCommand"),
  ]
}
