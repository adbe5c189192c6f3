/* The memory bandwidth of this machine, as a[i] = b[i] + s * c[i] moves it: 12 bytes an element, over arrays that no cache holds.
 *
 *   clang -O3 -march=native -fopenmp bench/triad.c -o triad && ./triad [MIB_PER_ARRAY] [THREADS]
 */
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>

int main(int count, char **words) {
  long mebibytes = count > 1 ? atol(words[1]) : 256;
  int threads = count > 2 ? atoi(words[2]) : omp_get_max_threads();
  long n = mebibytes * (1 << 20) / (long)sizeof(float);
  float *a = malloc(n * sizeof *a), *b = malloc(n * sizeof *b), *c = malloc(n * sizeof *c);
  if (n < 1 || !a || !b || !c) return fprintf(stderr, "triad: not enough memory\n"), 1;
#pragma omp parallel for num_threads(threads)
  for (long i = 0; i < n; i++) a[i] = 0, b[i] = 1, c[i] = 2;
  double best = 1e9;
  for (int round = 0; round < 12; round++) {
    double start = omp_get_wtime();
#pragma omp parallel for num_threads(threads)
    for (long i = 0; i < n; i++) a[i] = b[i] + 3.0f * c[i];
    double seconds = omp_get_wtime() - start;
    if (seconds < best) best = seconds;
  }
  printf("triad, %d threads, 3 x %ld MiB: %.1f GB/s (%g)\n", threads, mebibytes, 12e-9 * n / best, (double)a[n - 1]);
  return 0;
}
