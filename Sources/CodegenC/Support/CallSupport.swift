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
  if (!call || call->size < sizeof *call || call->flags != 0)
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

  /// Memory: large enough, and apart.
  static let memory = #"""

TC_FN int32_t tc_check_memory(const tensorc_call *call, const tensorc_description *model, uint64_t workspace,
                              tensorc_error *error) {
  for (uint32_t i = 0; i < model->input_count + model->output_count; i++) {
    int is_input = i < model->input_count;
    const tensorc_tensor *tensor = is_input ? &call->inputs[i] : &call->outputs[i - model->input_count];
    const tensorc_value *value = is_input ? &model->inputs[i] : &model->outputs[i - model->input_count];
    const char *kind = is_input ? "input" : "output";
    uint64_t needed = tc_tensor_bytes(tensor);
    if (!is_input && !tc_is_dense(tensor))
      return tc_fail(error, TENSORC_BAD_STRIDES, (int32_t)i, 0, "bad-strides", "",
                     "output '%s' has strides that are not dense", value->name);
    if (tensor->capacity < needed)
      return tc_fail(error, TENSORC_BUFFER_TOO_SMALL, (int32_t)i, needed, "buffer-too-small", "",
                     "%s '%s' needs %llu bytes, its buffer has %llu", kind, value->name, (unsigned long long)needed,
                     (unsigned long long)tensor->capacity);
    if (needed > 0 && !tensor->data)
      return tc_fail(error, TENSORC_BAD_CALL, (int32_t)i, needed, "no-data", "", "%s '%s' has no data", kind,
                     value->name);
  }
  if (workspace > 0 && (call->workspace_size < workspace || !call->workspace))
    return tc_fail(error, TENSORC_WORKSPACE_TOO_SMALL, -1, workspace, "workspace-too-small", "",
                   "the workspace needs %llu bytes", (unsigned long long)workspace);
  return TENSORC_OK;
}

/* A stretch of memory that a call uses. */
typedef struct {
  uintptr_t from, to;
  int32_t argument; /* -1 is the workspace */
  int32_t is_written;
} tc_stretch;

/* Heap sort by address: calls of a training step have thousands of buffers. */
TC_FN void tc_sort_stretches(tc_stretch *list, int64_t count) {
  for (int64_t start = count / 2 - 1, end = count; end > 1;) {
    tc_stretch moving;
    int64_t hole;
    if (start >= 0) {
      hole = start--;
      moving = list[hole];
    } else {
      moving = list[--end];
      list[end] = list[0];
      hole = 0;
    }
    for (int64_t child; (child = 2 * hole + 1) < end; hole = child) {
      if (child + 1 < end && list[child].from < list[child + 1].from) child++;
      if (list[child].from <= moving.from) break;
      list[hole] = list[child];
    }
    list[hole] = moving;
  }
}

/* What is written must not overlap with anything else, except for an output that takes over its donated input. `list`
 * has room for all tensors and the workspace. */
TC_FN int32_t tc_check_overlap(const tensorc_call *call, const tensorc_description *model, uint64_t workspace,
                               tc_stretch *list, tensorc_error *error) {
  int64_t count = 0;
  for (uint32_t i = 0; i < model->input_count + model->output_count; i++) {
    int is_input = i < model->input_count;
    const tensorc_tensor *tensor = is_input ? &call->inputs[i] : &call->outputs[i - model->input_count];
    uintptr_t from = (uintptr_t)tensor->data;
    tc_stretch stretch = {from, from + tc_tensor_bytes(tensor), (int32_t)i, !is_input};
    list[count++] = stretch;
  }
  for (uint32_t i = 0; i < model->donation_count; i++) {
    tc_stretch *input = &list[model->donations[i].input];
    tc_stretch *output = &list[model->input_count + model->donations[i].output];
    if (input->from == output->from && input->to == output->to) input->to = input->from;
  }
  if (workspace > 0) {
    uintptr_t from = (uintptr_t)call->workspace;
    tc_stretch stretch = {from, from + workspace, -1, 1};
    list[count++] = stretch;
  }
  int64_t kept = 0;
  for (int64_t i = 0; i < count; i++) if (list[i].from != list[i].to) list[kept++] = list[i];
  tc_sort_stretches(list, kept);
  tc_stretch last = {0, 0, -1, 0}, last_written = last;
  for (int64_t i = 0; i < kept; i++) {
    const tc_stretch *before = list[i].is_written ? &last : &last_written;
    if (list[i].from < before->to)
      return tc_fail(error, TENSORC_OVERLAP, list[i].argument < 0 ? before->argument : list[i].argument, 0, "overlap",
                     "", "two buffers overlap, numbers %d and %d among inputs then outputs (-1: the workspace)",
                     (int)before->argument, (int)list[i].argument);
    if (list[i].to > last.to) last = list[i];
    if (list[i].is_written && list[i].to > last_written.to) last_written = list[i];
  }
  return TENSORC_OK;
}
"""#

  /// Arithmetic on sizes. An overflow is noted, and the caller refuses the call; nothing here divides by zero.
  static let sizes = #"""
/* ---- sizes -------------------------------------------------------------------------------------------------- */

/* Sums and products that note when 64 bits do not suffice. */
TC_FN int64_t tc_plus(int64_t a, int64_t b, int *overflow) {
  int64_t sum;
  if (!__builtin_add_overflow(a, b, &sum)) return sum;
  *overflow = 1;
  return 0;
}

TC_FN int64_t tc_times(int64_t a, int64_t b, int *overflow) {
  int64_t product;
  if (!__builtin_mul_overflow(a, b, &product)) return product;
  *overflow = 1;
  return 0;
}

/* Division rounded towards minus infinity, and what it leaves. Divisors are positive by construction; should one be
 * zero because a tensor is empty, so is the result. */
TC_FN int64_t tc_floordiv(int64_t a, int64_t b) {
  if (b <= 0) return 0;
  return a / b - (a % b < 0);
}

TC_FN int64_t tc_mod(int64_t a, int64_t b) {
  if (b <= 0) return 0;
  int64_t rest = a % b;
  return rest < 0 ? rest + b : rest;
}

TC_FN int64_t tc_lesser(int64_t a, int64_t b) { return a < b ? a : b; }

TC_FN int64_t tc_greater(int64_t a, int64_t b) { return a > b ? a : b; }

/* The size of two axes broadcast together; that they fit is checked elsewhere. */
TC_FN int64_t tc_broadcast(int64_t a, int64_t b) { return a == 1 ? b : a; }

/* Rounded up to 64 bytes. */
TC_FN int64_t tc_round_up(int64_t bytes, int *overflow) { return tc_plus(bytes, 63, overflow) & ~(int64_t)63; }
"""#

  /// Whether this processor has what the compiler was allowed to use.
  static let processor = #"""
/* ---- the processor ------------------------------------------------------------------------------------------ */

/* The name of an instruction set that this code uses and this processor lacks, or null. */
TC_FN const char *tc_missing_instructions(void) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_cpu_init();
#ifdef __AVX2__
  if (!__builtin_cpu_supports("avx2")) return "AVX2";
#endif
#ifdef __FMA__
  if (!__builtin_cpu_supports("fma")) return "FMA";
#endif
#ifdef __BMI2__
  if (!__builtin_cpu_supports("bmi2")) return "BMI2";
#endif
#ifdef __AVX512F__
  if (!__builtin_cpu_supports("avx512f")) return "AVX-512 F";
#endif
#ifdef __AVX512DQ__
  if (!__builtin_cpu_supports("avx512dq")) return "AVX-512 DQ";
#endif
#ifdef __AVX512BW__
  if (!__builtin_cpu_supports("avx512bw")) return "AVX-512 BW";
#endif
#ifdef __AVX512VL__
  if (!__builtin_cpu_supports("avx512vl")) return "AVX-512 VL";
#endif
#ifdef __AVX512VBMI__
  if (!__builtin_cpu_supports("avx512vbmi")) return "AVX-512 VBMI";
#endif
#ifdef __AVX512VNNI__
  if (!__builtin_cpu_supports("avx512vnni")) return "AVX-512 VNNI";
#endif
#endif
  return NULL;
}
"""#
}
