/* Calls a compiled model from plain C: describe, create, size the outputs and the workspace, run, print.
 *
 *     program [SYMBOL=SIZE | FILE.npy]...
 *
 * Inputs are read from the files, in the order of the model's inputs; those that are left over are filled with ones,
 * their symbolic sizes taken from the arguments, or else 2. */
#include MODEL_HEADER
#include "npy.h"

/* MODEL is the model's name; its functions begin with it. */
#define JOIN(name, function) name##_##function
#define EXPAND(name, function) JOIN(name, function)
#define model_function(function) EXPAND(MODEL, function)

static const char *const type_names[] = {"",   "f64", "f32", "f16", "bf16", "i8",   "i16", "i32",
                                         "i64", "u8", "u16", "u32", "u64",  "bool", "i4",  "u4"};
static const int type_bits[] = {0, 64, 32, 16, 16, 8, 16, 32, 64, 8, 16, 32, 64, 8, 4, 4};
/* What numpy calls them, after the byte order. */
static const char *const numpy_names[] = {"",   "f8", "f4", "f2", "",   "i1", "i2", "i4",
                                          "i8", "u1", "u2", "u4", "u8", "b1", "",   ""};

static int fail(const tensorc_error *error) {
  if (*error->node) fprintf(stderr, "node '%s': ", error->node);
  fprintf(stderr, "error: %s [%s]\n", error->text, error->id);
  return 1;
}

static uint64_t byte_count(const tensorc_tensor *tensor) {
  uint64_t count = 1;
  for (int32_t i = 0; i < tensor->rank; i++) count *= (uint64_t)tensor->dimensions[i];
  return (count * (uint64_t)type_bits[tensor->element_type] + 7) / 8;
}

/* The size given as "name=size", or 2. */
static int64_t symbol_size(const char *name, int argc, char **argv) {
  size_t length = strlen(name);
  for (int i = 1; i < argc; i++)
    if (!strncmp(argv[i], name, length) && argv[i][length] == '=') return strtoll(argv[i] + length + 1, 0, 10);
  return 2;
}

/* The files are the arguments that end in .npy. */
static const char *file_argument(uint32_t index, int argc, char **argv) {
  for (int i = 1; i < argc; i++) {
    size_t length = strlen(argv[i]);
    if (length > 4 && !strcmp(argv[i] + length - 4, ".npy") && index-- == 0) return argv[i];
  }
  return 0;
}

static int read_input(const tensorc_value *value, const char *path, tensorc_tensor *tensor) {
  npy_array array;
  if (!npy_read(path, &array)) return 0;
  if (strcmp(array.type + 1, numpy_names[value->element_type]) || array.rank != value->rank) {
    fprintf(stderr, "%s: error: the input '%s' takes %s of rank %d\n", path, value->name,
            type_names[value->element_type], (int)value->rank);
    free(array.data);
    return 0;
  }
  for (int32_t i = 0; i < array.rank; i++) tensor->dimensions[i] = array.shape[i];
  tensor->data = array.data;
  tensor->capacity = array.bytes;
  return 1;
}

static int make_input(const tensorc_value *value, int argc, char **argv, tensorc_tensor *tensor) {
  for (int32_t i = 0; i < value->rank; i++) {
    const tensorc_dimension *dimension = &value->dimensions[i];
    tensor->dimensions[i] = dimension->size >= 0 ? dimension->size : symbol_size(dimension->formula, argc, argv);
  }
  tensor->capacity = byte_count(tensor);
  tensor->data = calloc(tensor->capacity + 1, 1);
  if (!tensor->data) return 0;
  for (uint64_t i = 0; i * 4 < tensor->capacity && value->element_type == TENSORC_F32; i++)
    ((float *)tensor->data)[i] = 1;
  return 1;
}

static void print_tensor(const char *name, const tensorc_tensor *tensor) {
  printf("%s: %s[", name, type_names[tensor->element_type]);
  for (int32_t i = 0; i < tensor->rank; i++) printf("%s%lld", i ? ", " : "", (long long)tensor->dimensions[i]);
  printf("]");
  uint64_t bytes = byte_count(tensor);
  for (uint64_t i = 0; i < 8; i++) {
    if (tensor->element_type == TENSORC_F32 && i * 4 < bytes) printf(" %g", (double)((float *)tensor->data)[i]);
    if (tensor->element_type == TENSORC_I64 && i * 8 < bytes) printf(" %lld", (long long)((int64_t *)tensor->data)[i]);
  }
  printf("\n");
}

/* Largest sizes, then memory for them. A size that only the run knows would be asked for again when it is too small. */
static int place_outputs(const tensorc_model *model, const tensorc_call *call, tensorc_error *error) {
  if (model_function(output_bounds)(model, call, error)) return fail(error);
  for (uint32_t i = 0; i < call->output_count; i++) {
    tensorc_tensor *output = &call->outputs[i];
    for (int32_t axis = 0; axis < output->rank; axis++)
      if (output->dimensions[axis] < 0) return fprintf(stderr, "error: this sample wants bounded outputs\n"), 1;
    output->capacity = byte_count(output);
    output->data = malloc(output->capacity + 1);
    if (!output->data) return fprintf(stderr, "error: out of memory\n"), 1;
  }
  return 0;
}

/* The memory of one call. */
enum { MOST = 32 };
static tensorc_tensor inputs[MOST], outputs[MOST];
static int64_t input_sizes[MOST][NPY_MAX_RANK], output_sizes[MOST][NPY_MAX_RANK];

static void describe_tensor(const tensorc_value *value, int64_t *sizes, tensorc_tensor *tensor) {
  tensor->element_type = value->element_type;
  tensor->rank = value->rank;
  tensor->dimensions = sizes;
}

static int place_inputs(const tensorc_description *description, int argc, char **argv) {
  if (description->input_count > MOST || description->output_count > MOST)
    return fprintf(stderr, "error: too many tensors\n"), 1;
  for (uint32_t i = 0; i < description->input_count; i++) {
    const tensorc_value *value = &description->inputs[i];
    const char *path = file_argument(i, argc, argv);
    if (value->rank > NPY_MAX_RANK) return fprintf(stderr, "error: too many dimensions\n"), 1;
    describe_tensor(value, input_sizes[i], &inputs[i]);
    if (!(path ? read_input(value, path, &inputs[i]) : make_input(value, argc, argv, &inputs[i]))) return 1;
  }
  return 0;
}

static int call_model(const tensorc_model *model, tensorc_call *call, tensorc_error *error) {
  if (place_outputs(model, call, error)) return 1;
  if (model_function(workspace_size)(model, call, &call->workspace_size, error)) return fail(error);
  call->workspace = malloc(call->workspace_size + 1);
  if (!call->workspace) return fprintf(stderr, "error: out of memory\n"), 1;
  return model_function(run)(model, call, error) ? fail(error) : 0;
}

int main(int argc, char **argv) {
  const tensorc_description *description = model_function(describe)();
  tensorc_error error = {.size = sizeof error};
  tensorc_call call = {.size = sizeof call, .inputs = inputs, .outputs = outputs};
  call.input_count = description->input_count;
  call.output_count = description->output_count;
  if (place_inputs(description, argc, argv)) return 1;
  for (uint32_t i = 0; i < call.output_count; i++) {
    if (description->outputs[i].rank > NPY_MAX_RANK) return fprintf(stderr, "error: too many dimensions\n"), 1;
    describe_tensor(&description->outputs[i], output_sizes[i], &outputs[i]);
  }

  const tensorc_model *model = model_function(create)(0, &error);
  if (!model) return fail(&error);
  if (call_model(model, &call, &error)) return 1;
  for (uint32_t i = 0; i < call.output_count; i++) print_tensor(description->outputs[i].name, &outputs[i]);

  model_function(destroy)(model);
  free(call.workspace);
  for (uint32_t i = 0; i < call.input_count; i++) free(inputs[i].data);
  for (uint32_t i = 0; i < call.output_count; i++) free(outputs[i].data);
  return 0;
}
