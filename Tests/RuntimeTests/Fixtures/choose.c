/* Keeps the positive elements of x: i32[n], and so has an output whose size only the run knows. Takes its scratch from
 * the caller's allocator. */
#include "fixture.h"

struct tensorc_model {
  int unused;
};

static const tensorc_model model = {0};
static const tensorc_dimension rows[] = {{-1, "n", 0, 0}}, kept[] = {{-1, "k", 1, 0}};
static const tensorc_symbol symbols[] = {{"n", 0, INT64_MAX, 1, 0, 0}, {"k", 0, INT64_MAX, 1, TENSORC_COMPUTED, 0}};
static const tensorc_value inputs[] = {{"x", TENSORC_I32, 1, rows, 0, 0}};
static const tensorc_value outputs[] = {{"kept", TENSORC_I32, 1, kept, 0, 0}};
static const tensorc_description description = {
    sizeof(tensorc_description), FIXTURE_VERSION, TENSORC_SERIAL, "by hand", "choose", "generic", inputs, outputs,
    symbols, 0, COUNT(inputs), COUNT(outputs), COUNT(symbols), 0};

static const tensorc_description *describe(void) { return &description; }

static const tensorc_model *create(const tensorc_options *options, tensorc_error *error) {
  (void)options, (void)error;
  return &model;
}

static int32_t output_bounds(const tensorc_model *self, const tensorc_call *call, tensorc_error *error) {
  int32_t code = check_inputs(&description, call, error);
  (void)self;
  if (!code) call->outputs[0].dimensions[0] = -1;
  return code;
}

static int32_t workspace_size(const tensorc_model *self, const tensorc_call *call, uint64_t *bytes,
                              tensorc_error *error) {
  (void)self, (void)call, (void)error;
  *bytes = 0;
  return TENSORC_OK;
}

static int32_t run(const tensorc_model *self, const tensorc_call *call, tensorc_error *error) {
  int32_t code = check_inputs(&description, call, error);
  (void)self;
  if (code) return code;
  if (!call->allocate) return fail(error, TENSORC_NO_ALLOCATOR, "no-allocator", "", -1, 0, "Pass an allocator.");
  const int32_t *x = call->inputs[0].data;
  int32_t *scratch = 0;
  uint64_t count = 0, capacity = 0;
  for (int64_t i = 0; i < call->inputs[0].dimensions[0]; i++) {
    if (x[i] <= 0) continue;
    if (count == capacity) {
      uint64_t larger = capacity ? 2 * capacity : 1;
      scratch = call->allocate(call->allocator_context, scratch, 4 * capacity, 4 * larger);
      capacity = larger;
    }
    scratch[count++] = x[i];
  }
  call->outputs[0].dimensions[0] = (int64_t)count;
  code = check_capacity(call, 0, 4 * count, error);
  if (!code && count) __builtin_memcpy(call->outputs[0].data, scratch, 4 * count);
  if (scratch) call->allocate(call->allocator_context, scratch, 4 * capacity, 0);
  return code;
}

static void destroy(const tensorc_model *self) { (void)self; }

TENSORC_API const tensorc_library *tensorc_library_v1(void) {
  static const tensorc_library library = {
      sizeof(tensorc_library), FIXTURE_VERSION, 0, describe, create, output_bounds, workspace_size, run, destroy};
  return &library;
}
