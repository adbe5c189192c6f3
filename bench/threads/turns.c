/* Holds the turns of the prelude to what they promise: every part of every turn is done once, behind all of the turn before,
 * by whoever is there; a thread that comes late finds nothing left to do. Exits with 0 if all holds.
 *
 * Stands behind the text of the prelude, which thinks that OpenMP is there; the threads are those of POSIX, so that no runtime
 * decides when they begin. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

int omp_get_thread_num(void) { return 0; }
int omp_get_num_threads(void) { return 1; }

enum { TURNS = 400, MOST = 80 };

static tc_team team;
static int size, late;
static _Atomic int done[TURNS + 1][MOST];
static _Atomic int behind, mistakes, over, ready, by_late;

static void check(int holds, const char *what, unsigned turn, int part)
{
    if (holds) return;
    if (atomic_fetch_add(&mistakes, 1) < 5) printf("turn %u, part %d of %d: %s\n", turn, part, size, what);
}

/* A little work, of different length for each part and turn; now and then the processor is given away in its midst. */
static void work(unsigned turn, int part)
{
    volatile unsigned sum = 0;
    for (unsigned i = 0; i < (turn * 37 + (unsigned)part * 101) % 900; i++) sum = sum + i;
    if ((turn + (unsigned)part * 7) % 23 == 0) sched_yield();
}

static void *run(void *argument)
{
    int thread = (int)(intptr_t)argument;
    unsigned turn = 0;
    atomic_fetch_add(&ready, 1);
    if (thread == late)
        while (!atomic_load(&over)) sched_yield();
    else
        while (atomic_load(&ready) < size) sched_yield();
    for (int i = 0; i < TURNS; i++) {
        for (int part = tc_begin(&team, ++turn, thread, size); part >= 0; part = tc_next(&team, turn, thread, size)) {
            check(part < size, "there is no such part", turn, part);
            for (int other = 0; turn > 1 && other < size; other++)
                check(atomic_load(&done[turn - 1][other]) == 1, "the turn before is not over", turn, part);
            work(turn, part);
            check(atomic_fetch_add(&done[turn][part], 1) == 0, "done a second time", turn, part);
            if (thread == late) atomic_fetch_add(&by_late, 1);
        }
        for (int part = 0; part < size; part++)
            check(atomic_load(&done[turn][part]) == 1, "the turn is left before it is over", turn, part);
        /* A barrier among the turns: all threads are behind them, and none has gone on. */
        if (late < 0 && turn % 50 == 0) {
            atomic_fetch_add(&behind, 1);
            tc_barrier(&team, size);
            check(atomic_load(&behind) == size * (int)(turn / 50), "the barrier let a thread through", turn, thread);
            tc_barrier(&team, size);
        }
    }
    if (thread != late && late >= 0) atomic_store(&over, 1);
    return NULL;
}

static void whole(int threads, int comes_late)
{
    pthread_t all[MOST];
    size = threads, late = comes_late;
    memset(&team, 0, sizeof team);
    memset(done, 0, sizeof done);
    behind = over = ready = by_late = 0;
    for (int i = 0; i < threads; i++) pthread_create(&all[i], NULL, run, (void *)(intptr_t)i);
    for (int i = 0; i < threads; i++) pthread_join(all[i], NULL);
    check(by_late == 0, "the thread that came late did work", 0, comes_late);
}

int main(void)
{
    for (int again = 0; again < 5; again++) {
        whole(1, -1);
        whole(2, -1);
        whole(4, -1);
        whole(2, 1);
        whole(2, 0);
        whole(5, 3);
    }
    whole(MOST, -1); /* more than can be taken over */
    return mistakes != 0;
}
