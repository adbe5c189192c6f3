/* Between the stand-in for an emitted library and the program that loads it. */
#include <stdint.h>

enum { threads_most_elements = 1 << 16 };

typedef struct {
    const float *x;
    float *workspace, *y;
    int64_t elements;
    double tolerance;
    int threads;
} threads_args;

typedef struct {
    int team, rounds;
} threads_facts;

int threads_run(const threads_args *args, threads_facts *facts);
void threads_barriers(int64_t count, int threads);
int threads_flushed(int threads);
void threads_nested(const threads_args *args, threads_facts *facts, int callers);
int threads_available(void);
int threads_cgroup(const char *membership, const char *root);
