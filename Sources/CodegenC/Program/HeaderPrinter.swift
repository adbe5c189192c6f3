import TensorIR

/// Prints NAME.h: the ABI, what the model takes and gives, and the prototypes.
struct HeaderPrinter {
  let program: LoweredProgram
  let symbols: [Symbol]
  let prefix: String

  func text() -> String {
    let guardName = "TENSORC_MODEL_\(prefix)"
    return """
      \(ABIHeader.text)
      #ifndef \(guardName)
      #define \(guardName)

      /* \(CLiteral.comment(program.name))
       *
      \(signature())
       */

      #ifdef __cplusplus
      extern "C" {
      #endif

      TENSORC_API const tensorc_description *\(prefix)_describe(void);
      TENSORC_API const tensorc_model *\(prefix)_create(const tensorc_options *options, tensorc_error *error);
      TENSORC_API int32_t \(prefix)_output_bounds(const tensorc_model *model, const tensorc_call *call,
                                                  tensorc_error *error);
      TENSORC_API int32_t \(prefix)_workspace_size(const tensorc_model *model, const tensorc_call *call, uint64_t *bytes,
                                                   tensorc_error *error);
      TENSORC_API int32_t \(prefix)_run(const tensorc_model *model, const tensorc_call *call, tensorc_error *error);
      TENSORC_API void \(prefix)_destroy(const tensorc_model *model);
      TENSORC_API const tensorc_library *\(prefix)_library(void);

      #ifdef __cplusplus
      }
      #endif

      #endif /* \(guardName) */

      """
  }

  private func signature() -> String {
    var lines: [String] = []
    for (number, value) in program.inputs.enumerated() { lines.append(line("input ", number, value)) }
    for (number, value) in program.outputs.enumerated() {
      let donor = program.donations[number].map { ", may replace input \($0)" } ?? ""
      lines.append(line("output", number, value) + donor)
    }
    for symbol in symbols {
      var text = "\(symbol.name) is \(symbol.minimum) or more"
      if let maximum = symbol.maximum { text = "\(symbol.name) is from \(symbol.minimum) to \(maximum)" }
      if symbol.isComputed {
        text = "\(symbol.name) is found while running" + (symbol.bound.map { ", at most \($0)" } ?? "")
      }
      if symbol.divisor > 1 { text += ", a multiple of \(symbol.divisor)" }
      lines.append(" *   \(CLiteral.comment(text))")
    }
    return lines.isEmpty ? " *   nothing in, nothing out" : lines.joined(separator: "\n")
  }

  private func line(_ kind: String, _ number: Int, _ value: Value) -> String {
    " *   \(kind) \(number)  \(CLiteral.comment(value.name)): \(CLiteral.comment(value.type.description))"
  }
}
