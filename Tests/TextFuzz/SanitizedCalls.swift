import Foundation
import TensorCodegenC
import TensorIR

private typealias Dimension = TensorIR.Dimension

/// A C program that calls compiled functions with buffers of exactly the size that is asked for, for AddressSanitizer.
public struct SanitizedCalls {
  private let function: Function
  private let program: LoweredProgram
  private let prefix: String

  public init(_ function: Function, _ program: LoweredProgram, prefix: String) {
    (self.function, self.program, self.prefix) = (function, program, prefix)
  }

  private static let sizes = [2, 1, 0, 5, 17, 33]
  private static let mostBytes = 1 << 24
  private static let mostWork = 50_000_000

  /// The sizes of all inputs' axes for each call; calls that would take long or much memory are left out.
  private var calls: [[Int]] {
    SanitizedCalls.sizes.indices.compactMap { round in
      func size(_ name: String) -> Int {
        let place = function.symbols.symbols.firstIndex { $0.name == name } ?? 0
        return SanitizedCalls.sizes[(round + place * (round + 1)) % SanitizedCalls.sizes.count]
      }
      var flat: [Int] = []
      for type in function.parameterTypes {
        let extents = type.shape.compactMap { $0.evaluate { size($0) } }
        guard extents.count == type.rank, extents.allSatisfy({ $0 >= 0 }) else { return nil }
        flat += extents
      }
      var total = 0
      for type in function.values.map(\.type) {
        guard let bytes = type.byteCount.evaluate({ size($0) }), bytes <= SanitizedCalls.mostBytes else { return nil }
        total += bytes
      }
      var work = 0
      for case .call(let call) in program.steps {
        guard let own = call.work.evaluate({ size($0) }), own <= SanitizedCalls.mostWork else { return nil }
        work += own
      }
      return total <= 4 * SanitizedCalls.mostBytes && work <= SanitizedCalls.mostWork ? flat : nil
    }
  }

  /// The part of the program for this function; nil where no call is small enough.
  public var text: String? {
    let calls = self.calls
    let unique = calls.indices.filter { calls.firstIndex(of: calls[$0]) == $0 }.map { calls[$0] }
    guard !unique.isEmpty else { return nil }
    let width = max(unique[0].count, 1)
    let rows = unique.map { "{\($0.isEmpty ? "0" : $0.map(String.init).joined(separator: ", "))}" }
    return """
      #include "\(prefix).h"
      static const int64_t sizes_\(prefix)[][\(width)] = {\(rows.joined(separator: ", "))};
      static void call_\(prefix)(void) {
        for (int i = 0; i < \(unique.count); i++)
          attempt("\(prefix)", \(prefix)_describe(), sizes_\(prefix)[i], \(prefix)_create, \(prefix)_output_bounds,
                  \(prefix)_workspace_size, \(prefix)_run);
      }

      """
  }

  /// What all parts share.
  public static let head = #"""
    #include <stdio.h>
    #include <stdlib.h>
    #include <string.h>
    #include "tensorc_abi.h"
    static uint64_t state = 1;
    static uint64_t next_random(void) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      return state >> 33;
    }
    static const int bits_of[] = {0, 64, 32, 16, 16, 8, 16, 32, 64, 8, 16, 32, 64, 8, 4, 4};
    static uint64_t bytes_of(const tensorc_tensor *t) {
      uint64_t count = 1;
      for (int i = 0; i < t->rank; i++) count *= (uint64_t)t->dimensions[i];
      return (count * (uint64_t)bits_of[t->element_type] + 7) / 8;
    }
    static void fill(tensorc_tensor *t) {
      uint64_t bytes = bytes_of(t);
      int type = t->element_type, width = bits_of[type] / 8;
      int odd = next_random() % 4 == 0;
      for (uint64_t i = 0; width && i < bytes / (uint64_t)width; i++) {
        char *at = (char *)t->data + i * (uint64_t)width;
        int64_t whole = (int64_t)(next_random() % (odd ? 100 : 3)) - (odd && type != TENSORC_BOOL ? 50 : 0);
        if (type == TENSORC_F64) { double v = (double)whole * 0.75; memcpy(at, &v, 8); }
        else if (type == TENSORC_F32) { float v = (float)whole * 0.75f; memcpy(at, &v, 4); }
        else if (type == TENSORC_F16 || type == TENSORC_BF16) { uint16_t v = (uint16_t)(0x3c00 + whole * 64); memcpy(at, &v, 2); }
        else if (type == TENSORC_BOOL) *at = (char)(whole & 1);
        else memcpy(at, &whole, (size_t)width);
      }
      if (!width) memset(t->data, 0x21, bytes);
    }
    enum { MOST = 64, RANK = 64 };
    static void attempt(const char *name, const tensorc_description *about, const int64_t *sizes,
                        const tensorc_model *(*create)(const tensorc_options *, tensorc_error *),
                        int32_t (*bounds)(const tensorc_model *, const tensorc_call *, tensorc_error *),
                        int32_t (*workspace)(const tensorc_model *, const tensorc_call *, uint64_t *, tensorc_error *),
                        int32_t (*run)(const tensorc_model *, const tensorc_call *, tensorc_error *)) {
      static tensorc_tensor in[MOST], out[MOST];
      static int64_t in_sizes[MOST][RANK], out_sizes[MOST][RANK];
      if (about->input_count > MOST || about->output_count > MOST) return;
      tensorc_error error = {.size = sizeof error};
      tensorc_call call = {.size = sizeof call, .inputs = in, .outputs = out, .threads = 1};
      call.input_count = about->input_count;
      call.output_count = about->output_count;
      fprintf(stderr, "call %s", name);
      for (uint32_t i = 0; i < call.input_count; i++) {
        in[i] = (tensorc_tensor){.element_type = about->inputs[i].element_type, .rank = about->inputs[i].rank, .dimensions = in_sizes[i]};
        fprintf(stderr, " [");
        for (int axis = 0; axis < in[i].rank; axis++) fprintf(stderr, " %lld", (long long)(in_sizes[i][axis] = *sizes++));
        fprintf(stderr, " ]");
        in[i].capacity = bytes_of(&in[i]);
        in[i].data = malloc(in[i].capacity);
        fill(&in[i]);
      }
      fprintf(stderr, "\n");
      for (uint32_t i = 0; i < call.output_count; i++)
        out[i] = (tensorc_tensor){.element_type = about->outputs[i].element_type, .rank = about->outputs[i].rank, .dimensions = out_sizes[i]};
      const tensorc_model *model = create(0, &error);
      if (model && !bounds(model, &call, &error)) {
        int fits = 1;
        for (uint32_t i = 0; i < call.output_count; i++) {
          for (int axis = 0; axis < out[i].rank; axis++) fits = fits && out_sizes[i][axis] >= 0;
          fits = fits && bytes_of(&out[i]) < 1u << 26;
          out[i].capacity = bytes_of(&out[i]);
          out[i].data = fits ? malloc(out[i].capacity) : 0;
        }
        if (fits && !workspace(model, &call, &call.workspace_size, &error) && call.workspace_size < 1u << 28) {
          call.workspace = malloc(call.workspace_size);
          run(model, &call, &error);
          free(call.workspace);
        }
        for (uint32_t i = 0; i < call.output_count; i++) free(out[i].data);
      }
      for (uint32_t i = 0; i < call.input_count; i++) free(in[i].data);
    }

    """#

  /// Compiles and runs the programs that a folder holds, `pN.c` with `pN.calls`; what the sanitizers said of each.
  public static func run(folder: String, names: [String], compiler: String) -> String? {
    func path(_ name: String) -> String { "\(folder)/\(name)" }
    var text = head
    for name in names { text += (try? String(contentsOfFile: path("\(name).calls"), encoding: .utf8)) ?? "" }
    text += "int main(void) {\n" + names.map { "  call_\($0)();\n" }.joined() + "  return 0;\n}\n"
    let main = path("main_\(names[0]).c")
    let binary = path("main_\(names[0])")
    defer { for file in [main, binary] { try? FileManager.default.removeItem(atPath: file) } }
    guard (try? text.write(toFile: main, atomically: true, encoding: .utf8)) != nil else { return "cannot write" }
    let sources = names.map { path("\($0).c") } + [main]
    let command =
      [compiler, "-w", "-O0", "-march=native", "-fsanitize=address", "-I\(folder)", "-o", binary] + sources + ["-lm"]
    let compiled = execute(command)
    guard compiled.status == 0 else { return "does not compile: \(compiled.output.prefix(2_000))" }
    let result = execute(["timeout", "300", binary])
    return result.status == 0 ? nil : String(result.output.suffix(6_000))
  }

  /// A compiler that has AddressSanitizer's library: clang, Swift's own, or gcc.
  public static let compiler: String? = {
    let swift = execute(["sh", "-c", "dirname \"$(readlink -f \"$(command -v swift)\")\""]).output
    let own = swift.trimmingCharacters(in: .whitespacesAndNewlines) + "/clang"
    let probe = "echo 'int main(void) { return 0; }' | $0 -fsanitize=address -x c - -o /dev/null"
    return ["clang", own, "gcc"].first { execute(["sh", "-c", probe, $0]).status == 0 }
  }()

  private static func execute(_ arguments: [String]) -> (status: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = arguments
    let pipe = Pipe()
    (process.standardOutput, process.standardError) = (pipe, pipe)
    guard (try? process.run()) != nil else { return (127, "'\(arguments[0])' does not start") }
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: data, as: UTF8.self))
  }
}
