// A register tile of MR rows by NV vectors, in named accumulators, included once per shape. A is read by scalar broadcast
// straight from its rows (stride lda) or from a packed block [K][MR] (PACKED); B is a packed panel [K][NV*16].
// Defines  NAME_h(K, a, lda, b, c, ldc, cols, first, epilogue...)  for h = 1..MR rows and a switch NAME(rows, ...).
// LINKAGE INLINE instead of the default KERNEL lets the same source be specialised by calling it with constants.
// Parameters: NAME, MR (<= 14), NV (1..4), optionally PREFETCH (k steps ahead), EPI(v, n) applied once to each accumulator
// before the last store: there is one copy of it however the tile ends.
//
// Rows are addressed from one pointer per three rows (p, p + lda, p + 2*lda are single x86 address modes), so that twelve
// rows need four pointers and no spill.
#define CAT_(a, b) a##b
#define CAT(a, b) CAT_(a, b)
#ifndef PREFETCH
#define PREFETCH 8
#endif
#ifndef EPI
#define EPI(v, n) (v)
#endif
#ifndef LINKAGE
#define LINKAGE KERNEL
#endif

#define V1(X, i) X(i, 0)
#define V2(X, i) V1(X, i) X(i, 1)
#define V3(X, i) V2(X, i) X(i, 2)
#define V4(X, i) V3(X, i) X(i, 3)
#define VS(X, i) CAT(V, NV)(X, i)
#define R1(X) X(0)
#define R2(X) R1(X) X(1)
#define R3(X) R2(X) X(2)
#define R4(X) R3(X) X(3)
#define R5(X) R4(X) X(4)
#define R6(X) R5(X) X(5)
#define R7(X) R6(X) X(6)
#define R8(X) R7(X) X(7)
#define R9(X) R8(X) X(8)
#define R10(X) R9(X) X(9)
#define R11(X) R10(X) X(10)
#define R12(X) R11(X) X(11)
#define R13(X) R12(X) X(12)
#define R14(X) R13(X) X(13)

#define T_ZERO(i, j) v16 c##i##_##j = {0};
#define T_INIT(i) VS(T_ZERO, i)
#define T_LOADV(i, j) c##i##_##j = LD(c + i * ldc + 16 * j);
#define T_LOAD(i) VS(T_LOADV, i)
#define T_FMA(i, j) c##i##_##j = FMA(x, b##j, c##i##_##j);
#ifdef PACKED
#define T_A(i) a[i]
#else
#define T_A(i) ((i) / 3 == 0 ? p0 : (i) / 3 == 1 ? p1 : (i) / 3 == 2 ? p2 : (i) / 3 == 3 ? p3 : p4)[(i) % 3 * lda]
#endif
#define T_ROW(i) { v16 x = SPLAT(T_A(i)); VS(T_FMA, i) }
#define T_B(i, j) v16 b##j = LD(b + 16 * j);
#define T_PUTV(i, j) ST(c + i * ldc + 16 * j, c##i##_##j);
#define T_PUT(i) VS(T_PUTV, i)
#define T_ENDV(i, j) c##i##_##j = EPI(c##i##_##j, 16 * j);
#define T_END(i) VS(T_ENDV, i)
#define T_CUTV(i, j) ST_MASK(c + i * ldc + 16 * j, cols - 16 * j, c##i##_##j);
#define T_CUT(i) VS(T_CUTV, i)
#define T_PF(i, j) __builtin_prefetch(b + PREFETCH * NV * 16 + 16 * j);
#define T_TILE(H)                                                                                                      \
  LINKAGE void CAT(CAT(NAME, _), H)(i64 K, const float *restrict a, i64 lda, const float *restrict b, float *restrict c, \
                                   i64 ldc, i64 cols, int first, int last, const float *bias T_RUNS) {                  \
    R##H(T_INIT)                                                                                                        \
    if (!first) { R##H(T_LOAD) }                                                                                        \
    (void)bias;                                                                                                         \
    T_EACH_RUN {                                                                                                        \
    const float *p0 = a T_AT, *p1 = p0 + 3 * lda, *p2 = p0 + 6 * lda, *p3 = p0 + 9 * lda, *p4 = p0 + 12 * lda;          \
    (void)p0, (void)p1, (void)p2, (void)p3, (void)p4;                                                                   \
    for (i64 k = 0; k < K; k++) {                                                                                       \
      VS(T_B, 0) VS(T_PF, 0)                                                                                            \
      R##H(T_ROW)                                                                                                       \
      b += NV * 16;                                                                                                     \
      T_NEXT                                                                                                            \
    } }                                                                                                                 \
    if (last) { R##H(T_END) }                                                                                           \
    if (cols >= NV * 16) { R##H(T_PUT) } else { R##H(T_CUT) }                                                           \
  }
// RUNS: the reduction is a sum over runs of K contiguous elements, at the offsets of a table (the rows under a window).
#ifdef RUNS
#define T_RUNS , i64 runs, const i64 *off
#define T_EACH_RUN for (i64 n = 0; n < runs; n++)
#define T_AT + off[n]
#define T_PASS , runs, off
#else
#define T_RUNS
#define T_EACH_RUN
#define T_AT
#define T_PASS
#endif
#ifdef PACKED
#define T_NEXT a += MR;
#else
#define T_NEXT p0++, p1++, p2++, p3++, p4++;
#endif

#define T_CASE(H) case H: CAT(CAT(NAME, _), H)(K, a, lda, b, c, ldc, cols, first, last, bias T_PASS); break;
#define T_ARGS i64 K, const float *a, i64 lda, const float *b, float *c, i64 ldc, i64 cols, int first, int last, const float *bias T_RUNS
T_TILE(1) T_TILE(2) T_TILE(3) T_TILE(4) T_TILE(5) T_TILE(6)
#if MR >= 8
T_TILE(7) T_TILE(8)
#endif
#if MR >= 12
T_TILE(9) T_TILE(10) T_TILE(11) T_TILE(12)
#endif
#if MR >= 14
T_TILE(13) T_TILE(14)
#endif
LINKAGE void NAME(int rows, T_ARGS) {
  switch (rows) {
    T_CASE(1) T_CASE(2) T_CASE(3) T_CASE(4) T_CASE(5) T_CASE(6)
#if MR >= 8
    T_CASE(7) T_CASE(8)
#endif
#if MR >= 12
    T_CASE(9) T_CASE(10) T_CASE(11) T_CASE(12)
#endif
#if MR >= 14
    T_CASE(13) T_CASE(14)
#endif
  }
}
#undef NAME
#undef MR
#undef NV
#undef PREFETCH
#undef EPI
#undef PACKED
#undef LINKAGE
#undef T_A
#undef T_NEXT
#undef RUNS
#undef T_RUNS
#undef T_EACH_RUN
#undef T_AT
#undef T_PASS
