// Experiment 1b: inverted-residual blocks of efficientnet-lite0, channels last: expand 1x1, depthwise KxK, project 1x1.
//   dw         the depthwise kernel alone, image in, image out: rows outermost, or blocks of 32 or 64 channels outermost;
//   dw, scratch  its input in panels of 32 channels near the core: the rate of the kernel itself
//   unfused    three kernels, a barrier after each; hidden tensors go through memory
//   dw+project band: one row of depthwise output stays in scratch and is projected at once
//   row band   band: all three; expanded rows live in a ring of K rows (+ halo columns) per thread; halo rows recomputed
//   channels   expand + depthwise per panel of 32 channels (image of 32 channels in scratch, halo columns), barrier, project
#include "common.h"
#include "vmath.h"
#define RELU6(v) VMIN(VMAX(v, (v16){0}), SPLAT(6.f))
#define NAME mm6
#define MR 12
#define NV 2
#define EPI(v, n) RELU6((v) + LD(bias + (n)))
#include "tile.h"
#define NAME mm6n
#define MR 12
#define NV 1
#define EPI(v, n) RELU6((v) + LD(bias + (n)))
#include "tile.h"
#define NAME mm0
#define MR 12
#define NV 2
#define EPI(v, n) ((v) + LD(bias + (n)))
#include "tile.h"
#define NAME mm0n
#define MR 12
#define NV 1
#define EPI(v, n) ((v) + LD(bias + (n)))
#include "tile.h"
#define NAME dw31
#define K 3
#define S 1
#include "dw.h"
#define NAME dw32
#define K 3
#define S 2
#include "dw.h"
#define NAME dw51
#define K 5
#define S 1
#include "dw.h"
#define NAME dw52
#define K 5
#define S 2
#include "dw.h"

typedef struct { i64 H, W, I, C, O, K, S, OH, OW, how; const float *x, *w1, *b1, *wd, *bd, *w2, *b2; float *h, *d, *y, *scratch[2]; } arg;
typedef void (*tile)(int, i64, const float *, i64, const float *, float *, i64, i64, int, int, const float *);
typedef void (*dwf)(const float *, const i64 *, i64, i64, i64, i64, i64, const float *, const float *, float *, i64, i64, i64, i64, int, int);

// Rows m0..m1, panels p0..p1; a last panel of at most 16 columns is 16 wide.
INLINE void matmul(tile wide, tile narrow, i64 m0, i64 m1, i64 N, i64 K, const float *a, const float *b, float *c, i64 ldc, const float *bias, i64 p0, i64 p1) {
  i64 M = m1 - m0, T = (M + 11) / 12;
  for (i64 p = p0; p < p1; p++)
    for (i64 i = 0, r = m0; i < T; i++) {
      i64 h = M / T + (i < M % T), left = N - p * 32;
      (left > 16 ? wide : narrow)((int)h, K, a + r * K, K, b + p * K * 32, c + r * ldc + p * 32, ldc, left, 1, 1, bias + p * 32);
      r += h;
    }
}
KERNEL void expand(i64 m0, i64 m1, i64 N, i64 K, const float *a, const float *b, float *c, i64 ldc, const float *bias, i64 p0, i64 p1) { matmul(mm6, mm6n, m0, m1, N, K, a, b, c, ldc, bias, p0, p1); }
KERNEL void project(i64 m0, i64 m1, i64 N, i64 K, const float *a, const float *b, float *c, i64 ldc, const float *bias, i64 p0, i64 p1) { matmul(mm0, mm0n, m0, m1, N, K, a, b, c, ldc, bias, p0, p1); }
static dwf pick(arg *g) { return g->K == 3 ? (g->S == 1 ? dw31 : dw32) : g->S == 1 ? dw51 : dw52; }

// One depthwise row from an image without halo.
static void dw_row(arg *g, i64 oh, float *out, i64 c0, i64 c1) {
  i64 top = oh * g->S - g->K / 2, kh0 = MAX(0, -top), kh1 = MIN(g->K, g->H - top), rows[5];
  for (i64 k = kh0; k < kh1; k++) rows[k] = (top + k) * g->W * g->C;
  pick(g)(g->h, rows, kh0, kh1, g->W, g->C, g->C, g->wd, g->bd, out, g->OW, g->C, c0, c1, 0, 0);
}
static void split(i64 n, int t, int nt, i64 *a, i64 *b) { *a = n * t / nt; *b = n * (t + 1) / nt; }
// Blocks of CB channels outermost, so that K rows of a block stay in L1 and each line comes from L2 once, not K times.
INLINE void dw_blocks(arg *g, int t, int nt, i64 CB) {
  i64 a = 0, b = g->OH, c0 = 0, c1 = (g->C + CB - 1) / CB;
  if (g->OH >= 16 * nt) split(g->OH, t, nt, &a, &b); else split(c1, t, nt, &c0, &c1);  // few rows: divide channels
  for (i64 c = c0; c < c1; c++)
    for (i64 oh = a; oh < b; oh++) dw_row(g, oh, g->d + oh * g->OW * g->C, c * CB, MIN(g->C, (c + 1) * CB));
}
static void dw_all(void *v, int t, int nt) { arg *g = v; i64 a, b; split(g->OH, t, nt, &a, &b); for (i64 oh = a; oh < b; oh++) dw_row(g, oh, g->d + oh * g->OW * g->C, 0, g->C); }
static void dw_32(void *v, int t, int nt) { dw_blocks(v, t, nt, 32); }
static void dw_64(void *v, int t, int nt) { dw_blocks(v, t, nt, 64); }
static void project_all(arg *g, int t, int nt) {
  // (panel, tile) flattened panel-major and divided equally: balanced whatever the panel count
  i64 M = g->OH * g->OW, T = (M + 11) / 12, P = (g->O + 31) / 32, u0, u1;
  split(T * P, t, nt, &u0, &u1);
  for (i64 u = u0; u < u1; u++) {
    i64 p = u / T, i = u % T, h = M / T + (i < M % T), r = i * (M / T) + MIN(i, M % T), left = g->O - p * 32;
    (left > 16 ? mm0 : mm0n)((int)h, g->C, g->d + r * g->C, g->C, g->w2 + p * g->C * 32, g->y + r * g->O + p * 32, g->O, left, 1, 1, g->b2 + p * 32);
  }
}
static void unfused(void *v, int t, int nt) {
  arg *g = v; i64 a, b;
  split(g->H * g->W, t, nt, &a, &b);
  expand(a, b, g->C, g->I, g->x, g->w1, g->h, g->C, g->b1, 0, (g->C + 31) / 32);
  barrier(t, nt);
  dw_32(v, t, nt);
  barrier(t, nt);
  project_all(g, t, nt);
}
static void dw_project(void *v, int t, int nt) {  // expand as before; depthwise and project share a band of one row
  arg *g = v; i64 a, b;
  split(g->H * g->W, t, nt, &a, &b);
  expand(a, b, g->C, g->I, g->x, g->w1, g->h, g->C, g->b1, 0, (g->C + 31) / 32);
  barrier(t, nt);
  split(g->OH, t, nt, &a, &b);
  for (i64 oh = a; oh < b; oh++) {
    dw_row(g, oh, g->scratch[t], 0, g->C);
    project(0, g->OW, g->O, g->C, g->scratch[t], g->w2, g->y + oh * g->OW * g->O, g->O, g->b2, 0, (g->O + 31) / 32);
  }
}
static void row_band(void *v, int t, int nt) {
  arg *g = v; i64 a, b, h = g->K / 2, RW = (g->W + 2 * h) * g->C, P = (g->C + 31) / 32;
  float *ring = g->scratch[t] + g->OW * g->C + 64, *line = g->scratch[t];
  split(g->OH, t, nt, &a, &b);
  if (g->how == 0) {  // halo columns, once per call
    for (i64 r = 0; r < g->K; r++) { memset(ring + r * RW, 0, (size_t)(h * g->C) * 4); memset(ring + r * RW + (h + g->W) * g->C, 0, (size_t)(h * g->C) * 4); }
  }
  for (i64 oh = a, ready = MAX(0, a * g->S - h); oh < b; oh++) {
    i64 top = oh * g->S - h, kh0 = MAX(0, -top), kh1 = MIN(g->K, g->H - top), rows[5];
    for (; ready < top + kh1; ready++)
      expand(0, g->W, g->C, g->I, g->x + ready * g->W * g->I, g->w1, ring + ready % g->K * RW + h * g->C, g->C, g->b1, 0, P);
    for (i64 k = kh0; k < kh1; k++) rows[k] = (top + k) % g->K * RW;
    pick(g)(ring, rows, kh0, kh1, g->W, g->C, g->C, g->wd, g->bd, line, g->OW, g->C, 0, g->C, 1, 0);
    project(0, g->OW, g->O, g->C, line, g->w2, g->y + oh * g->OW * g->O, g->O, g->b2, 0, (g->O + 31) / 32);
  }
}
static void channels(void *v, int t, int nt) {
  arg *g = v; i64 a, b, h = g->K / 2, WP = g->W + 2 * h, P = (g->C + 31) / 32;
  float *s = g->scratch[t];
  split(P, t, nt, &a, &b);
  for (i64 r = 0; r < g->H; r++) { memset(s + r * WP * 32, 0, (size_t)h * 128); memset(s + (r * WP + h + g->W) * 32, 0, (size_t)h * 128); }
  for (i64 p = a; p < b; p++) {
    i64 c1 = MIN(g->C, p * 32 + 32);
    for (i64 r = 0; r < g->H; r++)
      expand(0, g->W, g->C, g->I, g->x + r * g->W * g->I, g->w1, s + (r * WP + h) * 32 - p * 32, 32, g->b1, p, p + 1);
    for (i64 oh = 0; oh < g->OH; oh++) {
      i64 top = oh * g->S - h, kh0 = MAX(0, -top), kh1 = MIN(g->K, g->H - top), rows[5];
      for (i64 k = kh0; k < kh1; k++) rows[k] = (top + k) * WP * 32;
      pick(g)(s, rows, kh0, kh1, g->W, g->C, 32, g->wd, g->bd, g->d + oh * g->OW * g->C, g->OW, g->C, p * 32, c1, 1, 1);
    }
  }
  barrier(t, nt);
  project_all(g, t, nt);
}
// Depthwise over the panels in scratch, without the matmuls: the arithmetic rate of the kernel when its input is near.
static void panel_dw(void *v, int t, int nt) {
  arg *g = v; i64 a, b, h = g->K / 2, WP = g->W + 2 * h;
  split((g->C + 31) / 32, t, nt, &a, &b);
  for (i64 p = a; p < b; p++)
    for (i64 oh = 0; oh < g->OH; oh++) {
      i64 top = oh * g->S - h, kh0 = MAX(0, -top), kh1 = MIN(g->K, g->H - top), rows[5];
      for (i64 k = kh0; k < kh1; k++) rows[k] = (top + k) * WP * 32;
      pick(g)(g->scratch[t], rows, kh0, kh1, g->W, g->C, 32, g->wd, g->bd, g->d + oh * g->OW * g->C, g->OW, g->C, p * 32, MIN(g->C, p * 32 + 32), 1, 1);
    }
}
static float *panels(const float *b, i64 k, i64 n) {
  float *p = pack(b, k, n, 32);
  i64 full = n / 32, left = n % 32;
  if (left && left <= 16) for (i64 i = 0; i < k; i++) for (i64 c = 0; c < 16; c++) p[full * k * 32 + i * 16 + c] = c < left ? b[i * n + full * 32 + c] : 0;
  return p;
}
static void show(const char *what, job f, arg *g, double flop) {
  double t1 = best(f, g, 1) * 1e6, t2 = best(f, g, 2) * 1e6;
  printf("  %-12s %8.1f %4.0f%%  %8.1f %4.0f%%", what, t1, flop / t1 / 245e1, t2, flop / t2 / 480e1);
  puts(""); fflush(stdout);
}
static void block(i64 H, i64 I, i64 C, i64 O, i64 K, i64 S) {
  i64 W = H, OH = (H + S - 1) / S, OW = OH, h = K / 2;
  float *w1 = buffer(I * C), *w2 = buffer(C * O);
  for (i64 i = 0; i < I * C; i++) w1[i] *= 0.3f;
  i64 ns = (W + 2 * h) * MAX(K * C, 32 * H) + OW * C + 4096;
  arg g = {H, W, I, C, O, K, S, OH, OW, 0, buffer(H * W * I), panels(w1, I, C), buffer(C), buffer(K * K * C), buffer(C), panels(w2, C, O), buffer(O),
           buffer(H * W * C), buffer(OH * OW * C), buffer(OH * OW * O), {buffer(ns), buffer(ns)}};
  double dflop = 2.0 * OH * OW * C * K * K, flop = dflop + 2.0 * H * W * I * C + 2.0 * OH * OW * C * O;
  printf("%ldx%ld %ld->%ld->%ld %ldx%ld s%ld: %.1f Mflop, depthwise %.1f   us, %% of peak: 1 thread, 2 threads\n", H, W, I, C, O, K, K, S, flop * 1e-6, dflop * 1e-6);
  show("dw, rows", dw_all, &g, dflop); show("dw, 32 ch", dw_32, &g, dflop); show("dw, 64 ch", dw_64, &g, dflop); show("dw, scratch", panel_dw, &g, dflop);
  show("unfused", unfused, &g, flop);
  float *want = buffer(OH * OW * O), *hh = buffer(H * W * C), *dd = buffer(OH * OW * C);
  naive_matmul(g.x, I, w1, hh, H * W, C, I);
  for (i64 i = 0; i < H * W * C; i++) hh[i] = fminf(fmaxf(hh[i] + g.b1[i % C], 0), 6);
  for (i64 y = 0; y < OH; y++) for (i64 x = 0; x < OW; x++) for (i64 c = 0; c < C; c++) {
    float s = g.bd[c];
    for (i64 i = 0; i < K; i++) for (i64 j = 0; j < K; j++) { i64 r = y * S + i - h, q = x * S + j - h; if (r >= 0 && r < H && q >= 0 && q < W) s += hh[(r * W + q) * C + c] * g.wd[(i * K + j) * C + c]; }
    dd[(y * OW + x) * C + c] = fminf(fmaxf(s, 0), 6);
  }
  naive_matmul(dd, C, w2, want, OH * OW, O, C);
  for (i64 i = 0; i < OH * OW * O; i++) want[i] += g.b2[i % O];
  check("unfused", g.y, want, OH * OW * O);
  struct { const char *n; job f; } v[] = {{"dw+project", dw_project}, {"row band", row_band}, {"channels", channels}};
  for (int i = 0; i < 3; i++) { memset(g.y, 0, (size_t)(OH * OW * O) * 4); show(v[i].n, v[i].f, &g, flop); check(v[i].n, g.y, want, OH * OW * O); }
}
int main(int argc, char **argv) {
  if (argc > 1) budget = atof(argv[1]);
  block(112, 16, 96, 24, 3, 2);
  block(56, 24, 144, 24, 3, 1);
  block(56, 24, 144, 40, 5, 2);
  block(28, 40, 240, 40, 5, 1);
  block(14, 80, 480, 80, 3, 1);
  block(14, 112, 672, 112, 5, 1);
  block(7, 192, 1152, 192, 5, 1);
  return 0;
}
