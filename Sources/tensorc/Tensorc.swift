import ArgumentParser

/// The root command. Without a subcommand it says how to begin.
struct Tensorc: ParsableCommand, Exemplified {
  static let example =
    "tensorc compile model.onnx -o build/model && tensorc verify build/model.so --data test_data_set_0"

  static let configuration = CommandConfiguration(
    commandName: "tensorc",
    abstract: "Compiles tensor programs to C and runs what it compiled.",
    discussion: """
      Exit codes: 0 success, 1 the model, the data or a comparison is at fault, 2 usage, 3 no C compiler.
      """,
    version: Versions.text,
    subcommands: [
      CompileCommand.self, ExportCommand.self, QuantizeCommand.self, TrainStepCommand.self, RunCommand.self,
      VerifyCommand.self,
      BenchCommand.self, OptCommand.self,
      CheckCommand.self, InspectCommand.self, ProfileCommand.self,
      GraphCommand.self, OpsCommand.self, DoctorCommand.self,
    ])

  func run() throws {
    Console().result(
      """
      tensorc compiles tensor models (.onnx, .tir) to C libraries that need nothing beside them.
        tensorc inspect model.onnx                          what goes in, what comes out, what it costs
        tensorc compile model.onnx -o build/model           makes build/model.so; --emit c,a,so for others
        tensorc verify model.onnx --data test_data_set_0    holds it to expected outputs
        tensorc --help for the rest; tensorc doctor if something is missing
      """)
  }
}
