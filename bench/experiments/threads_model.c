/* What an emitted library would look like to the threads: 200 tiny kernels over two reused buffers, then a loop that
 * leaves early. -DBARRIER_OMP swaps our barrier for OpenMP's; -DLOSE_A_BARRIER plants a race that a race detector
 * must find, which shows that its silence about the real thing means something. */
#include "threads_prelude.h"
#include "threads_model.h"
#include <math.h>
#include <stddef.h>

#if defined(BARRIER_OMP) && !defined(TENSORC_THREADS_NONE)
#define BARRIER() _Pragma("omp barrier")
#define UNIFORM(value) (tid == 0 ? (void)(call->team.uniform[0] = (value)) : (void)0); \
    BARRIER() \
    stop = call->team.uniform[0]; \
    BARRIER()
#else
#define BARRIER() tc_barrier(&call->team, nt);
#define UNIFORM(value) stop = tc_uniform(&call->team, tid, nt, (value));
#endif

enum { chunk = 64, kernels = 200, most_chunks = threads_most_elements / chunk };

typedef struct {
    const threads_args *args;
    tc_team team;
    double partial[most_chunks];
    int team_size, rounds;
} call_state;

static tc_range elements(int64_t n, int tid, int nt)
{
    tc_range r = tc_divide((n + chunk - 1) / chunk, tid, nt);
    r.begin *= chunk;
    r.end = r.end * chunk < n ? r.end * chunk : n;
    return r;
}

/* Reads rows that other threads wrote. */
static void mix(const float *from, float *to, int64_t n, int64_t shift, float keep, int tid, int nt)
{
    tc_range r = elements(n, tid, nt);
    for (int64_t i = r.begin; i < r.end; i++) {
        int64_t j = i + shift < n ? i + shift : i + shift - n;
        to[i] = keep * from[i] + (1 - keep) * from[j];
    }
}

/* One partial sum a chunk, whoever owns the chunk. */
static void partials(const float *a, const float *b, int64_t n, double *partial, int tid, int nt)
{
    tc_range r = tc_divide((n + chunk - 1) / chunk, tid, nt);
    for (int64_t c = r.begin; c < r.end; c++) {
        double sum = 0;
        for (int64_t i = c * chunk; i < n && i < (c + 1) * chunk; i++) sum += fabs((double)a[i] - (double)b[i]);
        partial[c] = sum;
    }
}

static double total(const double *partial, int64_t n)
{
    double sum = 0;
    for (int64_t c = 0; c < (n + chunk - 1) / chunk; c++) sum += partial[c];
    return sum;
}

static void body(int tid, int nt, void *shared)
{
    call_state *call = shared;
    const threads_args *args = call->args;
    int64_t n = args->elements, stop = 0;
    const float *from = args->x;
    float *buffers[2] = {args->workspace, args->y};
    int turn = 0;
    if (tid == 0) call->team_size = nt;
    for (int k = 0; k < kernels; k++) {
        mix(from, buffers[turn], n, (k * 37 + 1) % n, 0.75f + 0.001f * (float)k, tid, nt);
#ifdef LOSE_A_BARRIER
        if (k != kernels / 2)
#endif
        {
            BARRIER()
        }
        from = buffers[turn];
        turn = 1 - turn;
    }
    for (int round = 0; !stop; round++) {
        mix(from, buffers[turn], n, 1 + round % 3, 0.4f, tid, nt);
        BARRIER()
        partials(buffers[turn], from, n, call->partial, tid, nt);
        BARRIER()
        from = buffers[turn];
        turn = 1 - turn;
        /* Only thread 0 evaluates the condition. The others may already be in the next round's mix: that round's
         * partials come after another barrier, so nothing it reads is overwritten. */
        UNIFORM(tid == 0 && (round == 400 || total(call->partial, n) < args->tolerance))
        if (tid == 0) call->rounds = round + 1;
    }
    /* Chosen by turn, which every thread computed alike. */
    if (from != args->y) mix(from, args->y, n, 0, 1.0f, tid, nt);
}

int threads_run(const threads_args *args, threads_facts *facts)
{
    call_state call;
    call.args = args;
    tc_parallel(&call.team, args->threads, body, &call);
    facts->team = call.team_size;
    facts->rounds = call.rounds;
    return 0;
}

static void only_barriers(int tid, int nt, void *shared)
{
    call_state *call = shared;
    (void)tid, (void)nt;
    for (int64_t i = 0; i < call->args->elements; i++) {
        BARRIER()
    }
}

void threads_barriers(int64_t count, int threads)
{
    threads_args args = {.elements = count, .threads = threads};
    call_state call;
    call.args = &args;
    tc_parallel(&call.team, threads, only_barriers, &call);
}

/* A product with a subnormal result, on every thread: how many of them flushed it. */
static void flushed(int tid, int nt, void *shared)
{
    volatile float tiny = 1e-30f, product = tiny * 1e-10f;
    (void)nt;
    ((int *)shared)[tid] = product == 0;
}

int threads_flushed(int threads)
{
    int flags[64] = {0}, count = 0;
    tc_team team;
    tc_parallel(&team, threads, flushed, flags);
    for (int i = 0; i < 64; i++) count += flags[i];
    return count;
}

void threads_nested(const threads_args *args, threads_facts *facts, int callers)
{
#ifdef _OPENMP
#pragma omp parallel for schedule(static) num_threads(callers)
#endif
    for (int i = 0; i < callers; i++) threads_run(&args[i], &facts[i]);
}

int threads_available(void) { return tc_available_threads(); }

int threads_cgroup(const char *membership, const char *root)
{
#if !defined(TENSORC_THREADS_NONE) && defined(__linux__)
    return tc_cgroup_limit(membership, root);
#else
    (void)membership, (void)root;
    return INT32_MAX;
#endif
}
