/* Calls a library at many sizes, as a plan says, and writes what it gives. Every buffer is exactly as large as it must be,
 * so that AddressSanitizer sees the first byte beyond.
 *
 *     sizes_driver PLAN RESULTS FIRST
 *
 * The plan holds 64-bit integers and the bytes of tensors: the inputs of all calls, then the number of calls, and for each
 * its threads, the inputs that differ, and the range of outputs that are wanted. The results hold for each call, from
 * number FIRST on, its number before it runs, then its code, and the error's texts or the outputs. */
#include "sizes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_AXES = 16 };

typedef struct {
  int64_t dimensions[MOST_AXES];
  uint64_t bytes;
  const char *data;
} array;

static const tensorc_description *description;
static const char *plan;
static FILE *results;

static void die(const char *why) {
  fprintf(stderr, "sizes_driver: %s\n", why);
  exit(2);
}

static int64_t number(void) {
  int64_t value;
  memcpy(&value, plan, sizeof value);
  plan += sizeof value;
  return value;
}

static uint64_t byte_count(const tensorc_value *value, const int64_t *dimensions) {
  static const uint8_t bits[] = {0, 64, 32, 16, 16, 8, 16, 32, 64, 8, 16, 32, 64, 8, 4, 4};
  uint64_t count = bits[value->element_type];
  for (int32_t axis = 0; axis < value->rank; axis++) {
    if (dimensions[axis] < 0) die("a dimension is negative");
    count *= (uint64_t)dimensions[axis];
  }
  return (count + 7) / 8;
}

static array read_array(const tensorc_value *value) {
  array result;
  for (int32_t axis = 0; axis < value->rank; axis++) result.dimensions[axis] = number();
  result.bytes = byte_count(value, result.dimensions);
  result.data = plan;
  plan += result.bytes;
  return result;
}

/* Of no bytes too there is an address, the first that must not be touched. */
static char *block(uint64_t bytes) {
  char *memory = malloc(bytes ? bytes : 16);
  if (!memory) die("out of memory");
  return bytes ? memory : memory + 16;
}

static void release(char *memory, uint64_t bytes) { free(bytes ? memory : memory - 16); }

/* What a run asks for is exactly as large as it asks, and must be back when it ends. */
static int64_t lent;

static void *allocate(void *context, void *old, uint64_t old_size, uint64_t new_size) {
  char *memory = new_size ? malloc(new_size) : NULL;
  (void)context;
  lent += (memory != NULL) - (old != NULL);
  if (old && memory) memcpy(memory, old, old_size < new_size ? old_size : new_size);
  free(old);
  return memory;
}

/* The bytes of an output, of no more than is known; 0 where a size has no bound. */
static uint64_t bound(const tensorc_value *value, const int64_t *dimensions) {
  for (int32_t axis = 0; axis < value->rank; axis++) if (dimensions[axis] < 0) return 0;
  return byte_count(value, dimensions);
}

static void write_number(int64_t value) { fwrite(&value, sizeof value, 1, results); }

static void write_text(const char *text) {
  write_number((int64_t)strlen(text));
  fwrite(text, 1, strlen(text), results);
}

static void write_error(const tensorc_error *error) {
  write_text(error->id);
  write_text(error->node);
  write_text(error->text);
}

/* Calls once; the outputs from `first` on are written to the results. */
static void call_once(const tensorc_model *model, const array *arrays, int32_t threads, int64_t first, int64_t count) {
  const uint32_t inputs = description->input_count, outputs = description->output_count;
  tensorc_tensor *in = calloc(inputs + 1, sizeof *in), *out = calloc(outputs + 1, sizeof *out);
  int64_t(*sizes)[MOST_AXES] = calloc(outputs + 1, sizeof *sizes);
  uint64_t workspace = 0;
  tensorc_error error = {.size = sizeof error};
  for (uint32_t i = 0; i < inputs; i++) {
    char *data = block(arrays[i].bytes);
    memcpy(data, arrays[i].data, arrays[i].bytes);
    in[i] = (tensorc_tensor){data, arrays[i].bytes, description->inputs[i].element_type, description->inputs[i].rank,
                             (int64_t *)arrays[i].dimensions, NULL};
  }
  for (uint32_t i = 0; i < outputs; i++)
    out[i] = (tensorc_tensor){NULL, 0, description->outputs[i].element_type, description->outputs[i].rank, sizes[i], NULL};
  tensorc_call call = {.size = sizeof call, .inputs = in, .outputs = out, .input_count = inputs,
                       .output_count = outputs, .threads = threads, .allocate = allocate};
  int32_t code = sizes_output_bounds(model, &call, &error);
  for (uint32_t i = 0; !code && i < outputs; i++) {
    out[i].capacity = bound(&description->outputs[i], sizes[i]);
    out[i].data = block(out[i].capacity);
  }
  if (!code) code = sizes_workspace_size(model, &call, &workspace, &error);
  if (!code) {
    call.workspace = block(workspace);
    call.workspace_size = workspace;
    code = sizes_run(model, &call, &error);
    while (code == TENSORC_BUFFER_TOO_SMALL && error.argument >= (int32_t)inputs) {
      tensorc_tensor *const small = &out[error.argument - (int32_t)inputs];
      release(small->data, small->capacity);
      small->capacity = error.needed;
      small->data = block(error.needed);
      code = sizes_run(model, &call, &error);
    }
    if (lent) die("memory is not given back");
  }
  write_number(code);
  if (code) write_error(&error);
  for (int64_t i = first; !code && i < first + count; i++) {
    for (int32_t axis = 0; axis < out[i].rank; axis++) write_number(sizes[i][axis]);
    fwrite(out[i].data, 1, byte_count(&description->outputs[i], sizes[i]), results);
  }
  for (uint32_t i = 0; i < inputs; i++) release(in[i].data, arrays[i].bytes);
  for (uint32_t i = 0; i < outputs; i++)
    if (out[i].data) release(out[i].data, out[i].capacity);
  if (call.workspace) release(call.workspace, workspace);
  free(in), free(out), free(sizes);
}

static const char *read_file(const char *path) {
  FILE *file = fopen(path, "rb");
  if (!file || fseek(file, 0, SEEK_END)) die("cannot read the plan");
  const long length = ftell(file);
  rewind(file);
  char *text = malloc((size_t)length + 1);
  if (!text || fread(text, 1, (size_t)length, file) != (size_t)length) die("cannot read the plan");
  fclose(file);
  return text;
}

int main(int argc, char **argv) {
  if (argc != 4) die("takes a plan, a file for results and a number");
  const int64_t start = atoll(argv[3]);
  const char *const whole = plan = read_file(argv[1]);
  results = fopen(argv[2], "ab");
  if (!results) die("cannot write the results");
  description = sizes_describe();
  tensorc_error error = {.size = sizeof error};
  const tensorc_model *const model = sizes_create(NULL, &error);
  if (!model) die(error.text);
  array *base = calloc(description->input_count + 1, sizeof *base), *own = calloc(description->input_count + 1, sizeof *own);
  for (uint32_t i = 0; i < description->input_count; i++) base[i] = read_array(&description->inputs[i]);
  const int64_t calls = number();
  for (int64_t n = 0; n < calls; n++) {
    memcpy(own, base, description->input_count * sizeof *own);
    const int32_t threads = (int32_t)number();
    for (int64_t different = number(); different > 0; different--) {
      const int64_t input = number();
      own[input] = read_array(&description->inputs[input]);
    }
    const int64_t first = number(), count = number();
    if (n < start) continue;
    write_number(n);
    fflush(results);
    call_once(model, own, threads, first, count);
  }
  fclose(results);
  free(base), free(own), free((void *)whole);
  return 0;
}
