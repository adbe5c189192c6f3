import TensorCodegenC
import TensorIR

/// The C of a training library beside its compiled functions: a state that holds the weights, and functions that use it.
struct TrainStepSource {
  /// What the library's functions begin with.
  var prefix: String
  var model: TrainableModel
  var functions: TrainStepFunctions
  var options: TrainStepOptions

  var weightCount: Int { model.weights.count }
  private var tensors: [(name: String, type: TensorType)] {
    model.weights.map { ($0.name, $0.value.type) } + functions.slots
  }
  private var inputs: [Value] {
    functions.infer.body.parameters.dropFirst(weightCount).map { functions.infer[$0] }
  }
  private var rank: Int {
    max((tensors.map(\.type) + functions.evaluate.resultTypes).map(\.rank).max() ?? 1, 1)
  }
  /// The shortest decimal number that is alpha.
  private var alpha: String { model.adapterAlpha.map { "\($0)" } ?? "" }
  private var target: Value {
    functions.evaluate[functions.evaluate.body.parameters.last ?? ValueID(0)]
  }

  // MARK: The header

  var header: String {
    let results = zip(functions.infer.resultNames, functions.infer.resultTypes)
    let lines =
      inputs.enumerated().map { " *   input \($0)   \(comment($1.name)): \(comment($1.type.description))" }
      + [" *   target    \(comment(target.type.description))"]
      + results.enumerated().map { " *   output \($0)  \(comment($1.0)): \(comment($1.1.description))" }
      + model.weights.enumerated().map {
        " *   weight \($0)  \(comment($1.name)): \(comment($1.value.type.description))"
      }
    return """
      \(ABIHeader.text)
      #ifndef TENSORC_TRAINING_\(prefix)
      #define TENSORC_TRAINING_\(prefix)

      /* Trains by \(options.optimizer.rawValue) on \(options.loss.rawValue):
       *
      \(lines.joined(separator: "\n"))
       *
       * A state holds the weights, what the optimiser remembers, and memory to work in. It is used by one thread at a time;
       * several states are independent. The functions return TENSORC_OK or a tensorc_code, and describe the mistake in
       * *error, which may be null. What is wrong with arguments is found before a weight is changed. After a step that ended
       * in its middle (TENSORC_GUARD_FAILED of data, TENSORC_OUT_OF_MEMORY) the weights mean nothing: load them again; with
       * TENSORC_BAD_INDEX an index in the data was clamped, and the step was taken. */
      #ifdef __cplusplus
      extern "C" {
      #endif

      #define \(prefix)_INPUTS \(inputs.count)
      #define \(prefix)_OUTPUTS \(functions.infer.body.results.count)
      #define \(prefix)_WEIGHTS \(weightCount)

      typedef struct \(prefix)_state \(prefix)_state;

      /* A state with the weights that the model came with; null where there is no memory, or the processor lacks what the
       * library was compiled for. */
      TENSORC_API \(prefix)_state *\(prefix)_create(tensorc_error *error);
      TENSORC_API void \(prefix)_destroy(\(prefix)_state *state);

      /* The most threads that a call may use; 0, as at the beginning: all processors. */
      TENSORC_API void \(prefix)_set_threads(\(prefix)_state *state, int32_t threads);

      /* Changes the weights by one step on a batch, and writes the batch's loss before it; `loss` may be null. */
      TENSORC_API int32_t \(prefix)_step(\(prefix)_state *state, const tensorc_tensor *inputs, const tensorc_tensor *target,
                                         float rate, float *loss, tensorc_error *error);

      /* The loss of a batch, and the outputs where `outputs` is not null. */
      TENSORC_API int32_t \(prefix)_evaluate(\(prefix)_state *state, const tensorc_tensor *inputs,
                                             const tensorc_tensor *target, float *loss, tensorc_tensor *outputs,
                                             tensorc_error *error);

      /* The outputs. Each has room for its dimensions, which are written, and its elements, in `capacity` bytes. */
      TENSORC_API int32_t \(prefix)_infer(\(prefix)_state *state, const tensorc_tensor *inputs, tensorc_tensor *outputs,
                                          tensorc_error *error);

      /* A weight's name, shape and memory, which may be read and written between calls; null beyond the last. */
      TENSORC_API const tensorc_value *\(prefix)_weight(\(prefix)_state *state, uint32_t number, float **data);

      /* Writes the weights, and what the optimiser remembers under names that begin with `optimizer.`, as a safetensors
       * file, which is whole or not there. */
      TENSORC_API int32_t \(prefix)_save(const \(prefix)_state *state, const char *path, tensorc_error *error);

      /* Reads what \(prefix)_save wrote. In a file without what the optimiser remembers, it begins anew. */
      TENSORC_API int32_t \(prefix)_load(\(prefix)_state *state, const char *path, tensorc_error *error);

      #ifdef __cplusplus
      }
      #endif
      #endif

      """
  }

  private func comment(_ text: String) -> String { text.replacing("*/", with: "* /").replacing("\n", with: " ") }

  // MARK: The code

  func source(headerName: String) -> String {
    let kinds = ["initial", "step", "evaluate", "infer"]
    let declarations = kinds.map { kind in
      """
      const tensorc_description *\(prefix)_\(kind)_describe(void);
      const tensorc_model *\(prefix)_\(kind)_create(const tensorc_options *options, tensorc_error *error);
      int32_t \(prefix)_\(kind)_output_bounds(const tensorc_model *model, const tensorc_call *call, tensorc_error *error);
      int32_t \(prefix)_\(kind)_workspace_size(const tensorc_model *model, const tensorc_call *call, uint64_t *bytes,
                                               tensorc_error *error);
      int32_t \(prefix)_\(kind)_run(const tensorc_model *model, const tensorc_call *call, tensorc_error *error);
      """
    }
    let table = kinds.map { kind in
      let name = "\(prefix)_\(kind)"
      return "  {\(name)_describe, \(name)_create, \(name)_output_bounds, \(name)_workspace_size, \(name)_run},\n"
    }
    let rows = tensors.map { entry -> String in
      let shape = entry.type.constantShape ?? []
      let text = shape.map(String.init).joined(separator: ",")
      return "  {\(cString(entry.name)), \"[\(text)]\", \(4 * shape.reduce(1, *))},\n"
    }
    return """
      /* \(prefix): a model that is trained, by a state with its weights. Written by tensorc \(ToolVersion.text); yours to
       * use without conditions. */
      #include "\(headerName)"

      #define TC_INPUTS \(inputs.count)
      #define TC_OUTPUTS \(functions.infer.body.results.count)
      #define TC_WEIGHTS \(weightCount)
      #define TC_TENSORS \(tensors.count) // the weights, then what the optimiser remembers
      #define TC_RANK \(rank) // the most axes that a tensor here has
      #define TC_ALPHA "\(alpha)" // of adapters, as files say it; empty where there are none
      #define TC_STATE \(prefix)_state
      #define TC_NAME(function) \(prefix)_##function
      typedef struct \(prefix)_state tc_state;

      \(declarations.joined(separator: "\n"))
      \(TrainStepSupport.includes)
      /* A tensor of the state: its name and shape as a safetensors file has them, and its size in bytes. */
      static const struct {
        const char *name, *shape;
        uint64_t bytes;
      } tc_tensors[TC_TENSORS] = {
      \(rows.joined())};

      \(TrainStepSupport.kinds)
      static const tc_functions tc_kinds[] = {
      \(table.joined())};

      \(TrainStepSupport.state)
      \(TrainStepSupport.calls)
      \(TrainStepSupport.files)
      """
  }

  /// A text as a C literal, with what JSON escapes escaped for the file as well.
  private func cString(_ text: String) -> String {
    var result = "\""
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""): result += "\\\\\\\""
      case UInt8(ascii: "\\"): result += "\\\\\\\\"
      case 0x20..<0x7f where byte != UInt8(ascii: "?"): result += String(UnicodeScalar(byte))
      case 0..<0x20: result += "\\\\u00" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
      default: result += "\\" + String(Int(byte) + 0o1000, radix: 8).dropFirst()
      }
    }
    return result + "\""
  }
}
