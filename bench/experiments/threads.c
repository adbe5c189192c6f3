/* Loads a library built from threads_model.c and asks it one question; run-threads.sh puts the questions. It is linked
 * to no OpenMP itself, as a program that uses a compiled model is not. */
#define _GNU_SOURCE
#include "threads_model.h"
#include <dlfcn.h>
#include <fenv.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static __typeof__(threads_run) *run;
static __typeof__(threads_barriers) *barriers;
static __typeof__(threads_flushed) *flushed_threads;
static __typeof__(threads_nested) *nested;
static __typeof__(threads_available) *available;
static __typeof__(threads_cgroup) *cgroup;

static double seconds(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double now(void) { return seconds(CLOCK_MONOTONIC); }

static void *entry(void *library, const char *name)
{
    void *found = dlsym(library, name);
    if (!found) fprintf(stderr, "%s\n", dlerror()), exit(1);
    return found;
}

static void *load(const char *path)
{
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!library) fprintf(stderr, "%s\n", dlerror()), exit(1);
    run = (__typeof__(run))entry(library, "threads_run");
    barriers = (__typeof__(barriers))entry(library, "threads_barriers");
    flushed_threads = (__typeof__(flushed_threads))entry(library, "threads_flushed");
    nested = (__typeof__(nested))entry(library, "threads_nested");
    available = (__typeof__(available))entry(library, "threads_available");
    cgroup = (__typeof__(cgroup))entry(library, "threads_cgroup");
    return library;
}

static float x[threads_most_elements];
static int64_t elements = 4096;

typedef struct {
    float workspace[threads_most_elements], y[threads_most_elements];
    int threads, repeats, different, team, rounds;
    uint64_t bits;
    double fastest, mean;
} caller;

static threads_args arguments(caller *c)
{
    threads_args args = {x, c->workspace, c->y, elements, 2.0, c->threads};
    return args;
}

static uint64_t bits_of(const caller *c)
{
    uint64_t hash = 1469598103934665603u;
    const unsigned char *bytes = (const unsigned char *)c->y;
    for (int64_t i = 0; i < elements * 4; i++) hash = (hash ^ bytes[i]) * 1099511628211u;
    return hash;
}

static void *call_repeatedly(void *argument)
{
    caller *c = argument;
    threads_args args = arguments(c);
    threads_facts facts = {0, 0};
    c->fastest = 1e9;
    double start = now();
    for (int i = 0; i < c->repeats; i++) {
        memset(c->y, 0, (size_t)elements * 4);
        double t = now();
        run(&args, &facts);
        t = now() - t;
        if (t < c->fastest) c->fastest = t;
        uint64_t bits = bits_of(c);
        if (i && bits != c->bits) c->different++;
        c->bits = bits;
    }
    c->mean = (now() - start) / c->repeats;
    c->team = facts.team;
    c->rounds = facts.rounds;
    return NULL;
}

static double per_barrier(int threads, double *region)
{
    double none = 1e9, many = 1e9;
    for (int i = 0; i < 40; i++) {
        double t = now();
        barriers(0, threads);
        t = now() - t;
        if (t < none) none = t;
        t = now();
        barriers(500, threads);
        t = now() - t;
        if (t < many) many = t;
    }
    *region = none;
    return (many - none) / 500;
}

int main(int argc, char **argv)
{
    if (argc < 4) return 2;
    const char *question = argv[2];
    int threads = atoi(argv[3]), extra = argc > 4 ? atoi(argv[4]) : 1;
    if (getenv("ELEMENTS")) elements = atoi(getenv("ELEMENTS"));
    for (int i = 0; i < threads_most_elements; i++) x[i] = (float)((i * 7919) % 1000) / 500 - 1;
    if (extra < 1 || extra > 16) extra = 1;
    caller *callers = calloc((size_t)extra, sizeof *callers);
    if (!callers) return 1;
    for (int i = 0; i < extra; i++) {
        callers[i].threads = threads;
        callers[i].repeats = getenv("REPEATS") ? atoi(getenv("REPEATS")) : 60;
    }
    double start = now();
    void *library = load(argv[1]);
    double loaded = now() - start;

    if (!strcmp(question, "speed")) {
        double region, barrier = per_barrier(threads, &region);
        call_repeatedly(callers);
        printf("threads %d team %d region %.2f us barrier %.3f us call %.3f ms rounds %d bits %016llx different %d\n",
               threads, callers->team, region * 1e6, barrier * 1e6, callers->fastest * 1e3, callers->rounds,
               (unsigned long long)callers->bits, callers->different);
    } else if (!strcmp(question, "callers")) {
        pthread_t thread[16];
        for (int i = 0; i < extra; i++) pthread_create(&thread[i], NULL, call_repeatedly, &callers[i]);
        for (int i = 0; i < extra; i++) pthread_join(thread[i], NULL);
        for (int i = 0; i < extra; i++)
            printf("caller %d threads %d team %d mean %.3f ms fastest %.3f ms bits %016llx different %d\n", i, threads,
                   callers[i].team, callers[i].mean * 1e3, callers[i].fastest * 1e3,
                   (unsigned long long)callers[i].bits, callers[i].different);
    } else if (!strcmp(question, "nested")) {
        threads_args args[16];
        threads_facts facts[16] = {{0, 0}};
        for (int i = 0; i < extra; i++) args[i] = arguments(&callers[i]);
        nested(args, facts, extra);
        for (int i = 0; i < extra; i++)
            printf("outer %d threads %d team %d bits %016llx\n", i, threads, facts[i].team,
                   (unsigned long long)bits_of(&callers[i]));
    } else if (!strcmp(question, "first")) {
        threads_args args = arguments(callers);
        threads_facts facts;
        double t[4] = {now()};
        barriers(0, threads);
        t[1] = now();
        run(&args, &facts);
        t[2] = now();
        run(&args, &facts);
        t[3] = now();
        printf("threads %d dlopen %.2f ms first region %.2f ms first call %.2f ms next call %.2f ms\n", threads,
               loaded * 1e3, (t[1] - t[0]) * 1e3, (t[2] - t[1]) * 1e3, (t[3] - t[2]) * 1e3);
    } else if (!strcmp(question, "idle")) {
        /* What the workers burn after a call: the argument is a block time in ms, negative for the default. */
        int block = argc > 4 ? atoi(argv[4]) : -1;
        void (*set_blocktime)(int) = (void (*)(int))dlsym(library, "kmp_set_blocktime");
        if (block >= 0 && set_blocktime) set_blocktime(block);
        barriers(10, threads);
        double cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
        usleep(500000);
        cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
        double busy = 1e9, rested = 1e9;
        for (int i = 0; i < 60; i++) {
            double t = now();
            barriers(0, threads);
            t = now() - t;
            if (t < busy) busy = t;
            if (i >= 30) continue;
            usleep(2000);
            t = now();
            barriers(0, threads);
            t = now() - t;
            if (t < rested) rested = t;
        }
        printf("threads %d block %d%s burnt %.1f ms in 500; region at once %.1f us, after 2 ms of rest %.1f us\n",
               threads, block, set_blocktime ? "" : " (cannot be set)", cpu * 1e3, busy * 1e6, rested * 1e6);
    } else if (!strcmp(question, "close")) {
        barriers(10, threads);
        dlclose(library);
        usleep(300000);
        printf("threads %d survived dlclose\n", threads);
    } else if (!strcmp(question, "control")) {
        /* A host that rounds upwards and flushes in its own thread, after the workers exist: still the same bits? */
        callers->repeats = 2;
        call_repeatedly(callers);
        uint64_t plain = callers->bits;
#ifdef __SSE__
        __builtin_ia32_ldmxcsr(0x9fc0u);
#endif
        fesetround(FE_UPWARD);
        int flushed = flushed_threads(threads), rounding;
        call_repeatedly(callers);
        rounding = fegetround() == FE_UPWARD;
        printf("threads %d flushed on %d; a changed control word %s the bits and %s\n", threads, flushed,
               callers->bits == plain ? "keeps" : "changes", rounding ? "is put back" : "is lost");
    } else if (!strcmp(question, "count")) {
        if (argc > 5) printf("cgroup limit %d\n", cgroup(argv[4], argv[5]));
        else printf("available %d\n", available());
    } else return 2;
    return 0;
}
