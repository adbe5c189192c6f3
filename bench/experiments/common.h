// What the experiments share: vectors, timing, a two-thread team, random data, an accuracy check.
// The kernels themselves use nothing from libc; this header is the harness, not the code under test.
#pragma once
#define _GNU_SOURCE
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <immintrin.h>

typedef int64_t i64;
typedef float v16 __attribute__((vector_size(64)));
typedef float v16u __attribute__((vector_size(64), aligned(4), may_alias));  // a load or store at any address
#define LD(p) (*(const v16u *)(p))
#define ST(p, v) (*(v16u *)(p) = (v))
#define FMA(a, b, c) ((v16)_mm512_fmadd_ps((__m512)(a), (__m512)(b), (__m512)(c)))
#define SPLAT(x) ((v16)_mm512_set1_ps(x))
#define MASK(n) ((__mmask16)((n) >= 16 ? 0xffffu : (1u << ((n) < 0 ? 0 : (n))) - 1))
#define ST_MASK(p, n, v) _mm512_mask_storeu_ps((p), MASK(n), (__m512)(v))
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))
#define INLINE static inline __attribute__((always_inline))
#define KERNEL static __attribute__((noinline))

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + 1e-9 * t.tv_nsec;
}

// ---- a team of two: a worker spins for a job. Kernels see (t, nt), as inside one parallel region. ----
typedef void (*job)(void *, int t, int nt);
static volatile job team_job;
static void *volatile team_arg;
static volatile i64 team_go, team_done;
static inline void wait_a_little(i64 *n) { if (++*n > 20000) sched_yield(); else _mm_pause(); }
static void *team_worker(void *unused) {
  for (i64 seen = 0, spins = 0;;) {
    while (__atomic_load_n(&team_go, __ATOMIC_ACQUIRE) == seen) wait_a_little(&spins);
    spins = 0;
    seen++;
    team_job(team_arg, 1, 2);
    __atomic_store_n(&team_done, seen, __ATOMIC_RELEASE);
  }
  return unused;
}
static void team_start(void) {
  static pthread_t thread;
  static int started;
  if (!started++) pthread_create(&thread, 0, team_worker, 0);
}
static i64 barrier_count[16] __attribute__((aligned(64)));
__attribute__((unused)) static void barrier(int t, int nt) {  // sense by counting; enough for a team of two
  if (nt == 1) return;
  i64 mine = barrier_count[8 * t] + 1;
  __atomic_store_n(&barrier_count[8 * t], mine, __ATOMIC_RELEASE);
  for (i64 n = 0; __atomic_load_n(&barrier_count[8 - 8 * t], __ATOMIC_ACQUIRE) < mine;) wait_a_little(&n);
}
static void run_team(job f, void *arg, int nt) {
  if (nt == 1) { f(arg, 0, 1); return; }
  team_job = f; team_arg = arg;
  i64 go = __atomic_add_fetch(&team_go, 1, __ATOMIC_RELEASE);
  f(arg, 0, 2);
  for (i64 n = 0; __atomic_load_n(&team_done, __ATOMIC_ACQUIRE) < go;) wait_a_little(&n);
}
// The least of many short repetitions, because builds may run beside the measurement: repeat until the least has been met
// (within 3 %) four times in quiet conditions, and at least for the budget.
static double budget = 0.05;
__attribute__((unused)) static double best(job f, void *arg, int nt) {
  if (nt > 1) team_start();
  run_team(f, arg, nt);
  static double alone;  // the same work by one thread: two must come under 3/4 of it, or the machine is not quiet
  double least = 1e9, start = now();
  int near = 0;
  for (;;) {
    double s = now();
    run_team(f, arg, nt);
    double e = now(), d = e - s;
    if (d < least) { near = d < least * 0.97 ? 1 : near + 1; least = d; } else near += d < least * 1.03;
    if (e - start > budget && ((near >= 4 && (nt == 1 || least < 0.75 * alone)) || e - start > 16 * budget)) break;
  }
  if (nt == 1) alone = least;
  return least;
}

__attribute__((unused)) static float *buffer(i64 n) {  // line-aligned, random in [-1, 1)
  static uint32_t s = 12345;
  float *p = aligned_alloc(64, ((size_t)n * 4 + 256 + 63) / 64 * 64);
  for (i64 i = 0; i < n + 64; i++) { s = s * 1664525u + 1013904223u; p[i] = (int32_t)s * (1.0f / 2147483648.0f); }
  return p;
}
// Weights [N][K] or [K][N] are packed ahead of time as panels [N/NR][K][NR], zero-padded.
__attribute__((unused)) static float *pack(const float *b, i64 K, i64 N, i64 NR) {
  i64 P = (N + NR - 1) / NR;
  float *p = buffer(P * NR * K);
  for (i64 j = 0; j < P; j++) for (i64 k = 0; k < K; k++) for (i64 c = 0; c < NR; c++)
    p[(j * K + k) * NR + c] = j * NR + c < N ? b[k * N + j * NR + c] : 0;
  return p;
}
__attribute__((unused)) static void check(const char *what, const float *got, const float *want, i64 n) {
  double worst = 0;
  for (i64 i = 0; i < n; i++) { double d = fabs((double)got[i] - want[i]) / (1 + fabs(want[i])); if (!(d <= worst)) worst = d; }
  if (!(worst < 1e-4)) { printf("WRONG %s: %g\n", what, worst); exit(1); }
}
__attribute__((unused)) static void naive_matmul(const float *a, i64 lda, const float *b, float *c, i64 M, i64 N, i64 K) {
  for (i64 i = 0; i < M; i++) {
    float *r = c + i * N;
    for (i64 j = 0; j < N; j++) r[j] = 0;
    for (i64 k = 0; k < K; k++) for (i64 j = 0; j < N; j++) r[j] += a[i * lda + k] * b[k * N + j];
  }
}
static const double peak_gflops[3] = {0, 245, 480};
