/// The C that is the same in all training libraries.
enum TrainStepSupport {
  static let includes = #"""

    #include <inttypes.h>
    #include <stdarg.h>
    #include <stdio.h>
    #include <stdlib.h>
    #include <string.h>

    """#

  static let kinds = #"""
    /* The compiled functions: what the weights are at first, one step, the loss, the outputs. */
    enum { TC_INITIAL, TC_STEP, TC_EVALUATE, TC_INFER, TC_KINDS };

    typedef struct {
      const tensorc_description *(*describe)(void);
      const tensorc_model *(*create)(const tensorc_options *options, tensorc_error *error);
      int32_t (*output_bounds)(const tensorc_model *model, const tensorc_call *call, tensorc_error *error);
      int32_t (*workspace_size)(const tensorc_model *model, const tensorc_call *call, uint64_t *bytes,
                                tensorc_error *error);
      int32_t (*run)(const tensorc_model *model, const tensorc_call *call, tensorc_error *error);
    } tc_functions;

    """#

  static let state = #"""
    struct TC_STATE {
      const tensorc_model *models[TC_KINDS];
      char *memory; // of all tensors
      float *tensors[TC_TENSORS];
      int64_t dimensions[TC_TENSORS][TC_RANK];
      char *workspace;
      uint64_t workspace_size;
      char *outputs; // for evaluations of the loss alone
      uint64_t outputs_size;
      int32_t threads;
    };

    static int32_t tc_fail(tensorc_error *error, int32_t code, const char *id, const char *format, ...) {
      if (!error || error->size < sizeof(tensorc_error)) return code;
      error->code = code;
      error->argument = -1;
      error->needed = 0;
      error->node[0] = 0;
      snprintf(error->id, sizeof error->id, "%s", id);
      va_list arguments;
      va_start(arguments, format);
      vsnprintf(error->text, sizeof error->text, format, arguments);
      va_end(arguments);
      return code;
    }

    static uint64_t tc_rounded(uint64_t bytes) { return (bytes + 63) / 64 * 64; }

    static uint64_t tc_total(void) {
      uint64_t total = 0;
      for (int i = 0; i < TC_TENSORS; i++) total += tc_rounded(tc_tensors[i].bytes);
      return total;
    }

    static void *tc_allocate(void *context, void *block, uint64_t old_size, uint64_t new_size) {
      (void)context;
      (void)old_size;
      if (new_size) return realloc(block, new_size);
      free(block);
      return NULL;
    }

    static tensorc_tensor tc_tensor(tc_state *state, int number) {
      const int32_t rank = tc_kinds[TC_STEP].describe()->inputs[number].rank;
      tensorc_tensor tensor = {state->tensors[number],      tc_tensors[number].bytes, TENSORC_F32, rank,
                               state->dimensions[number], NULL};
      return tensor;
    }

    static int32_t tc_run(tc_state *state, int kind, const tensorc_tensor *inputs, uint32_t input_count,
                          tensorc_tensor *outputs, uint32_t output_count, tensorc_error *error) {
      tensorc_call call = {.size = sizeof call,
                           .inputs = inputs,
                           .outputs = outputs,
                           .input_count = input_count,
                           .output_count = output_count,
                           .threads = state->threads,
                           .allocate = tc_allocate};
      uint64_t needed = 0;
      int32_t code = tc_kinds[kind].workspace_size(state->models[kind], &call, &needed, error);
      if (code) return code;
      if (needed > state->workspace_size) {
        free(state->workspace);
        state->workspace_size = 0;
        state->workspace = aligned_alloc(64, tc_rounded(needed));
        if (!state->workspace)
          return tc_fail(error, TENSORC_OUT_OF_MEMORY, "out-of-memory", "there are no %" PRIu64 " bytes to work in", needed);
        state->workspace_size = tc_rounded(needed);
      }
      call.workspace = state->workspace;
      call.workspace_size = state->workspace_size;
      return tc_kinds[kind].run(state->models[kind], &call, error);
    }

    void TC_NAME(destroy)(tc_state *state) {
      if (!state) return;
      free(state->outputs);
      free(state->workspace);
      free(state->memory);
      free(state);
    }

    tc_state *TC_NAME(create)(tensorc_error *error) {
      tc_state *state = calloc(1, sizeof *state);
      char *memory = state ? aligned_alloc(64, tc_total() ? tc_total() : 64) : NULL;
      if (!memory) {
        free(state);
        tc_fail(error, TENSORC_OUT_OF_MEMORY, "out-of-memory", "there are no %" PRIu64 " bytes for the weights", tc_total());
        return NULL;
      }
      state->memory = memory;
      memset(memory, 0, tc_total());
      for (int i = 0; i < TC_TENSORS; i++) {
        const tensorc_value *value = &tc_kinds[TC_STEP].describe()->inputs[i];
        for (int axis = 0; axis < value->rank; axis++) state->dimensions[i][axis] = value->dimensions[axis].size;
        state->tensors[i] = (float *)memory;
        memory += tc_rounded(tc_tensors[i].bytes);
      }
      int32_t code = TENSORC_OK;
      for (int kind = 0; kind < TC_KINDS && !code; kind++) {
        state->models[kind] = tc_kinds[kind].create(NULL, error);
        if (!state->models[kind]) code = TENSORC_UNSUPPORTED_CPU;
      }
      tensorc_tensor outputs[TC_WEIGHTS];
      for (int i = 0; i < TC_WEIGHTS; i++) outputs[i] = tc_tensor(state, i);
      if (!code) code = tc_run(state, TC_INITIAL, NULL, 0, outputs, TC_WEIGHTS, error);
      if (!code) return state;
      TC_NAME(destroy)(state);
      return NULL;
    }

    void TC_NAME(set_threads)(tc_state *state, int32_t threads) { state->threads = threads > 0 ? threads : 0; }

    const tensorc_value *TC_NAME(weight)(tc_state *state, uint32_t number, float **data) {
      if (number >= TC_WEIGHTS) return NULL;
      if (data) *data = state->tensors[number];
      return &tc_kinds[TC_STEP].describe()->inputs[number];
    }

    """#

  static let calls = #"""
    /* ---- one batch ------------------------------------------------------------------------------------------------ */

    static int32_t tc_missing(tensorc_error *error, const char *what) {
      return tc_fail(error, TENSORC_BAD_CALL, "null-pointer", "%s is null", what);
    }

    int32_t TC_NAME(step)(tc_state *state, const tensorc_tensor *inputs, const tensorc_tensor *target, float rate,
                          float *loss, tensorc_error *error) {
      if (!state || (TC_INPUTS && !inputs) || !target) return tc_missing(error, "the state, the inputs or the target");
      tensorc_tensor all[TC_TENSORS + TC_INPUTS + 2], results[TC_TENSORS + 1];
      float value = 0;
      for (int i = 0; i < TC_TENSORS; i++) all[i] = results[i] = tc_tensor(state, i);
      for (int i = 0; i < TC_INPUTS; i++) all[TC_TENSORS + i] = inputs[i];
      all[TC_TENSORS + TC_INPUTS] = *target;
      all[TC_TENSORS + TC_INPUTS + 1] = (tensorc_tensor){&rate, sizeof rate, TENSORC_F32, 0, NULL, NULL};
      results[TC_TENSORS] = (tensorc_tensor){&value, sizeof value, TENSORC_F32, 0, NULL, NULL};
      int32_t code = tc_run(state, TC_STEP, all, TC_TENSORS + TC_INPUTS + 2, results, TC_TENSORS + 1, error);
      if (loss) *loss = value;
      return code;
    }

    static uint64_t tc_bytes(const tensorc_value *value, const int64_t *dimensions) {
      static const unsigned char bits[] = {0, 64, 32, 16, 16, 8, 16, 32, 64, 8, 16, 32, 64, 8, 4, 4};
      uint64_t count = 1;
      for (int axis = 0; axis < value->rank; axis++) {
        if (dimensions[axis] < 0) return UINT64_MAX;
        if (__builtin_mul_overflow(count, (uint64_t)dimensions[axis], &count)) return UINT64_MAX;
      }
      return count > UINT64_MAX / 64 ? UINT64_MAX : (count * bits[value->element_type] + 7) / 8;
    }

    /* Memory for outputs that nobody wants to see. */
    static int32_t tc_make_outputs(tc_state *state, const tensorc_tensor *inputs, uint32_t input_count,
                                   tensorc_tensor *results, int64_t dimensions[][TC_RANK], tensorc_error *error) {
      const tensorc_value *values = tc_kinds[TC_EVALUATE].describe()->outputs;
      for (int i = 1; i <= TC_OUTPUTS; i++)
        results[i] = (tensorc_tensor){NULL, 0, values[i].element_type, values[i].rank, dimensions[i], NULL};
      tensorc_call call = {.size = sizeof call,
                           .inputs = inputs,
                           .outputs = results,
                           .input_count = input_count,
                           .output_count = 1 + TC_OUTPUTS,
                           .threads = state->threads,
                           .allocate = tc_allocate};
      const int32_t code = tc_kinds[TC_EVALUATE].output_bounds(state->models[TC_EVALUATE], &call, error);
      if (code) return code;
      uint64_t total = 64;
      for (int i = 1; i <= TC_OUTPUTS; i++) {
        const uint64_t bytes = tc_bytes(&values[i], dimensions[i]);
        if (bytes > UINT64_MAX / 2 - total)
          return tc_fail(error, TENSORC_BAD_CALL, "no-bound", "the size of output %d is known only in a run: pass outputs", i - 1);
        total += tc_rounded(bytes);
      }
      if (total > state->outputs_size) {
        free(state->outputs);
        state->outputs_size = 0;
        state->outputs = aligned_alloc(64, total);
        if (!state->outputs)
          return tc_fail(error, TENSORC_OUT_OF_MEMORY, "out-of-memory", "there are no %" PRIu64 " bytes for outputs", total);
        state->outputs_size = total;
      }
      char *place = state->outputs;
      for (int i = 1; i <= TC_OUTPUTS; i++) {
        results[i].data = place;
        results[i].capacity = tc_bytes(&values[i], dimensions[i]);
        place += tc_rounded(results[i].capacity);
      }
      return TENSORC_OK;
    }

    int32_t TC_NAME(evaluate)(tc_state *state, const tensorc_tensor *inputs, const tensorc_tensor *target, float *loss,
                              tensorc_tensor *outputs, tensorc_error *error) {
      if (!state || (TC_INPUTS && !inputs) || !target) return tc_missing(error, "the state, the inputs or the target");
      tensorc_tensor all[TC_WEIGHTS + TC_INPUTS + 1], results[1 + TC_OUTPUTS];
      float value = 0;
      for (int i = 0; i < TC_WEIGHTS; i++) all[i] = tc_tensor(state, i);
      for (int i = 0; i < TC_INPUTS; i++) all[TC_WEIGHTS + i] = inputs[i];
      all[TC_WEIGHTS + TC_INPUTS] = *target;
      results[0] = (tensorc_tensor){&value, sizeof value, TENSORC_F32, 0, NULL, NULL};
      for (int i = 0; outputs && i < TC_OUTPUTS; i++) results[1 + i] = outputs[i];
      /* Without outputs the loss is all that is computed. */
      int64_t dimensions[1 + TC_OUTPUTS][TC_RANK];
      int32_t code = TENSORC_OK;
      if (!outputs) code = tc_make_outputs(state, all, TC_WEIGHTS + TC_INPUTS + 1, results, dimensions, error);
      if (!code) code = tc_run(state, TC_EVALUATE, all, TC_WEIGHTS + TC_INPUTS + 1, results, 1 + TC_OUTPUTS, error);
      if (loss) *loss = value;
      return code;
    }

    int32_t TC_NAME(infer)(tc_state *state, const tensorc_tensor *inputs, tensorc_tensor *outputs, tensorc_error *error) {
      if (!state || (TC_INPUTS && !inputs) || !outputs) return tc_missing(error, "the state, the inputs or the outputs");
      tensorc_tensor all[TC_WEIGHTS + TC_INPUTS];
      for (int i = 0; i < TC_WEIGHTS; i++) all[i] = tc_tensor(state, i);
      for (int i = 0; i < TC_INPUTS; i++) all[TC_WEIGHTS + i] = inputs[i];
      return tc_run(state, TC_INFER, all, TC_WEIGHTS + TC_INPUTS, outputs, TC_OUTPUTS, error);
    }

    """#
}
