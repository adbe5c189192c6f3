/* Holds the prelude's f32 functions to libm in double precision, and their vector form to the scalar one bit for bit.
 *
 *   ulp [-s STRIDE] [-t] [-n] [NAME...]
 *
 * Every STRIDE-th of the 2^32 inputs (default 1: all of them) and a list of special values are tried. Prints the
 * largest error in units in the last place and where it is; fails if one is above its bound. -t times instead, -n names the functions.
 * Compile with -include PRELUDE, where PRELUDE is what prelude-text prints, and the flags of its target. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define LANES (TC_VECTOR_BYTES / 4)

static double sigmoid(double x) { return 1 / (1 + exp(-x)); }
static double rsqrt(double x) { return 1 / sqrt(x); }

/* What exp_nonpositive is for, of every input: not above 0, and a result that is no subnormal. */
static double exp_folded(double x) { return isnan(x) ? x : exp(-fmin(fabs(x), 87.25)); }
static float tc_exp_folded_f32(float x) { return tc_exp_nonpositive_f32(-tc_below_f32(87.25f, tc_abs_f32(x))); }
static tc_f32v tc_exp_folded_f32v(tc_f32v x) {
  return tc_exp_nonpositive_f32v(-tc_below_f32v(tc_splat_f32v(87.25f), tc_abs_f32v(x)));
}

static double exp2_folded(double x) { return isnan(x) ? x : exp2(-fmin(fabs(x), 125.75)); }
static float tc_exp2_folded_f32(float x) { return tc_exp2_nonpositive_f32(-tc_below_f32(125.75f, tc_abs_f32(x))); }
static tc_f32v tc_exp2_folded_f32v(tc_f32v x) {
  return tc_exp2_nonpositive_f32v(-tc_below_f32v(tc_splat_f32v(125.75f), tc_abs_f32v(x)));
}

/* name, reference, bound in ulp, libm's f32 function and the range for timing */
#define FUNCTIONS(X) \
  X(exp, exp, 1.2, expf, -10, 10) \
  X(exp_folded, exp_folded, 1.2, expf, -10, 0) \
  X(exp2_folded, exp2_folded, 2.2, exp2f, -10, 0) \
  X(exp2, exp2, 1.2, exp2f, -10, 10) \
  X(expm1, expm1, 1.7, expm1f, -3, 3) \
  X(log, log, 1.0, logf, 0.01, 10) \
  X(log2, log2, 2.0, log2f, 0.01, 10) \
  X(log1p, log1p, 2.0, log1pf, -0.9, 10) \
  X(sigmoid, sigmoid, 2.6, NULL, -10, 10) \
  X(tanh, tanh, 2.1, tanhf, -5, 5) \
  X(erf, erf, 6.5, erff, -4, 4) \
  X(sin, sin, 1.0, sinf, -6, 6) \
  X(cos, cos, 1.0, cosf, -6, 6) \
  X(tan, tan, 1.0, tanf, -6, 6) \
  X(asin, asin, 1.0, asinf, -1, 1) \
  X(acos, acos, 1.0, acosf, -1, 1) \
  X(atan, atan, 1.0, atanf, -4, 4) \
  X(sinh, sinh, 1.0, sinhf, -4, 4) \
  X(cosh, cosh, 1.0, coshf, -4, 4) \
  X(asinh, asinh, 1.0, asinhf, -4, 4) \
  X(acosh, acosh, 1.0, acoshf, 1, 8) \
  X(atanh, atanh, 1.0, atanhf, -1, 1) \
  X(rsqrt, rsqrt, 1.5, NULL, 0.01, 10)

typedef struct {
  const char *name;
  double (*reference)(double);
  double bound;
  float (*library)(float);
  float low, high;
  float (*scalar)(float);
  void (*vector)(const float *, float *, size_t);
} function;

#define DEFINE(NAME, ...) \
  static float scalar_##NAME(float x) { return tc_##NAME##_f32(x); } \
  static void vector_##NAME(const float *x, float *y, size_t n) { \
    for (size_t i = 0; i < n; i += LANES) \
      *(tc_f32v_any *)(y + i) = tc_##NAME##_f32v(*(const tc_f32v_any *)(x + i)); \
  }
FUNCTIONS(DEFINE)
#define ROW(NAME, REFERENCE, BOUND, LIBRARY, LOW, HIGH) \
  {#NAME, REFERENCE, BOUND, LIBRARY, LOW, HIGH, scalar_##NAME, vector_##NAME},
static const function table[] = {FUNCTIONS(ROW)};

/* The distance of y from the exact r, in units of the last place of a float near r; huge if a special value differs. */
static double distance(float y, double r) {
  if (isnan(r) || isnan(y)) return isnan(r) && isnan(y) ? 0 : 1e9;
  if (r == 0) return y == 0 && !signbit(y) == !signbit(r) ? 0 : 1e9;
  if (fabs(r) > 0x1p128) r = copysign(0x1p128, r);  /* what the next float would be, and infinity stands for */
  if (y != 0 && !signbit(y) != !signbit(r)) return 1e9;
  int exponent = (int)((tc_bits_f64(r) >> 52) & 0x7ff) - 1023;
  if (exponent < -126) exponent = -126;
  if (exponent > 127) exponent = 127;
  double ulps = tc_float_f64((int64_t)(1023 + 23 - exponent) << 52);
  double d = isinf(y) ? copysign(0x1p128, y) : y;
  return fabs(d - r) * ulps;
}

typedef struct { double worst; float where; long differing; } outcome;

static void try_block(const function *f, const float *x, size_t n, outcome *o) {
  float y[1024];
  f->vector(x, y, n);
  for (size_t i = 0; i < n; i++) {
    float z = f->scalar(x[i]);
    if (tc_bits_f32(y[i]) != tc_bits_f32(z) && !(isnan(y[i]) && isnan(z))) {
      if (!o->differing++) printf("%s: vector and scalar differ at %a: %a, %a\n", f->name, x[i], y[i], z);
    }
    double d = distance(y[i], f->reference(x[i]));
    if (d > o->worst) { o->worst = d; o->where = x[i]; }
  }
}

static int check(const function *f, uint64_t stride) {
  float x[1024];
  outcome o = {0, 0, 0};
  size_t n = 0;
  for (uint64_t bits = 0; bits < 1ull << 32; bits += stride) {
    x[n++] = tc_float_f32((int32_t)(uint32_t)bits);
    if (n == 1024) { try_block(f, x, n, &o); n = 0; }
  }
  /* Around every power of two, both signs, which takes in zeros, subnormals, infinities and NaN; and small integers. */
  for (uint32_t e = 0; e < 512; e++)
    for (int d = -2; d <= 2; d++) {
      x[n++] = tc_float_f32((int32_t)((e << 23) + (uint32_t)d));
      if (n == 1024) { try_block(f, x, n, &o); n = 0; }
    }
  for (int i = -160; i <= 160; i++) {
    x[n++] = (float)i;
    if (n == 1024) { try_block(f, x, n, &o); n = 0; }
  }
  while (n < 1024) x[n++] = NAN;
  try_block(f, x, n, &o);
  int bad = o.differing || o.worst > f->bound;
  printf("%-8s %6.3f ulp at %-16a (bound %.1f)%s\n", f->name, o.worst, o.where, f->bound, bad ? "  FAILED" : "");
  fflush(stdout);
  return bad;
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* Elements per nanosecond over data in the first-level cache; the best of several runs. */
static void measure(const function *f) {
  enum { COUNT = 2048, REPEATS = 200, RUNS = 9 };
  static float x[COUNT], y[COUNT];
  double ours = 1e30, theirs = 1e30;
  uint32_t seed = 1;
  for (int i = 0; i < COUNT; i++) {
    seed = seed * 1664525u + 1013904223u;
    x[i] = f->low + (f->high - f->low) * (float)(seed >> 8) * 0x1p-24f;
  }
  for (int run = 0; run < RUNS; run++) {
    double start = now();
    for (int i = 0; i < REPEATS; i++) {
      f->vector(x, y, COUNT);
      __asm__ volatile("" ::: "memory");
    }
    double end = now();
    if (end - start < ours) ours = end - start;
    if (!f->library) continue;
    start = now();
    for (int i = 0; i < REPEATS / 10; i++) {
      for (int j = 0; j < COUNT; j++) y[j] = f->library(x[j]);
      __asm__ volatile("" ::: "memory");
    }
    end = now();
    if ((end - start) * 10 < theirs) theirs = (end - start) * 10;
  }
  double elements = (double)COUNT * REPEATS;
  printf("%-8s %7.3f elements/ns", f->name, elements / ours);
  if (f->library) printf("   libm %7.3f", elements / theirs);
  printf("\n");
}

int main(int argc, char **argv) {
  uint64_t stride = 1;
  int timing = 0, failed = 0, named = 0;
  for (int i = 1; i < argc; i++) {
    if (!strcmp(argv[i], "-s") && i + 1 < argc) { stride = strtoull(argv[++i], NULL, 10); continue; }
    if (!strcmp(argv[i], "-t")) { timing = 1; continue; }
    if (!strcmp(argv[i], "-n")) {
      for (size_t k = 0; k < sizeof table / sizeof table[0]; k++) puts(table[k].name);
      return 0;
    }
    named = 1;
  }
  for (size_t k = 0; k < sizeof table / sizeof table[0]; k++) {
    int wanted = !named;
    for (int i = 1; i < argc; i++) wanted |= !strcmp(argv[i], table[k].name);
    if (!wanted) continue;
    if (timing) measure(&table[k]);
    else failed |= check(&table[k], stride ? stride : 1);
  }
  return failed;
}
