// Branch-free vector exp, sigmoid, tanh, erf-GELU: fma, shifts and one division at most; absolute error about 1e-7.
#pragma once
#include "common.h"
typedef int32_t i16v __attribute__((vector_size(64)));
#define VMIN(a, b) ((v16)_mm512_min_ps((__m512)(a), (__m512)(b)))
#define VMAX(a, b) ((v16)_mm512_max_ps((__m512)(a), (__m512)(b)))
#define VABS(a) ((v16)((i16v)(a) & 0x7fffffff))

// exp(x), |x| <= 87: n = round(x log2 e) by adding 1.5 * 2^23, whose low bits are then n; 2^n added to the exponent field.
INLINE v16 vexp(v16 x) {
  x = VMAX(VMIN(x, SPLAT(87.f)), SPLAT(-87.f));
  v16 t = FMA(x, SPLAT(1.44269504f), SPLAT(12582912.f)), n = t - SPLAT(12582912.f);
  v16 r = FMA(n, SPLAT(-0.693145752f), x);
  r = FMA(n, SPLAT(-1.42860677e-6f), r);
  v16 p = FMA(r, SPLAT(0.00831252532f), SPLAT(0.0418901146f));
  p = FMA(p, r, SPLAT(0.166671145f));
  p = FMA(p, r, SPLAT(0.499992318f));
  p = FMA(p, r * r, r + SPLAT(1.f));
  return (v16)((i16v)p + ((i16v)t << 23));
}
INLINE v16 vsigmoid(v16 x) { return SPLAT(1.f) / (SPLAT(1.f) + vexp(-x)); }
INLINE v16 vtanh(v16 x) { return FMA(SPLAT(2.f), vsigmoid(x + x), SPLAT(-1.f)); }  // a library needs a branch near 0
// erf(|u|) = 1 - exp(-|u| q(|u|)); gelu(x) = x/2 (1 + erf(x / sqrt 2)).
INLINE v16 vgelu(v16 x) {
  v16 u = VMIN(VABS(x) * SPLAT(0.707106781f), SPLAT(4.f));
  v16 q = FMA(u, SPLAT(-6.94681978e-05f), SPLAT(0.000319940365f));
  q = FMA(q, u, SPLAT(0.00159578219f));
  q = FMA(q, u, SPLAT(-0.0204149167f));
  q = FMA(q, u, SPLAT(0.10325374f));
  q = FMA(q, u, SPLAT(0.636536913f));
  q = FMA(q, u, SPLAT(1.12838381f));
  v16 e = vexp(-u * q);                        // 1 - erf(|u|)
  v16 half = SPLAT(0.5f) * x;
  return FMA(VABS(half), SPLAT(1.f) - e, half);  // x/2 + |x|/2 erf(|u|)
}
