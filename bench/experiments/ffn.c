// Experiment 1a: the feed-forward half of a MiniLM layer at 128 tokens, h = gelu(x W1 + b1), y = layer_norm(x + h W2 + b2).
//   tile fusion   bias and erf-GELU on the accumulators, before the only store ("regs"), or over the finished tile in L1
//   band fusion   residual and layer norm after all panels of a thread's own rows: no barrier anywhere ("band")
//   unfused       every op a pass over memory, with a barrier between
#include "common.h"
#include "vmath.h"
#define NAME plain
#define MR 12
#define NV 2
#include "tile.h"
#define NAME gelu_regs
#define MR 12
#define NV 2
#define EPI(v, n) vgelu((v) + LD(bias + (n)))
#include "tile.h"
#define NAME biased
#define MR 12
#define NV 2
#define EPI(v, n) ((v) + LD(bias + (n)))
#include "tile.h"

enum { D = 384, H = 1536 };
typedef struct { i64 M; const float *x, *w1, *b1, *w2, *b2, *gamma, *beta; float *h, *y, *z; int how; } arg;
typedef void (*tile)(int, i64, const float *, i64, const float *, float *, i64, i64, int, int, const float *);

KERNEL void matmul(tile f, i64 M, i64 N, i64 K, const float *a, const float *b, float *c, const float *bias, i64 m0, i64 m1, int after) {
  M = m1 - m0;
  i64 T = (M + 11) / 12, base = M / T, extra = M % T;
  for (i64 p = 0; p < (N + 31) / 32; p++)
    for (i64 i = 0, r = m0, h; i < T; i++, r += h) {
      h = base + (i < extra);
      float *o = c + r * N + p * 32;
      f((int)h, K, a + r * K, K, b + p * K * 32, o, N, N - p * 32, 1, 1, bias + p * 32);
      if (after)  // GELU over the tile just stored, still in L1
        for (i64 q = 0; q < h; q++) for (i64 j = 0; j < 32; j += 16) ST(o + q * N + j, vgelu(LD(o + q * N + j)));
    }
}
// Two passes over a row in L1, four accumulators; mean first, then the variance about it.
KERNEL void layer_norm(i64 r0, i64 r1, i64 N, const float *x, const float *y, float *z, const float *gamma, const float *beta) {
  for (i64 r = r0; r < r1; r++) {
    const float *a = x + r * N, *b = y + r * N;
    float *c = z + r * N;
    v16 s0 = {0}, s1 = {0}, s2 = {0}, s3 = {0};
    for (i64 j = 0; j < N; j += 64) {
      v16 u0 = LD(a + j) + LD(b + j), u1 = LD(a + j + 16) + LD(b + j + 16), u2 = LD(a + j + 32) + LD(b + j + 32), u3 = LD(a + j + 48) + LD(b + j + 48);
      ST(c + j, u0); ST(c + j + 16, u1); ST(c + j + 32, u2); ST(c + j + 48, u3);
      s0 += u0; s1 += u1; s2 += u2; s3 += u3;
    }
    v16 mean = SPLAT(_mm512_reduce_add_ps((__m512)((s0 + s1) + (s2 + s3))) / N);
    s0 = s1 = s2 = s3 = (v16){0};
    for (i64 j = 0; j < N; j += 64) {
      v16 u0 = LD(c + j) - mean, u1 = LD(c + j + 16) - mean, u2 = LD(c + j + 32) - mean, u3 = LD(c + j + 48) - mean;
      s0 = FMA(u0, u0, s0); s1 = FMA(u1, u1, s1); s2 = FMA(u2, u2, s2); s3 = FMA(u3, u3, s3);
    }
    float var = _mm512_reduce_add_ps((__m512)((s0 + s1) + (s2 + s3))) / N;
    v16 scale = SPLAT(1 / sqrtf(var + 1e-12f));
    for (i64 j = 0; j < N; j += 16) ST(c + j, FMA((LD(c + j) - mean) * scale, LD(gamma + j), LD(beta + j)));
  }
}
static void ffn(void *v, int t, int nt) {
  arg *g = v;
  i64 M = g->M, r0 = M * t / nt, r1 = M * (t + 1) / nt;
  if (g->how == 0 || g->how == 1) {
    matmul(g->how == 0 ? gelu_regs : biased, M, H, D, g->x, g->w1, g->h, g->b1, r0, r1, g->how == 1);
    matmul(biased, M, D, H, g->h, g->w2, g->y, g->b2, r0, r1, 0);
    layer_norm(r0, r1, D, g->x, g->y, g->z, g->gamma, g->beta);
  } else {  // every op a kernel of its own, a barrier after each
    matmul(plain, M, H, D, g->x, g->w1, g->h, g->b1, r0, r1, 0);
    barrier(t, nt);
    for (i64 i = M * t / nt * H; i < M * (t + 1) / nt * H; i += 16) ST(g->h + i, LD(g->h + i) + LD(g->b1 + i % H));
    barrier(t, nt);
    for (i64 i = M * t / nt * H; i < M * (t + 1) / nt * H; i += 16) ST(g->h + i, vgelu(LD(g->h + i)));
    barrier(t, nt);
    matmul(plain, M, D, H, g->h, g->w2, g->y, g->b2, r0, r1, 0);
    barrier(t, nt);
    for (i64 i = M * t / nt * D; i < M * (t + 1) / nt * D; i += 16) ST(g->y + i, LD(g->y + i) + LD(g->b2 + i % D));
    barrier(t, nt);
    layer_norm(r0, r1, D, g->x, g->y, g->z, g->gamma, g->beta);
  }
}
static void first(void *v, int t, int nt) {
  arg *g = v;
  tile f[] = {gelu_regs, biased, plain};
  matmul(f[g->how], g->M, H, D, g->x, g->w1, g->h, g->b1, g->M * t / nt, g->M * (t + 1) / nt, g->how == 1);
}
static void second(void *v, int t, int nt) {
  arg *g = v;
  i64 M = g->M, r0 = M * t / nt, r1 = M * (t + 1) / nt;
  matmul(biased, M, D, H, g->h, g->w2, g->y, g->b2, r0, r1, 0);
  if (g->how) layer_norm(r0, r1, D, g->x, g->y, g->z, g->gamma, g->beta);
}
static void show(const char *what, job f, arg *g, double flop) {
  double t1 = best(f, g, 1), t2 = best(f, g, 2);
  printf("%-52s %8.1f us %4.0f%%  %8.1f us %4.0f%%\n", what, t1 * 1e6, flop / t1 * 1e-7 / 245, t2 * 1e6, flop / t2 * 1e-7 / 480);
  fflush(stdout);
}
int main(int argc, char **argv) {
  if (argc > 1) budget = atof(argv[1]);
  for (i64 M = 128; M >= 8; M = M == 128 ? 37 : 0) {
    float *w1 = buffer(D * H), *w2 = buffer(D * H);
    for (i64 i = 0; i < D * H; i++) w1[i] *= 0.1f, w2[i] *= 0.1f;
    arg g = {M, buffer(M * D), pack(w1, D, H, 32), buffer(H), pack(w2, H, D, 32), buffer(D), buffer(D), buffer(D), buffer(M * H), buffer(M * D), buffer(M * D), 0};
    float *h = buffer(M * H), *y = buffer(M * D);
    naive_matmul(g.x, D, w1, h, M, H, D);
    for (i64 i = 0; i < M * H; i++) { double u = h[i] + g.b1[i % H]; h[i] = (float)(u / 2 * (1 + erf(u / sqrt(2)))); }
    naive_matmul(h, H, w2, y, M, D, H);
    for (i64 r = 0; r < M; r++) {
      double m = 0, s = 0;
      for (i64 j = 0; j < D; j++) m += y[r * D + j] = y[r * D + j] + g.b2[j] + g.x[r * D + j];
      m /= D;
      for (i64 j = 0; j < D; j++) s += (y[r * D + j] - m) * (y[r * D + j] - m);
      for (i64 j = 0; j < D; j++) y[r * D + j] = (float)((y[r * D + j] - m) / sqrt(s / D + 1e-12) * g.gamma[j] + g.beta[j]);
    }
    double f = 2.0 * M * D * H;
    printf("M = %-48ld %14s    %14s\n", M, "1 thread", "2 threads");
    g.how = 2; show("x W1", first, &g, f);
    g.how = 0; show("gelu(x W1 + b1), GELU on registers", first, &g, f);
    g.how = 1; show("gelu(x W1 + b1), GELU over the tile in L1", first, &g, f);
    g.how = 0; show("h W2 + b2", second, &g, f);
    g.how = 1; show("layer_norm(x + h W2 + b2), band", second, &g, f);
    const char *names[] = {"whole, tile (registers) + band", "whole, tile (L1) + band", "whole, unfused"};
    for (g.how = 0; g.how < 3; g.how++) {
      memset(g.z, 0, (size_t)(M * D) * 4);
      show(names[g.how], ffn, &g, 2 * f);
      check(names[g.how], g.z, y, M * D);
    }
  }
  return 0;
}
