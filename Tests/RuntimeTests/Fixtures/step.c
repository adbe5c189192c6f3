/* A training step by hand: w_next = w - g / 2, loss = sum of g. The weights may be donated. */
#include "fixture.h"

struct tensorc_model {
  float rate;
};

static const tensorc_model model = {0.5f};
static const tensorc_dimension vector[] = {{-1, "n", 0, 0}};
static const tensorc_symbol symbols[] = {{"n", 2, 1 << 20, 2, 0, 0}};
static const tensorc_value inputs[] = {{"w", TENSORC_F32, 1, vector, 0, 0}, {"g", TENSORC_F32, 1, vector, 0, 0}};
static const tensorc_value outputs[] = {{"w_next", TENSORC_F32, 1, vector, 0, 0}, {"loss", TENSORC_F32, 0, 0, 0, 0}};
static const tensorc_donation donations[] = {{0, 0}};
static const tensorc_description description = {
    sizeof(tensorc_description), FIXTURE_VERSION, TENSORC_SERIAL, "by hand", "step", "generic", inputs, outputs,
    symbols, donations, COUNT(inputs), COUNT(outputs), COUNT(symbols), COUNT(donations)};

static const tensorc_description *describe(void) { return &description; }

static const tensorc_model *create(const tensorc_options *options, tensorc_error *error) {
  (void)options, (void)error;
  return &model;
}

static int32_t output_bounds(const tensorc_model *self, const tensorc_call *call, tensorc_error *error) {
  int32_t code = check_inputs(&description, call, error);
  (void)self;
  if (!code) call->outputs[0].dimensions[0] = call->inputs[0].dimensions[0];
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
  if (code) return code;
  int64_t n = call->inputs[0].dimensions[0];
  call->outputs[0].dimensions[0] = n;
  if ((code = check_capacity(call, 0, sizeof(float) * (uint64_t)n, error))) return code;
  if ((code = check_capacity(call, 1, sizeof(float), error))) return code;
  const float *w = call->inputs[0].data, *g = call->inputs[1].data;
  float *next = call->outputs[0].data, *loss = call->outputs[1].data;
  *loss = 0;
  for (int64_t i = 0; i < n; i++) {
    next[i] = w[i] - self->rate * g[i];
    if (g[i] != g[i])
      return fail(error, TENSORC_GUARD_FAILED, "guard-failed", "step/Check", 1, 0, "g holds a NaN: clean it.");
    *loss += g[i];
  }
  return TENSORC_OK;
}

static void destroy(const tensorc_model *self) { (void)self; }

TENSORC_API const tensorc_library *tensorc_library_v1(void) {
  static const tensorc_library library = {
      sizeof(tensorc_library), FIXTURE_VERSION, 0, describe, create, output_bounds, workspace_size, run, destroy};
  return &library;
}
