// Experiment 1c: an LSTM step, hidden 128, batch 1. The input's share x_t W + b is one matmul over all steps beforehand; a step
// is h R (128 x 512) and the gates. R is packed [H/16][K][gate][16], so that a panel's accumulators are the four gates of the
// same sixteen units and the cell update happens on registers (tile fusion). Also plain M = 1 products, bound by reading B.
#include "common.h"
#include "vmath.h"
enum { H = 128, STEPS = 100 };
typedef struct { const float *r, *rp, *gx; float *h, *c, *out, *g; int width; } arg;

// WIDE panels at a time: one gives 4 accumulators, two give 8.
#define GATES(u, i, o, f, z)                                                                \
  { v16 cc = FMA(vsigmoid(f), LD(c + (u)), vsigmoid(i) * vtanh(z));                          \
    ST(c + (u), cc); ST(to + (u), vsigmoid(o) * vtanh(cc)); }
KERNEL void step1(const float *gx, const float *from, const float *rp, float *c, float *to, i64 u0, i64 u1) {
  for (i64 u = u0; u < u1; u += 16) {
    const float *p = rp + u * H * 4;
    v16 i = LD(gx + u), o = LD(gx + H + u), f = LD(gx + 2 * H + u), z = LD(gx + 3 * H + u);
    for (i64 k = 0; k < H; k++, p += 64) {
      v16 x = SPLAT(from[k]);
      i = FMA(x, LD(p), i); o = FMA(x, LD(p + 16), o); f = FMA(x, LD(p + 32), f); z = FMA(x, LD(p + 48), z);
    }
    GATES(u, i, o, f, z)
  }
}
KERNEL void step2(const float *gx, const float *from, const float *rp, float *c, float *to, i64 u0, i64 u1) {
  for (i64 u = u0; u < u1; u += 32) {
    const float *p = rp + u * H * 4, *q = p + H * 64;
    v16 i = LD(gx + u), o = LD(gx + H + u), f = LD(gx + 2 * H + u), z = LD(gx + 3 * H + u);
    v16 i2 = LD(gx + u + 16), o2 = LD(gx + H + u + 16), f2 = LD(gx + 2 * H + u + 16), z2 = LD(gx + 3 * H + u + 16);
    for (i64 k = 0; k < H; k++, p += 64, q += 64) {
      v16 x = SPLAT(from[k]);
      i = FMA(x, LD(p), i); o = FMA(x, LD(p + 16), o); f = FMA(x, LD(p + 32), f); z = FMA(x, LD(p + 48), z);
      i2 = FMA(x, LD(q), i2); o2 = FMA(x, LD(q + 16), o2); f2 = FMA(x, LD(q + 32), f2); z2 = FMA(x, LD(q + 48), z2);
    }
    GATES(u, i, o, f, z) GATES(u + 16, i2, o2, f2, z2)
  }
}
static void steps(void *v, int t, int nt) {
  arg *g = v;
  i64 a = H * t / nt, b = H * (t + 1) / nt;
  for (i64 i = a; i < b; i++) g->c[i] = 0;
  barrier(t, nt);
  for (i64 s = 0; s < STEPS; s++) {
    const float *from = s ? g->out + (s - 1) * H : g->h;
    (g->width == 1 ? step1 : step2)(g->gx + s * 4 * H, from, g->rp, g->c, g->out + s * H, a, b);
    barrier(t, nt);
  }
}
static void unfused(void *v, int t, int nt) {  // product, then gates, weights [K][4H]
  arg *g = v;
  i64 a = H * t / nt, b = H * (t + 1) / nt;
  for (i64 i = a; i < b; i++) g->c[i] = 0;
  barrier(t, nt);
  for (i64 s = 0; s < STEPS; s++) {
    const float *from = s ? g->out + (s - 1) * H : g->h, *gx = g->gx + s * 4 * H;
    for (i64 j = 4 * a; j < 4 * b; j += 16) {
      v16 x = LD(gx + j);
      for (i64 k = 0; k < H; k++) x = FMA(SPLAT(from[k]), LD(g->r + k * 4 * H + j), x);
      ST(g->g + j, x);
    }
    barrier(t, nt);
    float *c = g->c, *to = g->out + s * H;
    for (i64 u = a; u < b; u += 16) GATES(u, LD(g->g + u), LD(g->g + H + u), LD(g->g + 2 * H + u), LD(g->g + 3 * H + u))
    barrier(t, nt);
  }
}
// M = 1: V vectors of B per k. B is packed [N/(16 V)][K][16 V].
#define GEMV(V, A, S, D)                                                                    \
  KERNEL void gemv##V(i64 K, const float *a, const float *b, float *c, i64 p0, i64 p1) {     \
    for (i64 p = p0; p < p1; p++) {                                                          \
      const float *q = b + p * K * V * 16;                                                   \
      D                                                                                      \
      for (i64 k = 0; k < K; k++, q += V * 16) { v16 x = SPLAT(a[k]); A }                    \
      S                                                                                      \
    }                                                                                        \
  }
#define D_(j) v16 s##j = {0};
#define A_(j) s##j = FMA(x, LD(q + 16 * j), s##j);
#define S_(j) ST(c + (p * NV_ + j) * 16, s##j);
#define L2(X) X(0) X(1)
#define L4(X) L2(X) X(2) X(3)
#define L8(X) L4(X) X(4) X(5) X(6) X(7)
#define NV_ 2
GEMV(2, L2(A_), L2(S_), L2(D_))
#undef NV_
#define NV_ 4
GEMV(4, L4(A_), L4(S_), L4(D_))
#undef NV_
#define NV_ 8
GEMV(8, L8(A_), L8(S_), L8(D_))
// The same with panels of 32, as packed for larger M: two panels, hence two streams, at a time.
KERNEL void gemv22(i64 K, const float *a, const float *b, float *c, i64 p0, i64 p1) {
  for (i64 p = p0; p < p1; p += 2) {
    const float *q = b + p * K * 32, *r = p + 1 < p1 ? q + K * 32 : q;
    v16 s0 = {0}, s1 = {0}, s2 = {0}, s3 = {0};
    for (i64 k = 0; k < K; k++, q += 32, r += 32) { v16 x = SPLAT(a[k]); s0 = FMA(x, LD(q), s0); s1 = FMA(x, LD(q + 16), s1); s2 = FMA(x, LD(r), s2); s3 = FMA(x, LD(r + 16), s3); }
    ST(c + p * 32, s0); ST(c + p * 32 + 16, s1);
    if (p + 1 < p1) { ST(c + p * 32 + 32, s2); ST(c + p * 32 + 48, s3); }
  }
}
typedef struct { i64 K, N, V; const float *a, *b; float *c; } gv;
static void gemv(void *v, int t, int nt) {
  gv *g = v;
  i64 P = g->N / ((g->V == 3 ? 2 : g->V) * 16);
  (g->V == 3 ? gemv22 : g->V == 2 ? gemv2 : g->V == 4 ? gemv4 : gemv8)(g->K, g->a, g->b, g->c, P * t / nt, P * (t + 1) / nt);
}
typedef struct { const float *x; float *o; i64 n; } rd;
static void read_all(void *v, int t, int nt) {  // what reading alone costs
  rd *g = v;
  v16 s0 = {0}, s1 = {0}, s2 = {0}, s3 = {0};
  for (i64 i = g->n / 64 * t / nt * 64; i < g->n / 64 * (t + 1) / nt * 64; i += 64) { s0 += LD(g->x + i); s1 += LD(g->x + i + 16); s2 += LD(g->x + i + 32); s3 += LD(g->x + i + 48); }
  ST(g->o + 16 * t, s0 + s1 + s2 + s3);
}
int main(int argc, char **argv) {
  if (argc > 1) budget = atof(argv[1]);
  float *r = buffer(H * 4 * H), *rp = buffer(H * 4 * H), *gx = buffer(STEPS * 4 * H), *want = buffer(STEPS * H);
  for (i64 i = 0; i < H * 4 * H; i++) r[i] *= 0.1f;
  for (i64 u = 0; u < H; u++) for (i64 k = 0; k < H; k++) for (i64 q = 0; q < 4; q++) rp[((u / 16 * H + k) * 4 + q) * 16 + u % 16] = r[k * 4 * H + q * H + u];
  arg g = {r, rp, gx, buffer(H), buffer(H), buffer(STEPS * H), buffer(4 * H), 1};
  double c[H] = {0};
  for (i64 s = 0; s < STEPS; s++) for (i64 u = 0; u < H; u++) {
    double p[4];
    for (int q = 0; q < 4; q++) { p[q] = gx[s * 4 * H + q * H + u]; for (i64 k = 0; k < H; k++) p[q] += (s ? want[(s - 1) * H + k] : g.h[k]) * r[k * 4 * H + q * H + u]; }
    c[u] = c[u] / (1 + exp(-p[2])) + tanh(p[3]) / (1 + exp(-p[0]));
    want[s * H + u] = (float)(tanh(c[u]) / (1 + exp(-p[1])));
  }
  double bytes = H * 4 * H * 4;
  puts("LSTM, hidden 128, per step         1 thread                2 threads");
  struct { const char *n; job f; int w; } v[] = {{"fused, 4 accumulators", steps, 1}, {"fused, 8 accumulators", steps, 2}, {"product, then gates", unfused, 0}};
  for (int i = 0; i < 3; i++) {
    g.width = v[i].w;
    double t1 = best(v[i].f, &g, 1) / STEPS; check(v[i].n, g.out, want, STEPS * H);
    double t2 = best(v[i].f, &g, 2) / STEPS; check(v[i].n, g.out, want, STEPS * H);
    printf("%-30s %7.2f us %6.1f GB/s    %7.2f us %6.1f GB/s\n", v[i].n, t1 * 1e6, bytes / t1 * 1e-9, t2 * 1e6, bytes / t2 * 1e-9);
  }
  puts("M = 1 products                     GB/s, 1 thread           2 threads   (panels of 32, two of 32 at once, 64, 128; reading alone)");
  i64 shape[][2] = {{128, 512}, {384, 1536}, {320, 1280}, {1280, 1024}, {4096, 4096}};
  for (int i = 0; i < 5; i++) {
    i64 K = shape[i][0], N = shape[i][1];
    float *b = buffer(K * N), *a = buffer(K), *o = buffer(N);
    printf("%5ld x %-5ld %6.1f MB   ", K, N, K * N * 4e-6);
    for (int nt = 1; nt <= 2; nt++) {
      for (i64 V = 2; V <= 8; V = V < 4 ? V + 1 : V * 2) { gv q = {K, N, V, a, b, o}; printf(" %6.1f", K * N * 4e-9 / best(gemv, &q, nt)); }
      rd q = {b, o, K * N};
      printf(" %6.1f   ", K * N * 4e-9 / best(read_all, &q, nt));
    }
    puts(""); free(b); free(a); free(o);
  }
  return 0;
}
