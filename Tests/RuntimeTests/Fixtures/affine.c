/* y = 2 x + 1 over f32[n], written by hand to the ABI, with a workspace it does not need. FIXTURE_FLAGS are the flags
 * of x; with FIXTURE_REFUSES, no processor is good enough. */
#include "fixture.h"

#ifndef FIXTURE_FLAGS
#define FIXTURE_FLAGS 0
#endif

struct tensorc_model {
  float scale, shift;
};

static const tensorc_model model = {2, 1};
static const tensorc_dimension vector[] = {{-1, "n", 0, 0}};
static const tensorc_symbol symbols[] = {{"n", 0, 1 << 20, 1, 0, 0}};
static const tensorc_value inputs[] = {{"x", TENSORC_F32, 1, vector, FIXTURE_FLAGS, 0}};
static const tensorc_value outputs[] = {{"y", TENSORC_F32, 1, vector, 0, 0}};
static const tensorc_description description = {
    sizeof(tensorc_description), FIXTURE_VERSION, TENSORC_SERIAL, "by hand", "affine", "generic", inputs, outputs,
    symbols, 0, COUNT(inputs), COUNT(outputs), COUNT(symbols), 0};

TENSORC_API const tensorc_description *affine_describe(void) { return &description; }

TENSORC_API const tensorc_model *affine_create(const tensorc_options *options, tensorc_error *error) {
#ifdef FIXTURE_REFUSES
  fail(error, TENSORC_UNSUPPORTED_CPU, "unsupported-cpu", "", -1, 0, "This processor lacks AVX-512.");
  return 0;
#endif
  if (options && options->flags) {
    fail(error, TENSORC_BAD_OPTIONS, "bad-options", "", -1, 0, "Set the flags to 0.");
    return 0;
  }
  return &model;
}

TENSORC_API int32_t affine_output_bounds(const tensorc_model *self, const tensorc_call *call, tensorc_error *error) {
  int32_t code = check_inputs(&description, call, error);
  (void)self;
  if (!code) call->outputs[0].dimensions[0] = call->inputs[0].dimensions[0];
  return code;
}

TENSORC_API int32_t affine_workspace_size(const tensorc_model *self, const tensorc_call *call, uint64_t *bytes,
                                          tensorc_error *error) {
  int32_t code = check_inputs(&description, call, error);
  (void)self;
  if (!code) *bytes = sizeof(float) * (uint64_t)call->inputs[0].dimensions[0];
  return code;
}

TENSORC_API int32_t affine_run(const tensorc_model *self, const tensorc_call *call, tensorc_error *error) {
  int32_t code = check_inputs(&description, call, error);
  if (code) return code;
  int64_t n = call->inputs[0].dimensions[0];
  int64_t stride = call->inputs[0].strides ? call->inputs[0].strides[0] : 1;
  call->outputs[0].dimensions[0] = n;
  if ((code = check_capacity(call, 0, sizeof(float) * (uint64_t)n, error))) return code;
  if (call->workspace_size < sizeof(float) * (uint64_t)n)
    return fail(error, TENSORC_WORKSPACE_TOO_SMALL, "workspace-too-small", "", -1, sizeof(float) * (uint64_t)n,
                "Ask affine_workspace_size.");
  const char *x = call->inputs[0].data;
  char *y = call->outputs[0].data;
  for (int64_t i = 0; i < n; i++) {
    float value;
    __builtin_memcpy(&value, x + i * stride * 4, 4); /* no alignment is assumed */
    if (value != value)
      return fail(error, TENSORC_GUARD_FAILED, "guard-failed", "affine/Check", 0, 0, "x holds a NaN: clean it.");
    value = value * self->scale + self->shift;
    __builtin_memcpy(y + i * 4, &value, 4);
  }
  return TENSORC_OK;
}

TENSORC_API void affine_destroy(const tensorc_model *self) { (void)self; }

#ifdef TENSORC_SHARED
TENSORC_API const tensorc_library *tensorc_library_v1(void) {
  static const tensorc_library library = {
      sizeof(tensorc_library), FIXTURE_VERSION,       0,          affine_describe, affine_create,
      affine_output_bounds,    affine_workspace_size, affine_run, affine_destroy};
  return &library;
}
#endif
