extension Prelude {
  /// How the threads of a call share out its work, and the region that they run in.
  static let turns = #"""
    /* ---- taking turns -----------------------------------------------------------------------------------------------
     * What stands between two barriers is a turn of nt parts. Part i is thread i's by choice, so that what it wrote is in
     * its cache, but whoever is there takes the parts of threads that are not: on a busy machine the scheduler may not
     * run a thread for tens of milliseconds. One that comes late finds the turns over and goes through them without work.
     * Which thread computes a part decides no bit.
     *
     *     for (int part = tc_begin(team, turn, tid, nt); part >= 0; part = tc_next(team, turn, tid, nt)) ...
     *
     * Turns are numbered from 1 upwards, alike by all threads. Behind the loop all parts of the turn are done. What decides
     * where a thread goes next must not be changed by a later turn: a thread that comes late would read it. Such steps
     * stand between barriers.
     */
    #ifndef TENSORC_THREADS_NONE
    TC_FN int tc_take(tc_team *team, uint32_t turn, int part)
    {
        uint32_t last = atomic_load_explicit(&team->parts[part].turn, memory_order_relaxed);
        return (int32_t)(last - turn) < 0 &&
               atomic_compare_exchange_strong_explicit(&team->parts[part].turn, &last, turn, memory_order_acq_rel,
                                                       memory_order_relaxed);
    }

    /* A part that nobody has begun, or -1 once all are done. */
    TC_FN int tc_help(tc_team *team, uint32_t turn, int tid, int nt)
    {
        /* The others are usually about to begin, or to end. */
        if (tc_spin(&team->turns, turn)) return -1;
        int parts = nt < TC_PARTS ? nt : TC_PARTS;
        for (int i = 1; i < parts; i++) {
            int part = (tid + i) % parts;
            if (tc_take(team, turn, part)) return part;
        }
        tc_wait(&team->turns, turn);
        return -1;
    }
    #endif

    static __attribute__((noinline, unused)) int tc_begin(tc_team *team, uint32_t turn, int tid, int nt)
    {
    #ifndef TENSORC_THREADS_NONE
        if (nt > 1 && tid < TC_PARTS && !tc_take(team, turn, tid)) return tc_help(team, turn, tid, nt);
    #endif
        (void)team, (void)turn, (void)nt;
        return tid;
    }

    static __attribute__((noinline, unused)) int tc_next(tc_team *team, uint32_t turn, int tid, int nt)
    {
    #ifndef TENSORC_THREADS_NONE
        if (nt > 1 && !tc_arrive(&team->turns, turn, nt)) return tc_help(team, turn, tid, nt);
    #endif
        (void)team, (void)turn, (void)tid, (void)nt;
        return -1;
    }

    /* A barrier that hands thread 0's value to every thread; the other threads' argument is ignored. Conditions, trip
     * counts, sizes and errors go through it, so that all threads take the same branches and meet at the same barriers.
     * One barrier suffices: the slot alternates with the barriers, and by the time thread 0 writes a slot again every
     * thread has passed a later barrier, hence read the old value. */
    TC_FN int64_t tc_uniform(tc_team *team, int tid, int nt, int64_t value)
    {
    #ifndef TENSORC_THREADS_NONE
        if (nt == 1) return value;
        uint32_t slot = atomic_load_explicit(&team->barrier.passed, memory_order_relaxed) & 1;
        if (tid == 0) team->uniform[slot] = value;
        tc_barrier(team, nt);
        return team->uniform[slot];
    #else
        (void)team, (void)tid, (void)nt;
        return value;
    #endif
    }

    /* ---- dividing work ----------------------------------------------------------------------------------------------
     * Chunks are fixed by shape; only their owner depends on the team, so neither does a result. The team may be smaller
     * than was asked (nested regions get one thread, OMP_THREAD_LIMIT fewer), so nt is always what the body was given. */
    typedef struct {
        int64_t begin, end;
    } tc_range;

    TC_FN tc_range tc_divide(int64_t chunks, int tid, int nt)
    {
        int64_t share = chunks / nt, rest = chunks % nt;
        int64_t begin = share * tid + (tid < rest ? tid : rest);
        tc_range range = {begin, begin + share + (tid < rest)};
        return range;
    }

    /* ---- the region ------------------------------------------------------------------------------------------------- */
    typedef void (*tc_body)(int tid, int nt, void *shared);

    TC_FN void tc_enter(tc_body body, int tid, int nt, void *shared)
    {
        uint64_t old = tc_fp_enter();
        /* Hides the callee: inlined, its arithmetic could be scheduled outside the control word set here. */
        __asm__ volatile("" : "+r"(body) : : "memory");
        body(tid, nt, shared);
        tc_fp_leave(old);
    }

    #ifndef TENSORC_THREADS_NONE
    /* Apart from tc_parallel and never inlined: clang calls into the OpenMP runtime at the entry of any function that
     * holds a region, which starts the runtime (1.5 ms) even where the region is not reached. */
    static __attribute__((noinline, unused)) void tc_fork(int threads, tc_body body, void *shared)
    {
    #pragma omp parallel num_threads(threads)
        tc_enter(body, omp_get_thread_num(), omp_get_num_threads(), shared);
    }
    #endif

    /* Runs body(tid, nt, shared) on each of at most `threads` threads and returns when all are done. */
    TC_FN void tc_parallel(tc_team *team, int threads, tc_body body, void *shared)
    {
        team->uniform[0] = team->uniform[1] = 0;
    #ifndef TENSORC_THREADS_NONE
        if (threads > 1) {
            tc_gate *const gates[2] = {&team->barrier, &team->turns};
            for (int i = 0; i < 2; i++) {
                atomic_init(&gates[i]->passed, 0);
                atomic_init(&gates[i]->asleep, 0);
                atomic_init(&gates[i]->arrived, 0);
            }
            for (int i = 0; i < threads && i < TC_PARTS; i++) atomic_init(&team->parts[i].turn, 0);
            tc_fork(threads, body, shared);
            return;
        }
    #endif
        (void)threads;
        tc_enter(body, 0, 1, shared);
    }


    """#
}
