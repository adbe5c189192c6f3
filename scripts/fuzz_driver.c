/* Calls a compiled model with sizes and numbers made up, for scripts/fuzz_onnx.py: whatever the library answers, a
 * sanitizer watches what it reads and writes. Buffers are exactly as large as they must be. MODEL and MODEL_HEADER are as
 * for samples/c. Exits with 1 where the library breaks its own promises. */
#include MODEL_HEADER

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define JOIN(name, function) name##_##function
#define EXPAND(name, function) JOIN(name, function)
#define model_function(function) EXPAND(MODEL, function)

enum { MOST = 600, RANK = 64 };

static const uint64_t largest = 64u << 20; /* bytes of a buffer that are worth the time */
static uint64_t state = 1;

static uint64_t next(void) {
  state = state * 6364136223846793005u + 1442695040888963407u;
  return state >> 33;
}

static uint64_t bytes_of(int32_t type, const int64_t *sizes, int32_t rank) {
  static const uint8_t bits[] = {0, 64, 32, 16, 16, 8, 16, 32, 64, 8, 16, 32, 64, 8, 4, 4};
  uint64_t count = bits[type];
  for (int32_t axis = 0; axis < rank; axis++)
    if (__builtin_mul_overflow(count, (uint64_t)sizes[axis], &count)) return UINT64_MAX;
  return count / 8 + (count % 8 != 0);
}

/* Numbers around 0, which are small indices where they are integers. */
static void fill(void *data, int32_t type, uint64_t bytes) {
  static const uint16_t halves[] = {0, 0x3c00, 0xbc00, 0x3800, 0x4000}, brains[] = {0, 0x3f80, 0xbf80, 0x3f00, 0x4000};
  static const int width[] = {1, 8, 4, 2, 2, 1, 2, 4, 8, 1, 2, 4, 8, 1, 1, 1};
  for (uint64_t i = 0; i < bytes / width[type]; i++) {
    const int64_t integer = (int64_t)(next() % 5) - (type <= TENSORC_I64 ? next() % 4 == 0 : 0);
    switch (type) {
    case TENSORC_F64: ((double *)data)[i] = (double)(next() % 1000) / 250 - 2; break;
    case TENSORC_F32: ((float *)data)[i] = (float)(next() % 1000) / 250 - 2; break;
    case TENSORC_F16: ((uint16_t *)data)[i] = halves[next() % 5]; break;
    case TENSORC_BF16: ((uint16_t *)data)[i] = brains[next() % 5]; break;
    case TENSORC_BOOL: ((uint8_t *)data)[i] = next() % 2; break;
    default: memcpy((char *)data + i * width[type], &integer, width[type]);
    }
  }
}

static int64_t size_of(const tensorc_symbol *symbol) {
  static const int64_t sizes[] = {1, 2, 3, 4, 5, 7, 16, 17, 0};
  int64_t size = sizes[next() % 9];
  if (size < symbol->minimum) size = symbol->minimum;
  if (size > symbol->maximum) size = symbol->maximum;
  return symbol->divisor > 1 ? (size + symbol->divisor - 1) / symbol->divisor * symbol->divisor : size;
}

static const tensorc_description *description;
static tensorc_tensor inputs[MOST], outputs[MOST];
static int64_t input_sizes[MOST][RANK], output_sizes[MOST][RANK];

/* Whether the tensor is of a size that can be tried. */
static int prepare(const tensorc_value *value, tensorc_tensor *tensor, int64_t *sizes, const int64_t *symbols) {
  *tensor = (tensorc_tensor){.element_type = value->element_type, .rank = value->rank, .dimensions = sizes};
  if (value->rank > RANK) return 0;
  if (!symbols) return 1;
  for (int32_t axis = 0; axis < value->rank; axis++) {
    const tensorc_dimension *dimension = &value->dimensions[axis];
    sizes[axis] = dimension->size >= 0 ? dimension->size : dimension->symbol >= 0 ? symbols[dimension->symbol] : 3;
  }
  return bytes_of(tensor->element_type, sizes, tensor->rank) <= largest;
}

static void *exactly(uint64_t bytes) { return malloc(bytes ? bytes : 1); }

static void try_once(const tensorc_model *model, int32_t threads) {
  tensorc_error error = {.size = sizeof error};
  int64_t symbols[MOST];
  if (description->symbol_count > MOST || description->input_count > MOST || description->output_count > MOST) return;
  for (uint32_t i = 0; i < description->symbol_count; i++) symbols[i] = size_of(&description->symbols[i]);
  for (uint32_t i = 0; i < description->input_count; i++)
    if (!prepare(&description->inputs[i], &inputs[i], input_sizes[i], symbols)) return;
  for (uint32_t i = 0; i < description->output_count; i++)
    if (!prepare(&description->outputs[i], &outputs[i], output_sizes[i], 0)) return;
  tensorc_call call = {.size = sizeof call, .inputs = inputs, .outputs = outputs, .threads = threads};
  call.input_count = description->input_count;
  call.output_count = description->output_count;
  for (uint32_t i = 0; i < description->input_count; i++) {
    inputs[i].capacity = bytes_of(inputs[i].element_type, input_sizes[i], inputs[i].rank);
    inputs[i].data = exactly(inputs[i].capacity);
    fill(inputs[i].data, inputs[i].element_type, inputs[i].capacity);
  }
  int fits = !model_function(output_bounds)(model, &call, &error);
  for (uint32_t i = 0; i < description->output_count && fits; i++) {
    for (int32_t axis = 0; axis < outputs[i].rank; axis++) fits = fits && output_sizes[i][axis] >= 0;
    if (!fits) break;
    outputs[i].capacity = bytes_of(outputs[i].element_type, output_sizes[i], outputs[i].rank);
    fits = outputs[i].capacity <= largest;
    if (fits) outputs[i].data = exactly(outputs[i].capacity);
  }
  fits = fits && !model_function(workspace_size)(model, &call, &call.workspace_size, &error);
  if (fits && call.workspace_size <= 8 * largest) {
    call.workspace = exactly(call.workspace_size);
    const int32_t code = model_function(run)(model, &call, &error);
    if (code == TENSORC_CHECK_FAILED || code == TENSORC_BUFFER_TOO_SMALL || code == TENSORC_WORKSPACE_TOO_SMALL) {
      fprintf(stderr, "fuzz_driver: error: %s\n", error.text);
      exit(1);
    }
    free(call.workspace);
  }
  for (uint32_t i = 0; i < description->input_count; i++) free(inputs[i].data);
  for (uint32_t i = 0; i < description->output_count; i++) free(outputs[i].data);
}

int main(void) {
  tensorc_error error = {.size = sizeof error};
  description = model_function(describe)();
  const tensorc_model *model = model_function(create)(0, &error);
  if (!model) {
    fprintf(stderr, "fuzz_driver: error: %s\n", error.text);
    return 1;
  }
  for (int number = 0; number < 6; number++) try_once(model, 1 + number % 2);
  model_function(destroy)(model);
  return 0;
}
