// Experiment 2: one symbolic kernel against the same kernel with every extent a compile-time constant, for a large matmul
// and for the 1x1 convolutions of efficientnet-lite0 as channels-last matmuls; and the choice of panel width per N.
//   sym     12x32 tiles, extents as arguments; a last panel of at most 16 columns is packed and run 16 wide
//   const   the same source, called with constants and inlined
//   8x48, 14x16  other widths, extents as arguments, for comparison
#include "common.h"
#define NAME s32
#define MR 12
#define NV 2
#include "tile.h"
#define NAME s16
#define MR 12
#define NV 1
#include "tile.h"
#define NAME s48
#define MR 8
#define NV 3
#include "tile.h"
#define NAME w16
#define MR 14
#define NV 1
#include "tile.h"
#define NAME k32
#define MR 12
#define NV 2
#define LINKAGE INLINE
#include "tile.h"
#define NAME k16
#define MR 12
#define NV 1
#define LINKAGE INLINE
#include "tile.h"

typedef struct { i64 M, N, K, cols; const float *a, *b; float *c; } arg;
// Threads divide rows (0), panels (1), or the flat range of (panel, tile) pairs, panel-major (2). Rows are divided first and
// cut into equal tiles after: a row's result does not depend on the height of its tile, so the bits do not depend on nt.
#define BODY(WIDE, NARROW, MR, NR)                                                                                    \
  i64 m0 = g->cols ? 0 : M * t / nt, m = (g->cols ? M : M * (t + 1) / nt) - m0;                                        \
  i64 T = (m + MR - 1) / MR, P = (N + NR - 1) / NR, base = m / MAX(T, 1), extra = m % MAX(T, 1);                                   \
  i64 t0 = 0, t1 = T, p0 = 0, p1 = P;                                                                                  \
  const float *a = g->a + m0 * K;                                                                                      \
  i64 u0 = P * T * t / nt, u1 = P * T * (t + 1) / nt;                                                                   \
  if (g->cols == 1) p0 = P * t / nt, p1 = P * (t + 1) / nt; else if (g->cols == 2) p0 = u0 / T, p1 = (u1 + T - 1) / T; \
  for (i64 p = p0; p < p1; p++) {                                                                                      \
    if (g->cols == 2) t0 = MAX(u0 - p * T, 0), t1 = MIN(u1 - p * T, T);                                                \
    i64 left = N - p * NR;                                                                                             \
    const float *b = g->b + p * K * NR;                                                                                \
    float *c = g->c + m0 * N + p * NR;                                                                                          \
    if (left > NR - 16) {                                                                                              \
      for (i64 i = t0; i < MIN(t1, extra); i++) WIDE((int)base + 1, K, a + i * (base + 1) * K, K, b, c + i * (base + 1) * N, N, left, 1, 1, 0); \
      for (i64 i = MAX(t0, extra); i < t1; i++) WIDE((int)base, K, a + (i * base + extra) * K, K, b, c + (i * base + extra) * N, N, left, 1, 1, 0); \
    } else {                                                                                                           \
      for (i64 i = t0; i < MIN(t1, extra); i++) NARROW((int)base + 1, K, a + i * (base + 1) * K, K, b, c + i * (base + 1) * N, N, left, 1, 1, 0); \
      for (i64 i = MAX(t0, extra); i < t1; i++) NARROW((int)base, K, a + (i * base + extra) * K, K, b, c + (i * base + extra) * N, N, left, 1, 1, 0); \
    }                                                                                                                  \
  }
static void sym(void *v, int t, int nt) { arg *g = v; i64 M = g->M, N = g->N, K = g->K; BODY(s32, s16, 12, 32) }
static void sym48(void *v, int t, int nt) { arg *g = v; i64 M = g->M, N = g->N, K = g->K; BODY(s48, s48, 8, 48) }
static void sym16(void *v, int t, int nt) { arg *g = v; i64 M = g->M, N = g->N, K = g->K; BODY(w16, w16, 14, 16) }

// M, N, K: every distinct 1x1 convolution of efficientnet-lite0 at 224 x 224 (M = height * width), then 1024^3
#define SHAPES(X) X(12544, 16, 32) X(12544, 96, 16) X(3136, 24, 96) X(3136, 144, 24) X(784, 40, 144) \
  X(784, 240, 40) X(196, 80, 240) X(196, 480, 80) X(196, 112, 480) X(196, 672, 112) X(49, 192, 672) X(49, 1152, 192)    \
  X(49, 320, 1152) X(49, 1280, 320) X(1024, 1024, 1024)
#define CONST(M_, N_, K_) \
  static void c_##M_##_##N_##_##K_(void *v, int t, int nt) { arg *g = v; const i64 M = M_, N = N_, K = K_; BODY(k32, k16, 12, 32) }
SHAPES(CONST)

// Pack into panels of NR; with narrow, a last panel of <= 16 columns is [K][16].
static float *panels(const float *b, i64 K, i64 N, i64 NR, int narrow) {
  i64 full = N / NR, left = N % NR;
  float *p = pack(b, K, N, NR);
  if (narrow && left && left <= NR - 16)
    for (i64 k = 0; k < K; k++) for (i64 c = 0; c < 16; c++) p[full * K * NR + k * 16 + c] = c < left ? b[k * N + full * NR + c] : 0;
  return p;
}
static void shape(i64 M, i64 N, i64 K, job constant) {
  float *a = buffer(M * K), *b = buffer(K * N), *c = buffer(M * N), *w = buffer(M * N);
  job f[] = {sym, constant, sym48, sym16};
  float *bp[] = {panels(b, K, N, 32, 1), 0, panels(b, K, N, 48, 0), panels(b, K, N, 16, 0)};
  bp[1] = bp[0];
  if (M < 1024 || K < 1024) naive_matmul(a, K, b, w, M, N, K);
  double flop = 2.0 * M * N * K, us[4][3], by[3];
  for (int i = 0; i < 4; i++) {
    arg g = {M, N, K, 0, a, bp[i], c};
    us[i][1] = best(f[i], &g, 1) * 1e6;
    if (M < 1024 || K < 1024) check("product", c, w, M * N);
    for (g.cols = 0, us[i][2] = 1e9; g.cols < 3; g.cols++) {
      double d = best(f[i], &g, 2) * 1e6;
      if (M < 1024 || K < 1024) check("product", c, w, M * N);
      if (i == 0) by[g.cols] = d;
      if (d < us[i][2]) us[i][2] = d;
    }
  }
  printf("%5ld %5ld %5ld", M, N, K);
  for (int n = 1; n <= 2; n++) {
    printf(" |");
    for (int i = 0; i < 4; i++) printf(" %8.1f", us[i][n]);
    printf(" %4.0f%% %5.2f", flop / us[0][n] / 10 / peak_gflops[n], us[0][n] / us[1][n]);
  }
  printf(" | %8.1f %8.1f %8.1f\n", by[0], by[1], by[2]); fflush(stdout);
  free(a); free(b); free(c); free(w); free(bp[0]); free(bp[2]); free(bp[3]);
}
int main(int argc, char **argv) {
  if (argc > 1) budget = atof(argv[1]);
  puts("microseconds      | 1 thread                                        | 2 threads                                       | sym, 2 threads, dividing");
  puts("    M     N     K |      sym    const     8x48    14x16 peak ratio |      sym    const     8x48    14x16 peak ratio |     rows  columns     flat");
#define RUN(M, N, K) shape(M, N, K, c_##M##_##N##_##K);
  SHAPES(RUN)
  return 0;
}
