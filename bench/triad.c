/* The memory bandwidth of this machine, as a[i] = b[i] + s * c[i] moves it: 12 bytes an element, on large pages where the
 * system grants them. With ordinary stores, which read what they overwrite, and with streaming stores, which do not.
 *
 *   clang -O3 -march=native -fopenmp bench/triad.c -o triad && ./triad [MIB_PER_ARRAY] [THREADS]
 */
#define _DEFAULT_SOURCE
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

static float *array(long n) {
  size_t bytes = (n * sizeof(float) + (2 << 20)) & ~(size_t)((2 << 20) - 1);
  void *memory = aligned_alloc(2 << 20, bytes);
#ifdef MADV_HUGEPAGE
  if (memory) madvise(memory, bytes, MADV_HUGEPAGE);
#endif
  return memory;
}

/* Once over the caller's memory, with ordinary stores: what bench/arrays calls in turns with what it measures. */
__attribute__((visibility("default"))) void triad(float *a, const float *b, const float *c, long n, int threads) {
#pragma omp parallel for num_threads(threads)
  for (long i = 0; i < n; i++) a[i] = b[i] + 3.0f * c[i];
}

static double once(float *a, const float *b, const float *c, long n, int threads, int streaming) {
  double start = omp_get_wtime();
  if (streaming) {
#if __has_builtin(__builtin_nontemporal_store)
    typedef float vector __attribute__((vector_size(64)));
#pragma omp parallel for num_threads(threads)
    for (long i = 0; i < n / 16; i++)
      __builtin_nontemporal_store(((const vector *)b)[i] + 3.0f * ((const vector *)c)[i], (vector *)a + i);
#endif
  } else {
    triad(a, b, c, n, threads);
  }
  return omp_get_wtime() - start;
}

static int order(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

int main(int count, char **words) {
  long mebibytes = count > 1 ? atol(words[1]) : 256;
  int threads = count > 2 ? atoi(words[2]) : omp_get_max_threads();
  long n = mebibytes * (1 << 20) / (long)sizeof(float);
  float *a = array(n), *b = array(n), *c = array(n);
  if (n < 1 || !a || !b || !c) return fprintf(stderr, "triad: not enough memory\n"), 1;
#pragma omp parallel for num_threads(threads)
  for (long i = 0; i < n; i++) a[i] = 0, b[i] = 1, c[i] = 2;
  static double times[2][401];
  int rounds = mebibytes < 64 ? 401 : 7;
  for (int kind = 0; kind < 2; kind++) {
    for (int round = 0; round < rounds; round++) times[kind][round] = once(a, b, c, n, threads, kind);
    qsort(times[kind], rounds, sizeof(double), order);
  }
  printf("triad, %d threads, 3 x %ld MiB: %.1f GB/s (best %.1f); streaming %.1f (best %.1f) (%g)\n", threads, mebibytes,
         12e-9 * n / times[0][rounds / 2], 12e-9 * n / times[0][0], 12e-9 * n / times[1][rounds / 2],
         12e-9 * n / times[1][0], (double)a[n - 1]);
  return 0;
}
