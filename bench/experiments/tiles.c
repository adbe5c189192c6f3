// Which register tile, which K block, does packing A pay? C[M][N] = A[M][K] B with B packed beforehand.
#include "common.h"
#define NAME t12x32
#define MR 12
#define NV 2
#include "tile.h"
#define NAME t12x32n
#define MR 12
#define NV 2
#define PREFETCH 0
#include "tile.h"
#define NAME t12x32f
#define MR 12
#define NV 2
#define PREFETCH 24
#include "tile.h"
#define NAME t12x32p
#define MR 12
#define NV 2
#define PACKED
#include "tile.h"
#define NAME t14x32
#define MR 14
#define NV 2
#include "tile.h"
#define NAME t8x48
#define MR 8
#define NV 3
#include "tile.h"
#define NAME t6x64
#define MR 6
#define NV 4
#include "tile.h"
#define NAME t14x16
#define MR 14
#define NV 1
#include "tile.h"
#define NAME t6x32
#define MR 6
#define NV 2
#include "tile.h"

// The whole product, for one thread: panels outermost, K in blocks of KC, rows in equal tiles of at most MR (49 rows are
// 10+10+10+10+9, not 12+12+12+12+1). A thread owns tiles [t0, t1) and panels [p0, p1); heights depend on M alone.
#define DRIVER(NAME, MR, NR, PACK)                                                                                     \
  KERNEL void NAME##_mm(i64 M, i64 N, i64 K, const float *a, i64 lda, const float *b, float *c, i64 ldc, i64 KC, i64 t0, \
                        i64 t1, i64 p0, i64 p1, const float *bias) {                                                   \
    i64 T = (M + MR - 1) / MR, base = M / T, extra = M % T;                                                            \
    for (i64 k = 0; k < K; k += KC)                                                                                    \
      for (i64 p = p0; p < p1; p++)                                                                                    \
        for (i64 i = t0; i < t1; i++) {                                                                                \
          i64 h = base + (i < extra), r = i * base + MIN(i, extra), kb = MIN(KC, K - k);                               \
          NAME((int)h, kb, PACK ? a + i * MR * K + k * MR : a + r * lda + k, lda, b + (p * K + k) * NR,                \
               c + r * ldc + p * NR, ldc, N - p * NR, k == 0, k + kb >= K, bias);                                      \
        }                                                                                                              \
  }
DRIVER(t12x32, 12, 32, 0)
DRIVER(t12x32n, 12, 32, 0)
DRIVER(t12x32f, 12, 32, 0)
DRIVER(t12x32p, 12, 32, 1)
DRIVER(t14x32, 14, 32, 0)
DRIVER(t8x48, 8, 48, 0)
DRIVER(t6x64, 6, 64, 0)
DRIVER(t14x16, 14, 16, 0)
DRIVER(t6x32, 6, 32, 0)

typedef void (*mm)(i64, i64, i64, const float *, i64, const float *, float *, i64, i64, i64, i64, i64, i64, const float *);
typedef struct { mm f; i64 M, N, K, KC, NR, MR, columns, packed, lda; const float *a; const float *b; float *c; float *ap; } arg;
static void call(void *v, int t, int nt) {
  arg *g = v;
  i64 P = (g->N + g->NR - 1) / g->NR, T = (g->M + g->MR - 1) / g->MR;
  i64 t0 = 0, t1 = T, p0 = 0, p1 = P, base = g->M / T, extra = g->M % T;
  if (g->columns) p0 = P * t / nt, p1 = P * (t + 1) / nt;
  else t0 = T * t / nt, t1 = T * (t + 1) / nt;
  const float *a = g->a;
  if (g->packed) {  // [tile][K][MR], within the call
    for (i64 i = t0; i < t1; i++) for (i64 k = 0; k < g->K; k++) for (i64 r = 0; r < base + (i < extra); r++)
      g->ap[(i * g->K + k) * g->MR + r] = a[(i * base + MIN(i, extra) + r) * g->lda + k];
    a = g->ap;
  }
  g->f(g->M, g->N, g->K, a, g->lda, g->b, g->c, g->N, g->KC, t0, t1, p0, p1, 0);
}
static void row(const char *name, mm f, i64 MR, i64 NR, i64 M, i64 N, i64 K, i64 KC, i64 pad, int packed, int columns) {
  i64 lda = K + pad;
  float *a = buffer(M * lda), *b = buffer(K * N), *c = buffer(M * N), *w = buffer(M * N), *bp = pack(b, K, N, NR), *ap = buffer((M + 16) * K);
  arg g = {f, M, N, K, KC, NR, MR, columns, packed, lda, a, bp, c, ap};
  double t1 = best(call, &g, 1), t2 = best(call, &g, 2), flop = 2.0 * M * N * K;
  if (M * N * K < 300000000) { naive_matmul(a, lda, b, w, M, N, K); check(name, c, w, M * N); }
  printf("%5ld %5ld %5ld  %-9s %5ld %4ld %s %s  %8.1f us %6.1f GF %3.0f%%   %8.1f us %6.1f GF %3.0f%%\n", M, N, K, name, KC, pad,
         packed ? "pack" : "    ", columns ? "cols" : "rows", t1 * 1e6, flop / t1 * 1e-9, flop / t1 * 1e-7 / 245, t2 * 1e6, flop / t2 * 1e-9, flop / t2 * 1e-7 / 480);
  fflush(stdout);
  free(a); free(b); free(c); free(w); free(bp); free(ap);
}
#define ALL(M, N, K, KC, pad, columns) \
  row("12x32", t12x32_mm, 12, 32, M, N, K, KC, pad, 0, columns), row("prefetch0", t12x32n_mm, 12, 32, M, N, K, KC, pad, 0, columns), \
  row("prefet.24", t12x32f_mm, 12, 32, M, N, K, KC, pad, 0, columns), \
  row("14x32", t14x32_mm, 14, 32, M, N, K, KC, pad, 0, columns), row("8x48", t8x48_mm, 8, 48, M, N, K, KC, pad, 0, columns), \
  row("6x64", t6x64_mm, 6, 64, M, N, K, KC, pad, 0, columns), row("14x16", t14x16_mm, 14, 16, M, N, K, KC, pad, 0, columns), \
  row("6x32", t6x32_mm, 6, 32, M, N, K, KC, pad, 0, columns)
int main(int argc, char **argv) {
  if (argc > 1) budget = atof(argv[1]);
  puts("    M     N     K  tile         KC  pad                1 thread                       2 threads");
  for (i64 K = 2048; K <= 8192; K *= 2) {  // panels of 256 KB to 1 MB; rows 8 KB to 32 KB apart; short enough to time undisturbed
    for (i64 KC = 512; KC <= K; KC *= 2) {
      row("12x32", t12x32_mm, 12, 32, 96, 256, K, KC, 0, 0, 1);
      row("12x32", t12x32_mm, 12, 32, 96, 256, K, KC, 16, 0, 1);
      row("12x32p", t12x32p_mm, 12, 32, 96, 256, K, KC, 0, 1, 0);
    }
    puts("");
  }
  ALL(128, 1536, 384, 384, 0, 0); row("12x32", t12x32_mm, 12, 32, 128, 1536, 384, 384, 0, 0, 1); puts("");
  ALL(128, 384, 1536, 1536, 0, 0); row("12x32", t12x32_mm, 12, 32, 128, 384, 1536, 1536, 0, 0, 1);
  row("12x32", t12x32_mm, 12, 32, 128, 384, 1536, 384, 0, 0, 1); puts("");
  for (i64 M = 1; M <= 16; M += 1 + (M > 7) * 3) {  // few rows: bound by reading B, divided by columns
    row("12x32", t12x32_mm, 12, 32, M, 1280, 320, 320, 0, 0, 1);
    row("6x64", t6x64_mm, 6, 64, M, 1280, 320, 320, 0, 0, 1);
  }
  puts("");
  ALL(1024, 1024, 1024, 1024, 0, 0); puts("");
  for (i64 KC = 256; KC <= 1024; KC *= 2) {
    row("12x32", t12x32_mm, 12, 32, 1024, 1024, 1024, KC, 0, 0, 0);
    row("12x32", t12x32_mm, 12, 32, 1024, 1024, 1024, KC, 16, 0, 0);
    row("12x32p", t12x32p_mm, 12, 32, 1024, 1024, 1024, KC, 0, 1, 0);
  }
  return 0;
}
