/* Checks what ulp.c does not: pow, rounding, minima, conversions, tails, reductions and integers of the prelude,
 * against libm or a plain statement of the same thing. Compile as ulp.c. Prints what fails, and fails if anything does. */
#include <stdio.h>
#include <stdlib.h>

#define LANES ((int)(TC_VECTOR_BYTES / 4))

static int failures;
#define EXPECT(condition, ...) \
  do { if (!(condition) && ++failures <= 20) { printf("line %d: %s: ", __LINE__, #condition); printf(__VA_ARGS__); puts(""); } } while (0)

static uint32_t state = 12345;
static uint32_t next(void) {
  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  return state;
}
static float any_float(void) { return tc_float_f32((int32_t)next()); }
static int same(float a, float b) { return (isnan(a) && isnan(b)) || tc_bits_f32(a) == tc_bits_f32(b); }
static int same_f64(double a, double b) { return (isnan(a) && isnan(b)) || tc_bits_f64(a) == tc_bits_f64(b); }

static const float special[] = {
  0.0f, -0.0f, 1, -1, 2, -2, 3, -3, 0.5f, -0.5f, 1.5f, -1.5f, 2.5f, -2.5f, 0.49999997f, 1e-45f, -1e-45f, 0x1p-126f, -0x1p-126f,
  0x1.fffffep-127f, 0x1p23f, -0x1p23f, 0x1.000002p23f, 0x1p24f, 16777215, -16777215, 0x1.fffffep22f, 0x1p31f, -0x1p31f,
  0x1.fffffep30f, 0x1p63f, -0x1p63f, 3.4028235e38f, -3.4028235e38f, 65504, 65519.996f, 65520, 6e-8f, 2.9802322e-8f, 255, 256,
  254.5f, INFINITY, -INFINITY, NAN,
};
enum { SPECIALS = sizeof special / sizeof special[0] };
static float input(int i) { return i < SPECIALS ? special[i] : any_float(); }

/* A unary function's vector form against a scalar reference, bit for bit. */
#define UNARY(NAME, REFERENCE) \
  for (int i = 0; i < 400000; i++) { \
    float x = input(i); \
    tc_f32v y = tc_##NAME##_f32v(tc_splat_f32v(x)); \
    EXPECT(same(y[0], REFERENCE(x)) && same(y[LANES - 1], y[0]), #NAME "(%a) = %a", x, y[0]); \
    EXPECT(same(tc_##NAME##_f32(x), y[0]), #NAME "(%a) scalar", x); \
    double d = (double)x * (1 + 1e-9 * (i & 1)); \
    tc_f64v z = tc_##NAME##_f64v(tc_splat_f64v(d)); \
    EXPECT(same_f64(z[0], tc_##NAME##_f64(d)), #NAME "(%a) f64", d); \
  }

static float nan_min(float a, float b) { return isnan(a) || isnan(b) ? NAN : a < b ? a : b; }
static float nan_max(float a, float b) { return isnan(a) || isnan(b) ? NAN : a > b ? a : b; }
static float sign(float x) { return x > 0 ? 1 : x < 0 ? -1 : x; }
static float inverse(float x) { return 1 / x; }

static void rounding(void) {
  UNARY(floor, floorf) UNARY(ceil, ceilf) UNARY(trunc, truncf) UNARY(rint, rintf) UNARY(abs, fabsf) UNARY(sqrt, sqrtf)
  UNARY(sign, sign) UNARY(reciprocal, inverse)
  UNARY(erfc, erfcf)
  for (int i = 0; i < SPECIALS; i++)
    for (int j = 0; j < SPECIALS; j++) {
      float a = special[i], b = special[j];
      tc_f32v u = tc_splat_f32v(a), v = tc_splat_f32v(b);
      float low = tc_min_f32v(u, v)[0], high = tc_max_f32v(u, v)[1];
      EXPECT(a == b ? low == a : same(low, nan_min(a, b)), "min %a %a = %a", a, b, low);
      EXPECT(a == b ? high == a : same(high, nan_max(a, b)), "max %a %a = %a", a, b, high);
      EXPECT(same(low, tc_min_f32(a, b)) && same(high, tc_max_f32(a, b)), "scalar min, max %a %a", a, b);
      EXPECT(same(tc_copysign_f32v(u, v)[0], copysignf(a, b)), "copysign %a %a", a, b);
      EXPECT(same(tc_atan2_f32v(u, v)[0], atan2f(a, b)), "atan2 %a %a", a, b);
      EXPECT(same(tc_select_f32v(tc_le_f32v(u, v), u, v)[0], a <= b ? a : b), "select %a %a", a, b);
    }
  EXPECT(tc_mod_f32(-7, 3) == 2 && tc_mod_f32(7, -3) == -2 && tc_mod_f32v(tc_splat_f32v(-7), tc_splat_f32v(3))[0] == 2, "mod");
}

/* The error of pow in ulp, over random arguments whose power is in range, and every pair of special ones. */
static void power(void) {
  double worst = 0;
  float at_x = 0, at_y = 0;
  for (int i = 0; i < 2000000 + SPECIALS * SPECIALS; i++) {
    float x, y;
    if (i < SPECIALS * SPECIALS) { x = special[i / SPECIALS]; y = special[i % SPECIALS]; }
    else if (i & 1) { x = any_float(); y = any_float(); }
    else { x = tc_float_f32((int32_t)(next() & 0x7fffffff)); y = (float)(int32_t)next() * 0x1p-30f * (i & 2 ? 1 : 60); }
    float z = tc_pow_f32v(tc_splat_f32v(x), tc_splat_f32v(y))[LANES - 1];
    EXPECT(same(z, tc_pow_f32(x, y)), "pow(%a, %a) scalar", x, y);
    double exact = pow(x, y);
    float rounded = (float)exact;
    if (same(z, rounded)) continue;
    if (!(fabs(exact) < 0x1p128) || exact == 0 || !(fabsf(z) <= 0x1.fffffep127f)) {
      EXPECT(0, "pow(%a, %a) = %a, not %a", x, y, z, rounded);
      continue;
    }
    int e = exact == 0 ? -126 : (int)((tc_bits_f64(exact) >> 52) & 0x7ff) - 1023;
    double error = fabs(z - exact) * tc_float_f64((int64_t)(1023 + 23 - (e < -126 ? -126 : e)) << 52);
    if (error > worst) { worst = error; at_x = x; at_y = y; }
  }
  printf("pow      %6.3f ulp at (%a, %a) (bound 1.0)\n", worst, at_x, at_y);
  EXPECT(worst <= 1, "pow is off by %f ulp", worst);
}

static float reference_from_f16(uint16_t h) {
  int e = (h >> 10) & 31, m = h & 1023;
  float v = e == 31 ? (m ? NAN : INFINITY) : e ? ldexpf((float)(m + 1024), e - 25) : ldexpf((float)m, -24);
  return h & 0x8000 ? -v : v;
}
static float to_f16_and_back(float x) {  /* by rounding to a multiple of the last place */
  if (isnan(x) || isinf(x)) return x;
  int e;
  frexpf(x, &e);
  int place = (e < -13 ? -13 : e) - 11;
  float y = ldexpf(rintf(ldexpf(x, -place)), place);
  return fabsf(y) >= 65520 ? copysignf(INFINITY, x) : copysignf(y, x);
}
static void half_precision(void) {
  uint16_t halves[32];
  for (uint32_t h = 0; h < 65536; h++) {
    for (int i = 0; i < 32; i++) halves[i] = (uint16_t)h;
    tc_f32v v = tc_f32v_from_f16(tc_load_u16h(halves));
    EXPECT(same(v[LANES - 1], reference_from_f16((uint16_t)h)), "f16 %x", h);
    EXPECT(same(tc_widen_f16_f32((int32_t)h), v[0]), "f16 %x in software", h);
    EXPECT(tc_bits_f32(tc_f32_from_f16((uint16_t)h)) == tc_bits_f32(v[0]), "f16 %x scalar", h);
    EXPECT(same(tc_f32v_from_bf16(tc_load_u16h(halves))[1], tc_float_f32((int32_t)(h << 16))), "bf16 %x", h);
    EXPECT(tc_bf16_from_f32(tc_f32_from_bf16((uint16_t)h)) == h || (h & 0x7fff) > 0x7f80, "bf16 %x back", h);
    float x = v[0];
    uint16_t back = tc_f16_from_f32(x);
    EXPECT(back == h || isnan(x), "f16 %x back", h);
  }
  for (int i = 0; i < 3000000; i++) {
    float x = i & 1 ? input(i) : tc_float_f32((int32_t)((next() & 0x8fffffff) + 0x30000000));
    tc_u16h h = tc_f16_from_f32v(tc_splat_f32v(x));
    EXPECT(same(reference_from_f16(h[0]), to_f16_and_back(x)), "%a to f16 %x", x, h[0]);
    EXPECT(h[LANES - 1] == tc_f16_from_f32(x) && h[0] == (uint16_t)tc_narrow_f16_f32(x), "%a to f16, three ways", x);
    tc_u16h b = tc_bf16_from_f32v(tc_splat_f32v(x));
    uint32_t bits = (uint32_t)tc_bits_f32(x), below = bits & 0xffff0000u;
    int up = (bits & 0xffff) > 0x8000 || ((bits & 0xffff) == 0x8000 && (bits & 0x10000));
    EXPECT(b[0] == tc_bf16_from_f32(x), "%a to bf16, two ways", x);
    if (isnan(x)) EXPECT(isnan(tc_f32_from_bf16(b[0])), "NaN to bf16");
    else EXPECT(b[0] == (uint16_t)((below >> 16) + (uint32_t)up), "%a to bf16", x);
  }
}

static void saturation(void) {
  for (int i = 0; i < 1000000; i++) {
    float x = i & 1 ? input(i) : (float)(int32_t)next() * 1.5f;
    double t = isnan(x) ? 0 : trunc(x);
    int32_t want = t < INT32_MIN ? INT32_MIN : t > INT32_MAX ? INT32_MAX : (int32_t)t;
    EXPECT(tc_i32_sat_f32(x) == want && tc_i32v_sat_f32v(tc_splat_f32v(x))[LANES - 1] == want, "%a to i32", x);
    EXPECT(tc_u8_sat_f32(x) == (t < 0 ? 0 : t > 255 ? 255 : (int)t), "%a to u8", x);
    EXPECT(tc_i8_sat_f64(x) == (t < -128 ? -128 : t > 127 ? 127 : (int)t), "%a to i8", x);
    EXPECT(tc_i64v_sat_f64v(tc_splat_f64v(x))[0] == tc_i64_sat_f32(x), "%a to i64", x);
  }
  EXPECT(tc_i64_sat_f32(0x1p63f) == INT64_MAX && tc_i64_sat_f32(-0x1p63f) == INT64_MIN, "i64 ends");
  EXPECT(tc_u64_sat_f32(0x1p64f) == UINT64_MAX && tc_u32_sat_f32(4294967040.0f) == 4294967040u, "unsigned ends");
}

#define TAILS(SUFFIX, VECTOR, TYPE) { \
    enum { COUNT = sizeof(VECTOR) / sizeof(TYPE) }; \
    TYPE from[COUNT], to[COUNT]; \
    for (int i = 0; i < COUNT; i++) from[i] = (TYPE)(i + 3); \
    for (int n = 1; n < COUNT; n++) { \
      /* At the end of an array of its own, so that a sanitizer sees a read or write beyond it. */ \
      TYPE *exact = malloc(sizeof(TYPE) * (size_t)n); \
      memcpy(exact, from, sizeof(TYPE) * (size_t)n); \
      VECTOR v = tc_load_tail_##SUFFIX(exact, (size_t)n); \
      for (int i = 0; i < COUNT; i++) EXPECT(v[i] == (i < n ? from[i] : 0), "load tail " #SUFFIX " %d of %d", i, n); \
      memset(to, 99, sizeof to); \
      TYPE untouched = to[0]; \
      tc_store_tail_##SUFFIX(to, (size_t)n, tc_load_##SUFFIX(from)); \
      for (int i = 0; i < COUNT; i++) EXPECT(to[i] == (i < n ? from[i] : untouched), "store tail " #SUFFIX " %d of %d", i, n); \
      tc_store_tail_##SUFFIX(exact, (size_t)n, v); \
      free(exact); \
    } }

/* Memory ends behind the last element in use, so that reading on is seen under a sanitizer. */
#define EVERY_OTHER(SUFFIX, VECTOR, TYPE) { \
    enum { COUNT = sizeof(VECTOR) / sizeof(TYPE) }; \
    for (int n = 1; n <= COUNT; n++) { \
      TYPE *exact = malloc(sizeof(TYPE) * (size_t)(2 * n - 1)); \
      for (int i = 0; i < 2 * n - 1; i++) exact[i] = (TYPE)(i * 3 + 1); \
      VECTOR v = n == COUNT ? tc_load_every_other_##SUFFIX(exact) : tc_load_every_other_tail_##SUFFIX(exact, (size_t)n); \
      for (int i = 0; i < COUNT; i++) \
        EXPECT(v[i] == (i < n ? (TYPE)(i * 6 + 1) : 0), "every other " #SUFFIX " %d of %d", i, n); \
      free(exact); \
    } }

#define TRANSPOSED(SUFFIX, TYPE, COUNT) { \
    enum { N = COUNT, FROM = N + 3, TO = N + 5 }; \
    TYPE rows[N * FROM], turned[N * TO + 1]; \
    for (int i = 0; i < N * FROM; i++) rows[i] = (TYPE)(i * 7 + 1); \
    for (int i = 0; i < N * TO + 1; i++) turned[i] = 5; \
    tc_transpose_##SUFFIX(rows + 1, FROM, turned + 1, TO); \
    for (int j = 0; j < N; j++) \
      for (int i = 0; i < TO; i++) \
        EXPECT(turned[1 + j * TO + i] == (i < N ? rows[1 + i * FROM + j] : 5), "transposed " #SUFFIX " %d, %d", i, j); \
  }

static void memory(void) {
  TRANSPOSED(f32v, float, LANES) TRANSPOSED(i32v, int32_t, LANES) TRANSPOSED(u32v, uint32_t, LANES)
  TRANSPOSED(f64v, double, LANES / 2) TRANSPOSED(i64v, int64_t, LANES / 2) TRANSPOSED(u64v, uint64_t, LANES / 2)
  EVERY_OTHER(f32v, tc_f32v, float) EVERY_OTHER(i32v, tc_i32v, int32_t) EVERY_OTHER(u32v, tc_u32v, uint32_t)
  EVERY_OTHER(f64v, tc_f64v, double) EVERY_OTHER(i64v, tc_i64v, int64_t) EVERY_OTHER(u64v, tc_u64v, uint64_t)
  TAILS(f32v, tc_f32v, float) TAILS(i32v, tc_i32v, int32_t) TAILS(u32v, tc_u32v, uint32_t)
  TAILS(f64v, tc_f64v, double) TAILS(i64v, tc_i64v, int64_t) TAILS(u64v, tc_u64v, uint64_t)
  TAILS(i8q, tc_i8q, int8_t) TAILS(u8q, tc_u8q, uint8_t) TAILS(i16h, tc_i16h, int16_t) TAILS(u16h, tc_u16h, uint16_t)
  float spread[64], back[64] = {0};
  for (int i = 0; i < 64; i++) spread[i] = (float)(i * i - 99);
  tc_f32v v = tc_gather_f32v(spread + 48, -3);
  tc_scatter_f32v(back + 48, -3, v);
  for (int i = 0; i < LANES; i++) EXPECT(v[i] == spread[48 - 3 * i] && back[48 - 3 * i] == v[i], "gather %d", i);
  uint8_t bytes[16] = {0, 1, 127, 128, 255, 254, 3, 4, 5, 6, 7, 8, 9, 10, 200, 201}, again[16];
  tc_i32v wide = tc_i32v_from_u8q(tc_load_u8q(bytes)), narrow = tc_i32v_from_i8q(tc_load_i8q((int8_t *)bytes));
  tc_store_u8q(again, tc_u8q_from_i32v(narrow));
  for (int i = 0; i < LANES; i++)
    EXPECT(wide[i] == bytes[i] && narrow[i] == (int8_t)bytes[i] && again[i] == bytes[i]
               && tc_f32v_from_u8q(tc_load_u8q(bytes))[i] == (float)bytes[i], "byte %d", i);
}

static void reductions(void) {
  for (int round = 0; round < 1000; round++) {
    float x[16], tree[16];
    tc_f32v v;
    for (int i = 0; i < LANES; i++) v[i] = tree[i] = x[i] = (float)(int32_t)next() * 0x1p-31f;
    for (int half = LANES / 2; half; half /= 2) for (int i = 0; i < half; i++) tree[i] += tree[i + half];
    float high = x[0], low = x[0];
    for (int i = 1; i < LANES; i++) { high = nan_max(high, x[i]); low = nan_min(low, x[i]); }
    EXPECT(same(tc_sum_f32v(v), tree[0]), "sum %a, not %a", tc_sum_f32v(v), tree[0]);
    EXPECT(tc_hmax_f32v(v) == high && tc_hmin_f32v(v) == low, "extremes");
    tc_f64v d = tc_low_f64v(v), e = tc_high_f64v(v);
    double sum = 0;
    for (int i = 0; i < LANES / 2; i++) { EXPECT(d[i] == x[i] && e[i] == x[i + LANES / 2], "halves %d", i); sum += d[i]; }
    EXPECT(fabs(tc_sum_f64v(d) - sum) < 1e-14, "sum of f64");
    tc_f32v joined = tc_join_f32v(d, e);
    EXPECT(tc_all_i32v(tc_eq_f32v(joined, v)) && !tc_any_i32v(tc_ne_f32v(joined, v)), "join");
    tc_i32v whole = tc_i32v_sat_f32v(v * 1000);
    EXPECT(tc_all_i32v((tc_i32v)(tc_join_i32v(tc_low_i64v(whole), tc_high_i64v(whole)) == whole)), "join integers");
    v[next() % (uint32_t)LANES] = NAN;
    EXPECT(isnan(tc_hmax_f32v(v)) && isnan(tc_hmin_f32v(v)), "NaN among the extremes");
    EXPECT(tc_any_i32v(tc_ne_f32v(v, v)) && !tc_all_i32v(tc_eq_f32v(v, v)), "tests of masks");
  }
}

static void integers(void) {
  EXPECT(tc_div_i32(INT32_MIN, -1) == INT32_MIN && tc_rem_i32(INT32_MIN, -1) == 0 && tc_div_i64(5, 0) == 0, "traps");
  EXPECT(tc_div_i64v(tc_splat_i64v(INT64_MIN), tc_splat_i64v(-1))[0] == INT64_MIN && tc_mod_u8(7, 0) == 0, "traps");
  EXPECT(tc_mod_i32(-7, 3) == 2 && tc_mod_i32(7, -3) == -2 && tc_rem_i32(-7, 3) == -1, "signs");
  EXPECT(tc_floordiv_i32(-7, 3) == -3 && tc_floordiv_i64(7, -3) == -3 && tc_floordiv_i8(-128, -1) == -128, "signs");
  EXPECT(tc_add_i32(INT32_MAX, 1) == INT32_MIN && tc_mul_u16(65535, 65535) == 1 && tc_mul_i16(-32768, -1) == -32768, "wrap");
  EXPECT(tc_shl_u8(255, 1) == 254 && tc_shl_i32(1, 32) == 0 && tc_shr_i32(-5, 99) == -1 && tc_shr_u64(1, 64) == 0, "shifts");
  for (int i = 0; i < 100000; i++) {
    int32_t a = (int32_t)next(), b = (int32_t)next() >> (next() & 31);
    if (b == 0) continue;
    int64_t q = (int64_t)floor((double)a / b);
    EXPECT(tc_floordiv_i32v(tc_splat_i32v(a), tc_splat_i32v(b))[0] == (int32_t)q, "%d // %d", a, b);
    EXPECT(tc_mod_i32(a, b) == a - q * b, "%d mod %d", a, b);
    EXPECT(tc_min_i32v(tc_splat_i32v(a), tc_splat_i32v(b))[0] == (a < b ? a : b), "min %d %d", a, b);
    EXPECT(tc_max_u32v(tc_splat_u32v((uint32_t)a), tc_splat_u32v((uint32_t)b))[0]
               == ((uint32_t)a > (uint32_t)b ? (uint32_t)a : (uint32_t)b), "max %d %d", a, b);
  }
  static const uint32_t extremes[] = {0, 0xffffffffu, 0x80808080u, 0x7f7f7f7fu, 0xff80ff80u};
  for (int i = 0; i < 100000; i++) {
    uint32_t a = i < 25 ? extremes[i % 5] : next(), b = i < 25 ? extremes[i / 5] : next(), c = next();
    uint32_t sum = c;
    for (int j = 0; j < 4; j++) sum += (uint32_t)((int)((uint8_t *)&a)[j] * (int)((int8_t *)&b)[j]);
    int32_t found = tc_dot4_i32v(tc_splat_i32v((int32_t)a), tc_splat_i32v((int32_t)b), tc_splat_i32v((int32_t)c))[LANES - 1];
    EXPECT((uint32_t)found == sum && (uint32_t)tc_dot4_i32((int32_t)a, (int32_t)b, (int32_t)c) == sum, "dot4 %x %x", a, b);
  }
  EXPECT(tc_sum_i32v(tc_lanes_i32v()) == LANES * (LANES - 1) / 2 && tc_hmax_i32v(tc_lanes_i32v()) == LANES - 1, "lanes");
}

int main(void) {
  rounding();
  power();
  half_precision();
  saturation();
  memory();
  reductions();
  integers();
  if (failures) printf("%d checks failed\n", failures);
  return failures != 0;
}
