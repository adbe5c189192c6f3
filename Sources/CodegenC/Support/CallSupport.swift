/// The part of every library that checks a call against the description, before anything is computed. It is driven by
/// the tables that NAME_describe gives out, so it is the same text in every file.
enum CallSupport {
  /// Reporting mistakes, and checking tensors one at a time.
  static let checks = #"""
    /* ---- checking a call ---------------------------------------------------------------------------------------- */

    /* Fills in the caller's error, if there is one, and gives back the code. */
    __attribute__((format(printf, 7, 8), unused)) static int32_t tc_fail(tensorc_error *error, int32_t code,
        int32_t argument, uint64_t needed, const char *id, const char *node, const char *format, ...) {
      if (!error || error->size < sizeof *error) return code;
      error->code = code;
      error->argument = argument;
      error->needed = needed;
      snprintf(error->id, sizeof error->id, "%s", id);
      snprintf(error->node, sizeof error->node, "%s", node);
      va_list arguments;
      va_start(arguments, format);
      vsnprintf(error->text, sizeof error->text, format, arguments);
      va_end(arguments);
      return code;
    }

    TC_FN int32_t tc_succeed(tensorc_error *error) {
      if (error && error->size >= sizeof *error) error->code = TENSORC_OK;
      return TENSORC_OK;
    }

    TC_FN int32_t tc_too_large(tensorc_error *error) {
      return tc_fail(error, TENSORC_BAD_SHAPE, -1, 0, "too-large", "", "the sizes do not fit in 64 bits");
    }

    /* The bits of an element. */
    TC_FN uint64_t tc_element_bits(int32_t type) {
      static const uint8_t bits[] = {0, 64, 32, 16, 16, 8, 16, 32, 64, 8, 16, 32, 64, 8, 4, 4};
      return bits[type];
    }

    /* The bytes of a dense tensor, UINT64_MAX where 63 bits do not hold them. */
    TC_FN uint64_t tc_tensor_bytes(const tensorc_tensor *tensor) {
      uint64_t count = 1, bits;
      int overflow = 0;
      for (int32_t i = 0; i < tensor->rank; i++) if (tensor->dimensions[i] == 0) return 0;
      for (int32_t i = 0; i < tensor->rank; i++)
        overflow |= __builtin_mul_overflow(count, (uint64_t)tensor->dimensions[i], &count);
      overflow |= __builtin_mul_overflow(count, tc_element_bits(tensor->element_type), &bits);
      return overflow || bits > INT64_MAX ? UINT64_MAX : (bits + 7) / 8;
    }

    /* Whether strides say what null says. Those of axes with one element, and of tensors without any, mean nothing. */
    TC_FN int tc_is_dense(const tensorc_tensor *tensor) {
      if (!tensor->strides) return 1;
      int64_t dense = 1;
      for (int32_t i = tensor->rank - 1; i >= 0; i--) if (tensor->dimensions[i] == 0) return 1;
      for (int32_t i = tensor->rank - 1; i >= 0; i--) {
        if (tensor->dimensions[i] != 1 && tensor->strides[i] != dense) return 0;
        if (__builtin_mul_overflow(dense, tensor->dimensions[i], &dense)) return 0;
      }
      return 1;
    }

    /* Element type, rank and the arrays of one tensor. */
    TC_FN int32_t tc_check_tensor(const tensorc_tensor *tensor, const tensorc_value *value, const char *kind,
                                  int32_t argument, tensorc_error *error) {
      if (tensor->element_type != value->element_type)
        return tc_fail(error, TENSORC_BAD_ELEMENT_TYPE, argument, 0, "bad-element-type", "",
                       "%s '%s' has element type %d, the model has %d", kind, value->name, (int)tensor->element_type,
                       (int)value->element_type);
      if (tensor->rank != value->rank)
        return tc_fail(error, TENSORC_BAD_SHAPE, argument, 0, "bad-rank", "", "%s '%s' has rank %d, the model has %d",
                       kind, value->name, (int)tensor->rank, (int)value->rank);
      if (tensor->rank > 0 && !tensor->dimensions)
        return tc_fail(error, TENSORC_BAD_CALL, argument, 0, "no-dimensions", "", "%s '%s' has no array of dimensions",
                       kind, value->name);
      return TENSORC_OK;
    }

    /* Everything about the tensors but their sizes and memory. */
    TC_FN int32_t tc_check_call(const tensorc_call *call, const tensorc_description *model, tensorc_error *error) {
      /* A caller that knows nothing of ranks has a shorter struct. */
      if (!call || call->size < __builtin_offsetof(tensorc_call, ranks) || call->flags != 0)
        return tc_fail(error, TENSORC_BAD_CALL, -1, 0, "bad-call", "",
                       "the call is null, its size is not set, or its flags are not 0");
      if (call->input_count != model->input_count || call->output_count != model->output_count)
        return tc_fail(error, TENSORC_BAD_CALL, -1, 0, "bad-count", "",
                       "the call has %u inputs and %u outputs, the model has %u and %u", call->input_count,
                       call->output_count, model->input_count, model->output_count);
      if ((model->input_count > 0 && !call->inputs) || (model->output_count > 0 && !call->outputs))
        return tc_fail(error, TENSORC_BAD_CALL, -1, 0, "no-tensors", "", "the call has no array of tensors");
      for (uint32_t i = 0; i < model->input_count; i++) {
        const tensorc_tensor *tensor = &call->inputs[i];
        const tensorc_value *value = &model->inputs[i];
        int32_t code = tc_check_tensor(tensor, value, "input", (int32_t)i, error);
        if (code) return code;
        for (int32_t axis = 0; axis < tensor->rank; axis++)
          if (tensor->dimensions[axis] < 0)
            return tc_fail(error, TENSORC_BAD_SHAPE, (int32_t)i, 0, "negative-dimension", "",
                           "input '%s': dimension %d is %lld", value->name, (int)axis,
                           (long long)tensor->dimensions[axis]);
        if (!tc_is_dense(tensor))
          return tc_fail(error, TENSORC_BAD_STRIDES, (int32_t)i, 0, "bad-strides", "",
                         "input '%s' is not dense: copy it first", value->name);
      }
      for (uint32_t i = 0; i < model->output_count; i++) {
        int32_t code = tc_check_tensor(&call->outputs[i], &model->outputs[i], "output",
                                       (int32_t)(model->input_count + i), error);
        if (code) return code;
      }
      return TENSORC_OK;
    }
    """#

  /// ``binding`` where some symbols are not bound by inputs.
  static let bindingOfGiven = binding.replacing(
    "const tensorc_symbol *symbol = &model->symbols[i];\n",
    with: "const tensorc_symbol *symbol = &model->symbols[i];\n    if (symbol->flags & TENSORC_COMPUTED) continue;\n")

  /// Sizes: symbols bound by the inputs' dimensions.
  static let binding = #"""

    /* One dimension of an input against what it must be. */
    TC_FN int32_t tc_expect(const tensorc_description *model, uint32_t input, int32_t axis, int64_t found,
                            int64_t expected, tensorc_error *error) {
      if (found == expected) return TENSORC_OK;
      const tensorc_value *value = &model->inputs[input];
      return tc_fail(error, TENSORC_BAD_SHAPE, (int32_t)input, 0, "bad-dimension", "",
                     "input '%s': dimension %d is %lld, but must be %lld (%s)", value->name, (int)axis, (long long)found,
                     (long long)expected, value->dimensions[axis].formula);
    }

    /* Takes the symbols from the dimensions that are one symbol, and checks those that are numbers. Symbols that no input
     * states so stay -1. */
    TC_FN int32_t tc_bind(const tensorc_call *call, const tensorc_description *model, int64_t *symbols,
                          tensorc_error *error) {
      for (uint32_t i = 0; i < model->symbol_count; i++) symbols[i] = -1;
      for (uint32_t i = 0; i < model->input_count; i++)
        for (int32_t axis = 0; axis < model->inputs[i].rank; axis++) {
          const tensorc_dimension *dimension = &model->inputs[i].dimensions[axis];
          int64_t found = call->inputs[i].dimensions[axis], expected = dimension->size;
          if (dimension->symbol >= 0) {
            int64_t *symbol = &symbols[dimension->symbol];
            if (*symbol < 0) *symbol = found;
            expected = *symbol;
          }
          int32_t code = expected < 0 ? TENSORC_OK : tc_expect(model, i, axis, found, expected, error);
          if (code) return code;
        }
      return TENSORC_OK;
    }

    TC_FN int32_t tc_check_symbols(const tensorc_description *model, const int64_t *symbols, tensorc_error *error) {
      for (uint32_t i = 0; i < model->symbol_count; i++) {
        const tensorc_symbol *symbol = &model->symbols[i];
        if (symbols[i] < symbol->minimum || symbols[i] > symbol->maximum)
          return tc_fail(error, TENSORC_BAD_SHAPE, -1, 0, "symbol-out-of-range", "",
                         "%s is %lld, but must be from %lld to %lld", symbol->name, (long long)symbols[i],
                         (long long)symbol->minimum, (long long)symbol->maximum);
        if (symbols[i] % symbol->divisor != 0)
          return tc_fail(error, TENSORC_BAD_SHAPE, -1, 0, "symbol-not-divisible", "",
                         "%s is %lld, but must be a multiple of %lld", symbol->name, (long long)symbols[i],
                         (long long)symbol->divisor);
      }
      return TENSORC_OK;
    }

    /* Solves factor * x + rest = found for x; -1 where there is no such size. */
    TC_FN int64_t tc_solve(int64_t found, int64_t factor, int64_t rest) {
      int64_t difference;
      if (factor == 0 || __builtin_sub_overflow(found, rest, &difference)) return -1;
      if (factor == -1) return difference == INT64_MIN ? -1 : -difference;
      return difference % factor == 0 ? difference / factor : -1;
    }
    """#
}
