// Depthwise convolution, channels last, KxK, stride S; included once per (K, S). Weights are [K][K][C].
// A step is up to 8 output pixels x 16 channels in named accumulators. Per kh (a clamped range, so that there is no test in the
// loop) K weight vectors are loaded and used by all pixels. HALO columns of zeros at both ends of a row, if the input has them,
// remove the column border; otherwise border pixels are computed one at a time over a clamped kw range.
// Defines NAME(oh, x, H, W, C, row, w, bias, out, ldo, c0, c1, halo): one output row, channels c0..c1.
#define D_INIT(i) v16 s##i = b0;
#define D_X(i, q) LD(p + ((i) * S + (q)) * ldx)
#if K == 3
#define D_W v16 w0 = LD(q), w1 = LD(q + C), w2 = LD(q + 2 * C);
#define D_FMA(i) s##i = FMA(w0, D_X(i, 0), s##i); s##i = FMA(w1, D_X(i, 1), s##i); s##i = FMA(w2, D_X(i, 2), s##i);
#else
#define D_W v16 w0 = LD(q), w1 = LD(q + C), w2 = LD(q + 2 * C), w3 = LD(q + 3 * C), w4 = LD(q + 4 * C);
#define D_FMA(i) s##i = FMA(w0, D_X(i, 0), s##i); s##i = FMA(w1, D_X(i, 1), s##i); s##i = FMA(w2, D_X(i, 2), s##i); \
                 s##i = FMA(w3, D_X(i, 3), s##i); s##i = FMA(w4, D_X(i, 4), s##i);
#endif
#define D_PUT(i) ST(o + (i) * ldo, RELU6(s##i));
#define D_CASE(P)                                                                                 \
  case P:                                                                                         \
    for (i64 c = c0; c < c1; c += 16) {                                                           \
      v16 b0 = LD(bias + c);                                                                      \
      R##P(D_INIT)                                                                                \
      for (i64 kh = kh0; kh < kh1; kh++) {                                                        \
        const float *q = w + kh * K * C + c, *p = x + rows[kh] + (ow * S - (halo ? 0 : K / 2)) * ldx + c - c0 * packed; \
        D_W R##P(D_FMA)                                                                           \
      }                                                                                           \
      float *o = out + ow * ldo + c;                                                              \
      R##P(D_PUT)                                                                                 \
    }                                                                                             \
    break;
// rows[kh] is the offset of the input row under tap kh (an image, or a ring of rows); kh0..kh1 the taps inside the image.
// ldx is the distance between input pixels: C for an image, the block width for a block of channels held apart (packed = 1).
KERNEL void NAME(const float *x, const i64 *rows, i64 kh0, i64 kh1, i64 W, i64 C, i64 ldx, const float *w, const float *bias,
                 float *out, i64 OW, i64 ldo, i64 c0, i64 c1, int halo, int packed) {
  i64 lo = halo ? 0 : MIN(OW, (K / 2 + S - 1) / S), hi = halo ? OW : MAX(lo, (W - K + K / 2) / S + 1);
  for (i64 ow = 0; ow < OW; ow = ow == lo - 1 ? MAX(hi, ow + 1) : ow + 1) {
    if (ow >= lo && ow < hi) { ow = hi - 1; continue; }
    i64 kw0 = MAX(0, K / 2 - ow * S), kw1 = MIN(K, W + K / 2 - ow * S);
    for (i64 c = c0; c < c1; c += 16) {
      v16 s = LD(bias + c);
      for (i64 kh = kh0; kh < kh1; kh++)
        for (i64 kw = kw0; kw < kw1; kw++)
          s = FMA(LD(w + (kh * K + kw) * C + c), LD(x + rows[kh] + (ow * S - K / 2 + kw) * ldx + c - c0 * packed), s);
      ST(out + ow * ldo + c, RELU6(s));
    }
  }
  i64 n = hi - lo, T = (n + 7) / 8;
  for (i64 i = 0, ow = lo; i < T; i++) {
    i64 P = n / T + (i < n % T);
    switch (P) { D_CASE(1) D_CASE(2) D_CASE(3) D_CASE(4) D_CASE(5) D_CASE(6) D_CASE(7) D_CASE(8) }
    ow += P;
  }
}
#undef D_W
#undef D_FMA
#undef K
#undef S
#undef NAME
