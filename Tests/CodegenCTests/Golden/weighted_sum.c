/* weighted_sum.c: weighted sum, compiled by tensorc 0.1.0 for x86-64-v3, ABI version 1.
 *
 * Compile with:
 *
 *   cc -O2 -std=gnu11 -march=x86-64-v3 -ffp-contract=off -fno-math-errno -fopenmp \
 *      -fPIC -DTENSORC_SHARED -fvisibility=hidden -shared -Wl,-z,nodelete weighted_sum.c -o weighted_sum.so -lm
 *
 * or with the first line and -c into an object to link.
 * -ffp-contract=off matters where the processor has fused multiply-add: with it results do not depend on the compiler.
 *
 * This file, with all that is in it, is yours to use without conditions. */

#define TC_KERNEL static TC_APART

/* ---- constants ------------------------------------------------------------------------------------------------- */

/* f32[20] */
static const _Alignas(64) float weighted_sum_constant_0[20] = {0.0f, 0.125f, 0.25f, 0.375f, 0.5f, 0.625f,
    0.75f, 0.875f, 1.0f, 1.125f, 1.25f, 1.375f, 1.5f, 1.625f, 1.75f, 1.875f, 2.0f, 2.125f, 2.25f, 2.375f};

/* ---- kernels --------------------------------------------------------------------------------------------------- */

/* partial[r] = sum over c of exp(x[r, c]) * weight[c] */
TC_KERNEL void weighted_sum_k_row_sums_0(int64_t thread, int64_t team, const float *restrict x,
    const float *restrict weight, float *restrict partial, int64_t n0, int64_t n1) {
  const int64_t row_from = n0 * thread / team;
  const int64_t row_to = n0 * (thread + 1) / team;
  for (int64_t row = row_from; row < row_to; row++) {
    tc_f32v sum = tc_splat_f32v(0.0f);
    const int64_t whole = n1 / 8 * 8;
    for (int64_t c = 0; c < whole; c += 8) {
      sum = tc_fma_f32v(tc_exp_f32v(tc_load_f32v(&x[row * n1 + c])), tc_load_f32v(&weight[c]), sum);
    }
    float scalar = tc_sum_f32v(sum);
    for (int64_t c = whole; c < n1; c++) {
      scalar = tc_fma_f32(tc_exp_f32(x[row * n1 + c]), weight[c], scalar);
    }
    partial[row] = scalar;
  }
}

/* total = sum of partial */
TC_KERNEL void weighted_sum_k_total_1(int64_t thread, int64_t team, const float *restrict partial,
    float *restrict total, int64_t n0) {
  (void)team;
  if (thread == 0) {
    float sum = 0.0f;
    for (int64_t r = 0; r < n0; r++) {
      sum = sum + partial[r];
    }
    total[0] = sum;
  }
}

/* ---- what the model looks like ------------------------------------------------------------------------------ */

static const tensorc_dimension weighted_sum_input_0_dimensions[] = {
    {-1, "rows", 0, 0},
    {20, "20", -1, 0}};
static const tensorc_value weighted_sum_inputs[] = {
    {"x", TENSORC_F32, 2, weighted_sum_input_0_dimensions, 0, 0}};
static const tensorc_value weighted_sum_outputs[] = {
    {"total", TENSORC_F32, 0, NULL, 0, 0}};
static const tensorc_symbol weighted_sum_symbols[] = {
    {"rows", 1, INT64_MAX, 1, 0, 0}};

static const tensorc_description weighted_sum_description = {
    sizeof(tensorc_description),
    TENSORC_ABI_VERSION,
#ifdef TENSORC_THREADS_NONE
    TENSORC_SERIAL,
#else
    TENSORC_OPENMP,
#endif
    "0.1.0",
    "weighted sum",
    "x86-64-v3",
    weighted_sum_inputs,
    weighted_sum_outputs,
    weighted_sum_symbols,
    NULL,
    1, 1, 1, 0};

/* ---- one call ----------------------------------------------------------------------------------------------- */

/* The sizes of a call, and where in the workspace its temporaries lie. */
typedef struct {
  int64_t rows;
  int64_t slot_0;
  int64_t work; // an estimate, to decide on the number of threads
} weighted_sum_sizes;

typedef struct {
  const tensorc_call *call;
  char *workspace;
  weighted_sum_sizes sizes;
  tc_team team;
} weighted_sum_context;

/* ---- the steps ---------------------------------------------------------------------------------------------- */

static void weighted_sum_body(int thread, int team, void *shared) {
  weighted_sum_context *const c = shared;
  const tensorc_tensor *const in = c->call->inputs;
  const tensorc_tensor *const out = c->call->outputs;
  char *const w = c->workspace;
  const weighted_sum_sizes *const s = &c->sizes;
  const void *const x = in[0].data;
  const void *const constant_0 = weighted_sum_constant_0;
  void *const partial = w + s->slot_0;
  void *const total = out[0].data;
  uint32_t turn = 0;

  for (int part = tc_begin(&c->team, ++turn, thread, team); part >= 0; part = tc_next(&c->team, turn, thread, team)) {
    weighted_sum_k_row_sums_0(part, team, x, constant_0, partial, s->rows, 20);
  }
  for (int part = tc_begin(&c->team, ++turn, thread, team); part >= 0; part = tc_next(&c->team, turn, thread, team)) {
    // at node "sum" (ReduceSum)
    weighted_sum_k_total_1(part, team, partial, total, s->rows);
  }
}

/* Checks what can be checked without the data, and computes the sizes. */
static int32_t weighted_sum_measure(const tensorc_call *call, weighted_sum_sizes *s, tensorc_error *error) {
  const tensorc_description *const model = &weighted_sum_description;
  int overflow = 0, large = 0;
  int64_t symbols[1];
  int32_t code = tc_check_call(call, model, error);
  if (!code) code = tc_bind(call, model, symbols, error);
  if (code) return code;
  s->rows = symbols[0];
  if ((code = tc_check_symbols(model, symbols, error))) return code;
  s->work = tc_times(401, s->rows, &large);
  if (large) s->work = INT64_MAX;
  return overflow ? tc_too_large(error) : TENSORC_OK;
}

/* Places the temporaries, for at most so many threads; gives the bytes of workspace, which need not be aligned, or
 * UINT64_MAX. */
static uint64_t weighted_sum_place(weighted_sum_sizes *s, int threads) {
  int overflow = 0;
  int64_t at = 0;
  (void)s, (void)threads;
  s->slot_0 = at;
  at = tc_plus(at, tc_round_up(tc_times(4, s->rows, &overflow), &overflow), &overflow);
  if (at > 0) at = tc_plus(at, 63, &overflow);
  return overflow ? UINT64_MAX : (uint64_t)at;
}

struct tensorc_model {
  int available; /* threads; 0 until the first weighted_sum_create */
};
static tensorc_model weighted_sum_model;

/* Little work is done by the thread that asks for it. */
static int weighted_sum_threads(const tensorc_model *model, const tensorc_call *call, const weighted_sum_sizes *s) {
  if (s->work < TC_SERIAL_WORK) return 1;
  return tc_threads(call->threads, __atomic_load_n(&model->available, __ATOMIC_RELAXED));
}

/* ---- the interface ------------------------------------------------------------------------------------------ */

const tensorc_description *weighted_sum_describe(void) { return &weighted_sum_description; }

const tensorc_model *weighted_sum_create(const tensorc_options *options, tensorc_error *error) {
  if (options && (options->size < sizeof *options || options->flags != 0)) {
    tc_fail(error, TENSORC_BAD_OPTIONS, -1, 0, "bad-options", "", "this library knows no options");
    return NULL;
  }
  const char *const missing = tc_missing_instructions();
  if (missing) {
    tc_fail(error, TENSORC_UNSUPPORTED_CPU, -1, 0, "unsupported-cpu", "",
            "the library was compiled for %s, which this processor lacks: compile it for another target", missing);
    return NULL;
  }
  if (!__atomic_load_n(&weighted_sum_model.available, __ATOMIC_RELAXED))
    __atomic_store_n(&weighted_sum_model.available, tc_available_threads(), __ATOMIC_RELAXED);
  tc_succeed(error);
  return &weighted_sum_model;
}

void weighted_sum_destroy(const tensorc_model *model) { (void)model; }

int32_t weighted_sum_output_bounds(const tensorc_model *model, const tensorc_call *call, tensorc_error *error) {
  weighted_sum_sizes sizes, *const s = &sizes;
  (void)model;
  const int32_t code = weighted_sum_measure(call, s, error);
  if (code) return code;
  return tc_succeed(error);
}

int32_t weighted_sum_workspace_size(const tensorc_model *model, const tensorc_call *call, uint64_t *bytes,
                                 tensorc_error *error) {
  weighted_sum_sizes sizes;
  if (!model || !bytes) return tc_fail(error, TENSORC_BAD_CALL, -1, 0, "bad-call", "", "an argument is null");
  const int32_t code = weighted_sum_measure(call, &sizes, error);
  if (code) return code;
  *bytes = weighted_sum_place(&sizes, weighted_sum_threads(model, call, &sizes));
  if (*bytes == UINT64_MAX) return tc_too_large(error);
  return tc_succeed(error);
}

int32_t weighted_sum_run(const tensorc_model *model, const tensorc_call *call, tensorc_error *error) {
  weighted_sum_context context;
  weighted_sum_sizes *const s = &context.sizes;
  if (!model) return tc_fail(error, TENSORC_BAD_CALL, -1, 0, "bad-call", "", "the model is null");
  int32_t code = weighted_sum_measure(call, s, error);
  if (code) return code;
  const int threads = weighted_sum_threads(model, call, s);
  const uint64_t workspace = weighted_sum_place(s, threads);
  if (workspace == UINT64_MAX) return tc_too_large(error);
  tc_stretch stretches[3];
  if ((code = tc_check_memory(call, &weighted_sum_description, workspace, error))) return code;
  if ((code = tc_check_overlap(call, &weighted_sum_description, workspace, stretches, error))) return code;
  context.call = call;
  context.workspace = (char *)(((uintptr_t)call->workspace + 63) & ~(uintptr_t)63);
  tc_parallel(&context.team, threads, weighted_sum_body, &context);
  return tc_succeed(error);
}

const tensorc_library *weighted_sum_library(void) {
  static const tensorc_library library = {
      sizeof(tensorc_library), TENSORC_ABI_VERSION, 0, weighted_sum_describe, weighted_sum_create, weighted_sum_output_bounds,
      weighted_sum_workspace_size, weighted_sum_run, weighted_sum_destroy};
  return &library;
}

#ifdef TENSORC_SHARED
const tensorc_library *tensorc_library_v1(void) { return weighted_sum_library(); }
#endif
