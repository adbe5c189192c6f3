/* Calls a compiled model on data sets and holds it to what they expect: at several numbers of threads, which must agree
 * to the bit, then from several callers at once.
 *
 *     driver [--threads N,N…] [--callers N] [--runs N] [--rtol R] [--atol A] FOLDER...
 *
 * A FOLDER holds input_K.npy and output_K.npy. Buffers are exactly as large as they must be, so that a sanitizer sees
 * the first byte beyond; those of the calls with two threads are aligned to their elements only. Under counter.c, the
 * second run of each call must not allocate. MODEL and MODEL_HEADER are as for samples/c. */
#include MODEL_HEADER
#include "npy.h"

#include <math.h>
#include <pthread.h>

#define JOIN(name, function) name##_##function
#define EXPAND(name, function) JOIN(name, function)
#define model_function(function) EXPAND(MODEL, function)

/* The number of allocations so far; only where counter.c is preloaded. */
__attribute__((weak)) long allocations(void);

enum { MOST = 32 };

typedef struct {
  const char *folder;
  npy_array inputs[MOST], expected[MOST];
} data_set;

/* The memory of one caller. */
typedef struct {
  tensorc_tensor inputs[MOST], outputs[MOST];
  int64_t input_sizes[MOST][NPY_MAX_RANK], output_sizes[MOST][NPY_MAX_RANK];
  void *blocks[2 * MOST + 1]; /* to free */
  int block_count;
  tensorc_call call;
} caller;

static const tensorc_description *description;
static const tensorc_model *model;
static double relative = 1e-3, absolute = 1e-5;
static int run_count = 2;

static void die(const char *format, const char *detail) {
  fprintf(stderr, "driver: error: ");
  fprintf(stderr, format, detail);
  fputc('\n', stderr);
  exit(1);
}

/* ---- data ------------------------------------------------------------------------------------------------------- */

static void read_array(const char *folder, const char *stem, uint32_t index, npy_array *array) {
  char path[4096];
  snprintf(path, sizeof path, "%s/%s_%u.npy", folder, stem, index);
  if (!npy_read(path, array)) die("cannot read %s", path);
}

static void read_set(const char *folder, data_set *set) {
  set->folder = folder;
  for (uint32_t i = 0; i < description->input_count; i++) read_array(folder, "input", i, &set->inputs[i]);
  for (uint32_t i = 0; i < description->output_count; i++) read_array(folder, "output", i, &set->expected[i]);
}

static void free_set(data_set *set) {
  for (uint32_t i = 0; i < description->input_count; i++) free(set->inputs[i].data);
  for (uint32_t i = 0; i < description->output_count; i++) free(set->expected[i].data);
}

/* ---- one caller ------------------------------------------------------------------------------------------------- */

/* Exactly so many bytes, `skew` bytes behind what malloc aligns. */
static void *block(caller *c, uint64_t bytes, uint64_t skew) {
  char *memory = malloc(bytes + skew + !(bytes + skew));
  if (!memory) die("%s", "out of memory");
  c->blocks[c->block_count++] = memory;
  return memory + skew;
}

static uint64_t element_size(int32_t type) {
  static const uint8_t sizes[] = {0, 8, 4, 2, 2, 1, 2, 4, 8, 1, 2, 4, 8, 1, 1, 1};
  return sizes[type];
}

static void check(int32_t code, const tensorc_error *error) {
  if (code) die("%s", error->text);
}

static void describe(const tensorc_value *value, int64_t *sizes, tensorc_tensor *tensor) {
  tensor->element_type = value->element_type;
  tensor->rank = value->rank;
  tensor->dimensions = sizes;
}

static void prepare(caller *c, const data_set *set, int threads) {
  tensorc_error error = {.size = sizeof error};
  memset(c, 0, sizeof *c);
  c->call = (tensorc_call){.size = sizeof c->call, .inputs = c->inputs, .outputs = c->outputs, .threads = threads};
  c->call.input_count = description->input_count;
  c->call.output_count = description->output_count;
  for (uint32_t i = 0; i < description->input_count; i++) {
    const npy_array *array = &set->inputs[i];
    tensorc_tensor *input = &c->inputs[i];
    describe(&description->inputs[i], c->input_sizes[i], input);
    if (array->rank != input->rank) die("%s: an input has another rank", set->folder);
    for (int32_t axis = 0; axis < array->rank; axis++) input->dimensions[axis] = array->shape[axis];
    input->capacity = array->bytes;
    input->data = block(c, array->bytes, threads == 2 ? element_size(input->element_type) : 0);
    memcpy(input->data, array->data, array->bytes);
  }
  for (uint32_t i = 0; i < description->output_count; i++)
    describe(&description->outputs[i], c->output_sizes[i], &c->outputs[i]);
  check(model_function(output_bounds)(model, &c->call, &error), &error);
  for (uint32_t i = 0; i < description->output_count; i++) {
    tensorc_tensor *output = &c->outputs[i];
    uint64_t bytes = element_size(output->element_type);
    for (int32_t axis = 0; axis < output->rank; axis++) {
      if (output->dimensions[axis] < 0) die("%s: an output has no bound", set->folder);
      bytes *= (uint64_t)output->dimensions[axis];
    }
    output->capacity = bytes;
    output->data = block(c, bytes, threads == 2 ? element_size(output->element_type) : 0);
  }
  check(model_function(workspace_size)(model, &c->call, &c->call.workspace_size, &error), &error);
  c->call.workspace = block(c, c->call.workspace_size, threads == 2);
}

static void run(caller *c) {
  tensorc_error error = {.size = sizeof error};
  for (uint32_t i = 0; i < description->output_count; i++) memset(c->outputs[i].data, 0x55, c->outputs[i].capacity);
  for (int number = 1; number <= run_count; number++) {
    long before = allocations ? allocations() : 0;
    check(model_function(run)(model, &c->call, &error), &error);
    if (allocations && number > 1 && allocations() != before) die("%s", "the run allocates memory");
  }
}

static void finish(caller *c) {
  while (c->block_count > 0) free(c->blocks[--c->block_count]);
}

/* ---- comparison ------------------------------------------------------------------------------------------------- */

static void compare(const caller *c, const data_set *set) {
  for (uint32_t i = 0; i < description->output_count; i++) {
    const tensorc_tensor *output = &c->outputs[i];
    const npy_array *expected = &set->expected[i];
    if (output->rank != expected->rank) die("%s: an output has another rank", set->folder);
    for (int32_t axis = 0; axis < output->rank; axis++)
      if (output->dimensions[axis] != expected->shape[axis]) die("%s: an output has another shape", set->folder);
    if (output->element_type != TENSORC_F32) {
      if (memcmp(output->data, expected->data, expected->bytes)) die("%s: an output differs", set->folder);
      continue;
    }
    for (uint64_t element = 0; element < expected->bytes / 4; element++) {
      const double is = ((const float *)output->data)[element], wants = ((const float *)expected->data)[element];
      if (isnan(is) && isnan(wants)) continue;
      if (!(fabs(is - wants) <= absolute + relative * fabs(wants)) && is != wants) {
        fprintf(stderr, "output '%s', element %llu: %.9g, but %.9g is expected\n", description->outputs[i].name,
                (unsigned long long)element, is, wants);
        die("%s: an output differs", set->folder);
      }
    }
  }
}

static void compare_bits(const caller *c, const caller *reference, const char *folder) {
  for (uint32_t i = 0; i < description->output_count; i++)
    if (memcmp(c->outputs[i].data, reference->outputs[i].data, c->outputs[i].capacity))
      die("%s: not the same bits as with the first number of threads", folder);
}

/* ---- several at once -------------------------------------------------------------------------------------------- */

typedef struct {
  pthread_t thread;
  const data_set *set;
  const caller *reference;
  int threads;
} together;

static void *call_repeatedly(void *argument) {
  const together *self = argument;
  caller mine;
  prepare(&mine, self->set, self->threads);
  run(&mine);
  compare(&mine, self->set);
  compare_bits(&mine, self->reference, self->set->folder);
  finish(&mine);
  return 0;
}

static void call_together(const data_set *set, const caller *reference, int count, int threads) {
  together callers[MOST];
  for (int i = 0; i < count; i++) {
    callers[i] = (together){.set = set, .reference = reference, .threads = threads};
    if (pthread_create(&callers[i].thread, 0, call_repeatedly, &callers[i])) die("%s", "no thread could be made");
  }
  for (int i = 0; i < count; i++) pthread_join(callers[i].thread, 0);
}

int main(int argc, char **argv) {
  int threads[MOST] = {1}, thread_count = 1, callers = 0, first = 1;
  for (; first + 1 < argc && !strncmp(argv[first], "--", 2); first += 2) {
    char *value = argv[first + 1];
    if (!strcmp(argv[first], "--callers")) callers = atoi(value);
    if (!strcmp(argv[first], "--runs")) run_count = atoi(value);
    if (!strcmp(argv[first], "--rtol")) relative = atof(value);
    if (!strcmp(argv[first], "--atol")) absolute = atof(value);
    if (!strcmp(argv[first], "--threads"))
      for (thread_count = 0; thread_count < MOST && *value; value += strspn(value, ","))
        threads[thread_count++] = (int)strtol(value, &value, 10);
  }
  tensorc_error error = {.size = sizeof error};
  description = model_function(describe)();
  model = model_function(create)(0, &error);
  if (!model) die("%s", error.text);
  if (description->input_count > MOST || description->output_count > MOST || callers > MOST) die("%s", "too many");
  if (first == argc) die("%s", "no folder is given");

  static caller reference, other;
  for (int i = first; i < argc; i++) {
    data_set set;
    read_set(argv[i], &set);
    prepare(&reference, &set, threads[0]);
    run(&reference);
    compare(&reference, &set);
    for (int number = 1; number < thread_count; number++) {
      prepare(&other, &set, threads[number]);
      run(&other);
      compare_bits(&other, &reference, set.folder);
      finish(&other);
    }
    if (callers > 0) call_together(&set, &reference, callers, threads[thread_count - 1]);
    finish(&reference);
    free_set(&set);
  }
  model_function(destroy)(model);
  return 0;
}
