// Direct convolution, channels last, as the matmul tile: for one kernel row, the taps kw and the channels are one contiguous
// run of KW * Ci floats, in the input and in the packed weights [N/32][KH][KW * Ci][32]. So a tile of pixels is a tile of rows
// with lda = stride * Ci, and the reduction is KH runs. Input rows are copied once into a ring of KH rows per thread with zero
// columns at both ends: no border remains in the kernel, and kh is a clamped range.
// The stem reads a planar image [3][H][W]; its runs are the nine (channel, kh) rows of three taps, and lda is the stride.
#include "common.h"
#include "vmath.h"
#define RELU(v) VMAX(v, (v16){0})
#define NAME wide
#define MR 12
#define NV 2
#define RUNS
#define EPI(v, n) RELU((v) + LD(bias + (n)))
#include "tile.h"
#define NAME slim
#define MR 12
#define NV 1
#define RUNS
#define EPI(v, n) RELU((v) + LD(bias + (n)))
#include "tile.h"

typedef struct { i64 H, W, I, O, KH, KW, S, planar, OH, OW, ring_only; const float *x, *w, *b; float *y, *scratch[2]; } arg;
static void conv(void *v, int t, int nt) {
  arg *g = v;
  i64 KH = g->KH, KW = g->KW, S = g->S, ph = KH / 2, pw = KW / 2, I = g->I, O = g->O, planes = g->planar ? I : 1, ci = g->planar ? 1 : I;
  i64 RW = (g->W + 2 * pw) * ci, run = KW * ci, P = (O + 31) / 32, all = KH * KW * I;
  i64 rows0 = 0, rows1 = g->OH, cols0 = 0, cols1 = g->OW, off[32];
  if (g->OH > 1) rows0 = g->OH * t / nt, rows1 = g->OH * (t + 1) / nt; else cols0 = g->OW * t / nt, cols1 = g->OW * (t + 1) / nt;
  float *ring = g->scratch[t];
  for (i64 r = 0; r < planes * KH; r++) { memset(ring + r * RW, 0, (size_t)(pw * ci) * 4); memset(ring + r * RW + (pw + g->W) * ci, 0, (size_t)(pw * ci) * 4); }
  for (i64 oh = rows0, ready = MAX(0, rows0 * S - ph); oh < rows1; oh++) {
    i64 top = oh * S - ph, kh0 = MAX(0, -top), kh1 = MIN(KH, g->H - top), n = 0;
    for (; ready < top + kh1; ready++)  // planes are apart in the ring: [plane][KH rows]
      for (i64 c = 0; c < planes; c++) memcpy(ring + (c * KH + ready % KH) * RW + pw * ci, g->x + (c * g->H + ready) * g->W * ci, (size_t)(g->W * ci) * 4);
    for (i64 c = 0; c < planes; c++) for (i64 k = kh0; k < kh1; k++) off[n++] = (c * KH + (top + k) % KH) * RW;
    if (planes > 1 && n < planes * KH) {  // a clamped kh is one contiguous piece of the weights only when there is one plane:
      for (n = 0; n < planes * KH; n++) off[n] = (n % KH >= kh0 && n % KH < kh1) ? (n / KH * KH + (top + n % KH) % KH) * RW : planes * KH * RW;
      kh0 = 0;                            // otherwise the missing rows read a row of zeros
    }
    i64 m = cols1 - cols0, T = (m + 11) / 12;
    for (i64 p = 0; p < P; p++)
      for (i64 i = 0, ow = cols0, h; i < T; i++, ow += h) {
        h = m / T + (i < m % T);
        (O - p * 32 > 16 ? wide : slim)((int)h, run, ring + ow * S * ci, S * ci, g->w + p * all * 32 + kh0 * run * (O - p * 32 > 16 ? 32 : 16),
          g->y + (oh * g->OW + ow) * O + p * 32, O, O - p * 32, 1, 1, g->b + p * 32, n, off);
      }
  }
}
static void one(const char *what, i64 H, i64 W, i64 I, i64 O, i64 KH, i64 KW, i64 S, int planar) {
  i64 OH = (H + S - 1) / S, OW = (W + S - 1) / S, all = KH * KW * I, ns = (KH * (planar ? I : 1) + 1) * (W + 8) * (planar ? 1 : I) + 64;
  float *x = buffer(H * W * I), *w = buffer(all * O), *b = buffer(O), *y = buffer(OH * OW * O), *want = buffer(OH * OW * O);
  float *wp = pack(w, all, O, 32);  // w is [kh][kw][I][O], or [I][kh][kw][O] for a planar input
  i64 full = O / 32, left = O % 32;
  if (left && left <= 16) for (i64 i = 0; i < all; i++) for (i64 c = 0; c < 16; c++) wp[full * all * 32 + i * 16 + c] = c < left ? w[i * O + full * 32 + c] : 0;
  arg g = {H, W, I, O, KH, KW, S, planar, OH, OW, 0, x, wp, b, y, {buffer(ns), buffer(ns)}};
  memset(g.scratch[0], 0, (size_t)ns * 4), memset(g.scratch[1], 0, (size_t)ns * 4);
  double t1 = best(conv, &g, 1), t2 = best(conv, &g, 2), flop = 2.0 * OH * OW * all * O;
  for (i64 r = 0; r < OH; r++) for (i64 c = 0; c < OW; c++) {
    float *o = want + (r * OW + c) * O;
    for (i64 j = 0; j < O; j++) o[j] = b[j];
    for (i64 i = 0; i < KH; i++) for (i64 j = 0; j < KW; j++) for (i64 k = 0; k < I; k++) {
      i64 ih = r * S + i - KH / 2, iw = c * S + j - KW / 2;
      if (ih < 0 || ih >= H || iw < 0 || iw >= W) continue;
      float v = planar ? x[(k * H + ih) * W + iw] : x[(ih * W + iw) * I + k];
      const float *q = w + (planar ? (k * KH + i) * KW + j : (i * KW + j) * I + k) * O;
      for (i64 n = 0; n < O; n++) o[n] += v * q[n];
    }
    for (i64 j = 0; j < O; j++) o[j] = fmaxf(o[j], 0);
  }
  check(what, y, want, OH * OW * O);
  printf("%-44s %7.1f Mflop %9.1f us %6.1f GF %3.0f%%  %9.1f us %6.1f GF %3.0f%%\n", what, flop * 1e-6, t1 * 1e6, flop / t1 * 1e-9, flop / t1 * 1e-7 / 245, t2 * 1e6, flop / t2 * 1e-9, flop / t2 * 1e-7 / 480);
  fflush(stdout);
}
int main(int argc, char **argv) {
  if (argc > 1) budget = atof(argv[1]);
  one("stem 3x3 s2, planar 3x224x224 -> 112x112x32", 224, 224, 3, 32, 3, 3, 2, 1);
  one("3x3 s1 56x56 64 -> 64", 56, 56, 64, 64, 3, 3, 1, 0);
  one("3x3 s1 28x28 32 -> 64", 28, 28, 32, 64, 3, 3, 1, 0);
  one("3x3 s2 56x56 64 -> 128", 56, 56, 64, 128, 3, 3, 2, 0);
  one("3x3 s1 14x14 256 -> 256", 14, 14, 256, 256, 3, 3, 1, 0);
  one("3x3 s1 28x28 1 -> 32", 28, 28, 1, 32, 3, 3, 1, 0);
  one("5x5 s1 64x64 8 -> 24", 64, 64, 8, 24, 5, 5, 1, 0);
  one("1-d k5 1000 128 -> 128", 1, 1000, 128, 128, 1, 5, 1, 0);
  one("1-d k3 172 264 -> 32", 1, 172, 264, 32, 1, 3, 1, 0);
  return 0;
}
