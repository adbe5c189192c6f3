/* What this machine reaches, as JSON: multiply-adds in registers (f32, and sums of products of bytes where it has them), and the
 * speed of reading from the second-level cache, the last one and memory. Built by machine.py with -O2 -march=native -fopenmp. */
#include <omp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#if defined(__AVX2__)
#include <immintrin.h>
#endif

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec * 1e-9;
}

/* As many sums as registers hold besides the operands. */
#if defined(__AVX512F__) || defined(__aarch64__)
enum { SUMS = 20 };
#else
enum { SUMS = 12 };
#endif
enum { STEPS = 100000, TURNS = 40 };
#if defined(__AVX512F__)
typedef float floats __attribute__((vector_size(64)));
#elif defined(__AVX2__)
typedef float floats __attribute__((vector_size(32)));
#else
typedef float floats __attribute__((vector_size(16)));
#endif

/* Keeps a value in a register, and the compiler from knowing it. */
#if defined(__aarch64__)
#define HIDE(x) __asm__ volatile("" : "+w"(x))
#elif defined(__AVX512F__)
#define HIDE(x) __asm__ volatile("" : "+v"(x)) /* "x" would leave out the upper half of the registers */
#else
#define HIDE(x) __asm__ volatile("" : "+x"(x))
#endif

static void multiply_add(void) {
  floats sums[SUMS], x = {0}, y = {0};
  for (int i = 0; i < SUMS; i++) sums[i] = x;
  HIDE(x);
  HIDE(y);
  for (int step = 0; step < STEPS; step++) {
#pragma clang loop unroll(full)
    for (int i = 0; i < SUMS; i++) {
      HIDE(x); /* or the product would be taken out of the loop */
      sums[i] = x * y + sums[i]; /* one instruction by -ffp-contract=fast */
      HIDE(sums[i]);
    }
  }
}

#if defined(__AVX512VNNI__)
static void dot_bytes(void) {
  __m512i sums[SUMS], x = _mm512_setzero_si512(), y = _mm512_setzero_si512();
  for (int i = 0; i < SUMS; i++) sums[i] = x;
  for (int step = 0; step < STEPS; step++) {
#pragma clang loop unroll(full)
    for (int i = 0; i < SUMS; i++) {
      sums[i] = _mm512_dpbusd_epi32(sums[i], x, y);
      HIDE(sums[i]);
    }
  }
}
#endif

/* The fastest of some turns in which every thread of a team does the same. */
static double least(int threads, void (*body)(void)) {
  double best = 1e9;
  for (int turn = 0; turn < TURNS; turn++) {
    double start = 0, end = 0;
#pragma omp parallel num_threads(threads)
    {
#pragma omp barrier
#pragma omp master
      start = now();
      body();
#pragma omp barrier
#pragma omp master
      end = now();
    }
    if (end - start < best) best = end - start;
  }
  return best;
}

/* GB/s of reading `bytes`, a share for each thread, until some 200 MB were read. */
static double reading(int threads, size_t bytes) {
  const size_t count = bytes / sizeof(floats) / threads / 8 * 8;
  floats *all = aligned_alloc(64, count * threads * sizeof(floats));
  if (!all) return 0;
  double best = 1e9;
  const int passes = (int)(200e6 / bytes) + 1;
#pragma omp parallel num_threads(threads)
  for (size_t i = 0; i < count; i++) all[omp_get_thread_num() * count + i] = (floats){0};
  for (int turn = 0; turn < 8; turn++) {
    const double start = now();
#pragma omp parallel num_threads(threads)
    {
      const floats *own = all + omp_get_thread_num() * count;
      floats sums[8] = {{0}};
      for (int pass = 0; pass < passes; pass++) {
        for (size_t i = 0; i < count; i += 8)
          for (int j = 0; j < 8; j++) sums[j] += own[i + j];
        for (int j = 0; j < 8; j++) HIDE(sums[j]);
      }
    }
    const double time = now() - start;
    if (time < best) best = time;
  }
  free(all);
  return (double)count * threads * sizeof(floats) * passes / best * 1e-9;
}

int main(int count, char **arguments) {
  if (count < 3) return 1;
  const size_t second = strtoull(arguments[1], NULL, 10), last = strtoull(arguments[2], NULL, 10);
  const int all = omp_get_max_threads();
  printf("{\"threads\": %d", all);
  for (int turn = 0; turn < 2; turn++) {
    const int threads = turn ? all : 1;
    const char *name = turn ? "all" : "one";
    const double work = 2.0 * SUMS * STEPS * threads;
    printf(", \"fma_gflops_%s\": %.1f", name, work * sizeof(floats) / 4 / least(threads, multiply_add) * 1e-9);
#if defined(__AVX512VNNI__)
    printf(", \"vnni_gops_%s\": %.1f", name, work * 64 / least(threads, dot_bytes) * 1e-9);
#endif
    printf(", \"l2_gbs_%s\": %.1f", name, reading(threads, second / 2 * threads));
    printf(", \"l3_gbs_%s\": %.1f", name, reading(threads, last / 4));
    printf(", \"memory_gbs_%s\": %.1f", name, reading(threads, last * 4 > (512u << 20) ? last * 4 : 512u << 20));
  }
  printf("}\n");
  return 0;
}
