extension Prelude {
  /// The threads of a call: one parallel region, its barrier, and how many threads a process may use. With
  /// -DTENSORC_THREADS_NONE, or without OpenMP, all of it is serial.
  public static let threads = #"""
    /* The "threads" piece of the prelude printed into every emitted library.
     *
     * One call of a library is one parallel region: tc_parallel starts it, every thread runs the same body, and the body
     * keeps the threads together with tc_barrier and tc_uniform. All state of a call is its tc_team, so a library has no
     * globals and any number of calls may run at once. Compiled without -fopenmp, or with -DTENSORC_THREADS_NONE, the
     * same source is serial and needs nothing beyond libc.
     */
    #include <stdint.h>

    #if !defined(_OPENMP) && !defined(TENSORC_THREADS_NONE)
    #define TENSORC_THREADS_NONE
    #endif

    #ifndef TENSORC_THREADS_NONE
    #include <sched.h>
    #include <stdatomic.h>
    #include <time.h>
    #include <unistd.h>
    #ifdef __linux__
    #include <fcntl.h>
    #include <linux/futex.h>
    #include <stdio.h>
    #include <stdlib.h>
    #include <string.h>
    #include <sys/syscall.h>
    #endif
    /* Declared here because some compilers that can emit OpenMP calls ship no omp.h. */
    int omp_get_thread_num(void);
    int omp_get_num_threads(void);
    #endif

    /* clang warns about an unused static inline function in a main file, and no library uses all of these. */
    #define TC_FN static inline __attribute__((unused))

    /* ---- floating-point control -------------------------------------------------------------------------------------
     * Each thread of a call computes under the same control word, whatever its host left in it: rounding to nearest,
     * exceptions masked, subnormals kept unless the library was compiled to flush them. Without this a host that flushes
     * subnormals in its own thread, but not in the workers (gcc's libgomp does not hand the word on), would get results
     * that depend on the thread count. The old word is put back because the workers belong to the whole process.
     */
    TC_FN uint64_t tc_fp_enter(void)
    {
    #if defined(__x86_64__) || defined(__SSE__)
        uint64_t old = __builtin_ia32_stmxcsr();
    #ifdef TENSORC_FLUSH_SUBNORMALS
        __builtin_ia32_ldmxcsr(0x9fc0u); /* the default 0x1f80, flush to zero 0x8000, denormals are zero 0x0040 */
    #else
        __builtin_ia32_ldmxcsr(0x1f80u);
    #endif
        return old;
    #elif defined(__aarch64__)
        uint64_t old, word = 0;
        __asm__ volatile("mrs %0, fpcr" : "=r"(old));
    #ifdef TENSORC_FLUSH_SUBNORMALS
        word = (uint64_t)1 << 24 | (uint64_t)1 << 19; /* FZ for f32 and f64, FZ16 for f16 */
    #endif
        __asm__ volatile("msr fpcr, %0" : : "r"(word) : "memory");
        return old;
    #else
        return 0;
    #endif
    }

    TC_FN void tc_fp_leave(uint64_t old)
    {
    #if defined(__x86_64__) || defined(__SSE__)
        __builtin_ia32_ldmxcsr((uint32_t)old);
    #elif defined(__aarch64__)
        __asm__ volatile("msr fpcr, %0" : : "r"(old) : "memory");
    #else
        (void)old;
    #endif
    }

    /* ---- the team of one call ---------------------------------------------------------------------------------------
     * Members written by different threads are 128 bytes apart: two lines of x86, whose prefetcher fetches pairs, or one
     * of Apple's. Distance rather than alignment, because a caller's workspace promises none beyond a pointer's.
     */
    typedef struct {
        int64_t uniform[2]; /* values being broadcast, one per parity of the generation */
        char apart0[112];
    #ifndef TENSORC_THREADS_NONE
        _Atomic uint32_t generation; /* barriers passed; what waiting threads watch */
        _Atomic uint32_t asleep;     /* threads in, or on their way into, the kernel's wait */
        char apart1[120];
        _Atomic uint32_t arrived; /* threads that have reached the current barrier */
        char apart2[124];
    #endif
    } tc_team;

    #ifndef TENSORC_THREADS_NONE

    /* How long a thread waits in each way before it tries the next: about 1 us of pauses, then 0.1 ms of yields, then
     * sleep. Pauses are few because on a busy machine the thread being waited for may need this very processor; yields are
     * many because on an idle one they notice the barrier nearly as soon, and waking a sleeper takes tens of us. */
    #ifndef TC_SPINS
    #define TC_SPINS 20
    #endif
    #ifndef TC_YIELDS
    #define TC_YIELDS 200
    #endif

    TC_FN void tc_pause(void)
    {
    #if defined(__x86_64__) || defined(__i386__)
        __builtin_ia32_pause();
    #elif defined(__aarch64__)
        __asm__ volatile("isb"); /* yield does nothing on most cores; isb waits about as long as x86's pause */
    #endif
    }

    TC_FN int tc_passed(tc_team *team, uint32_t before)
    {
        return atomic_load_explicit(&team->generation, memory_order_acquire) != before;
    }

    TC_FN void tc_wait(tc_team *team, uint32_t before)
    {
        for (int i = 0; i < TC_SPINS; i++) {
            if (tc_passed(team, before)) return;
            tc_pause();
        }
        for (int i = 0; i < TC_YIELDS; i++) {
            if (tc_passed(team, before)) return;
            sched_yield();
        }
    #ifdef __linux__
        /* asleep is raised before the kernel compares the generation, and read after the generation is stored, both in
         * one total order: either the wait refuses to start or the last thread sees that somebody needs waking. */
        atomic_fetch_add_explicit(&team->asleep, 1, memory_order_seq_cst);
        while (!tc_passed(team, before))
            syscall(SYS_futex, &team->generation, FUTEX_WAIT_PRIVATE, before, NULL, NULL, 0);
        atomic_fetch_sub_explicit(&team->asleep, 1, memory_order_relaxed);
    #else
        struct timespec nap = {0, 20000};
        while (!tc_passed(team, before)) nanosleep(&nap, NULL);
    #endif
    }
    #endif

    /* Returns once all nt threads of the region have called it; what they wrote before is visible to all of them after. */
    TC_FN void tc_barrier(tc_team *team, int nt)
    {
    #ifndef TENSORC_THREADS_NONE
        if (nt == 1) return;
        /* Cannot move on under us: it changes only when this thread too has arrived. */
        uint32_t before = atomic_load_explicit(&team->generation, memory_order_relaxed);
        if (atomic_fetch_add_explicit(&team->arrived, 1, memory_order_acq_rel) + 1 < (uint32_t)nt) {
            tc_wait(team, before);
            return;
        }
        atomic_store_explicit(&team->arrived, 0, memory_order_relaxed);
        atomic_store_explicit(&team->generation, before + 1, memory_order_seq_cst);
    #ifdef __linux__
        if (atomic_load_explicit(&team->asleep, memory_order_seq_cst) != 0)
            syscall(SYS_futex, &team->generation, FUTEX_WAKE_PRIVATE, INT32_MAX, NULL, NULL, 0);
    #endif
    #else
        (void)team, (void)nt;
    #endif
    }

    /* A barrier that hands thread 0's value to every thread; the other threads' argument is ignored. Conditions, trip
     * counts, sizes and errors go through it, so that all threads take the same branches and meet at the same barriers.
     * One barrier suffices: the slot alternates with the generation, and by the time thread 0 writes a slot again every
     * thread has passed a later barrier, hence read the old value. */
    TC_FN int64_t tc_uniform(tc_team *team, int tid, int nt, int64_t value)
    {
    #ifndef TENSORC_THREADS_NONE
        if (nt == 1) return value;
        uint32_t slot = atomic_load_explicit(&team->generation, memory_order_relaxed) & 1;
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
        atomic_init(&team->generation, 0);
        atomic_init(&team->asleep, 0);
        atomic_init(&team->arrived, 0);
        if (threads > 1) {
            tc_fork(threads, body, shared);
            return;
        }
    #endif
        (void)threads;
        tc_enter(body, 0, 1, shared);
    }

    /* The other half of the "threads" piece: how many threads this process may use, found once in `create`. OpenMP
     * runtimes know the affinity mask but not the cgroup's quota, and a team larger than the quota is throttled, usually
     * while the rest of it waits at a barrier. */

    #if !defined(TENSORC_THREADS_NONE) && defined(__linux__)

    /* The text of a small file, or an empty string. */
    TC_FN void tc_read(const char *path, char *text, size_t size)
    {
        size_t length = 0;
        int file = open(path, O_RDONLY | O_CLOEXEC);
        if (file >= 0) {
            ssize_t got;
            while (length + 1 < size && (got = read(file, text + length, size - 1 - length)) > 0) length += (size_t)got;
            close(file);
        }
        text[length] = 0;
    }

    /* Whole processors that one cgroup directory grants, or INT32_MAX. Rounded down: a fraction of a processor would be
     * used up before the period ends, and all threads would wait for the one that is stopped. */
    TC_FN int tc_cgroup_quota(const char *directory, int version)
    {
        char path[4352], text[64], *rest = text;
        snprintf(path, sizeof path, "%s/%s", directory, version == 2 ? "cpu.max" : "cpu.cfs_quota_us");
        tc_read(path, text, sizeof text);
        long quota = strtol(text, &rest, 10); /* "max 100000", "-1" and a missing file all give no positive number */
        if (quota <= 0) return INT32_MAX;
        if (version == 1) {
            snprintf(path, sizeof path, "%s/cpu.cfs_period_us", directory);
            tc_read(path, text, sizeof text);
            rest = text;
        }
        long period = strtol(rest, NULL, 10);
        if (period <= 0) return INT32_MAX;
        long whole = quota / period;
        return whole < 1 ? 1 : whole < INT32_MAX ? (int)whole : INT32_MAX;
    }

    /* The smallest quota among the process's cgroup and its ancestors. A container often sees its own cgroup mounted as
     * the root while the membership file names a path of the host: directories that do not exist grant everything, and
     * the walk ends at the root, which is then the container's. */
    TC_FN int tc_cgroup_limit(const char *membership, const char *root)
    {
        char lines[4096], directory[4224];
        int limit = INT32_MAX;
        tc_read(membership, lines, sizeof lines);
        for (char *line = lines, *next; *line; line = next) {
            /* hierarchy:controllers:path */
            next = line + strcspn(line, "\n");
            if (*next) *next++ = 0;
            char *controllers = strchr(line, ':');
            char *path = controllers ? strchr(controllers + 1, ':') : NULL;
            if (!path) continue;
            *path++ = 0;
            int version = 2;
            if (*++controllers) {
                version = 1;
                while (controllers && strncmp(controllers, "cpu,", 4) != 0 && strcmp(controllers, "cpu") != 0)
                    if ((controllers = strchr(controllers, ','))) controllers++;
                if (!controllers) continue;
            }
            size_t base = strlen(root) + (version == 1 ? 4 : 0);
            int length = snprintf(directory, sizeof directory, "%s%s%s", root, version == 1 ? "/cpu" : "", path);
            if (length < 0 || (size_t)length >= sizeof directory) continue;
            for (char *cut = directory + length; cut; cut = strrchr(directory + base, '/')) {
                *cut = 0;
                int quota = tc_cgroup_quota(directory, version);
                if (quota < limit) limit = quota;
            }
        }
        return limit;
    }
    #endif

    /* The most threads a call may use: the processors online, the affinity mask, the cgroup's quota. */
    TC_FN int tc_available_threads(void)
    {
    #ifdef TENSORC_THREADS_NONE
        return 1;
    #elif defined(TC_PROCESSORS)
        return TC_PROCESSORS; /* for tests of more threads than there are processors */
    #else
        long available = sysconf(_SC_NPROCESSORS_ONLN);
        if (available < 1) available = 1;
    #ifdef __linux__
        /* The system call itself: libc's wrapper wants _GNU_SOURCE and stops at 1024 processors. */
        unsigned long mask[128] = {0};
        long bytes = syscall(SYS_sched_getaffinity, 0, sizeof mask, mask), allowed = 0;
        for (size_t i = 0; bytes > 0 && i < sizeof mask / sizeof *mask; i++)
            for (unsigned long left = mask[i]; left; left &= left - 1) allowed++;
        if (allowed > 0 && allowed < available) available = allowed;
        long quota = tc_cgroup_limit("/proc/self/cgroup", "/sys/fs/cgroup");
        if (quota < available) available = quota;
    #endif
        return (int)available;
    #endif
    }

    /* The threads of one call: what the caller asked for, at most what there is; 0 asks for all of it. */
    TC_FN int tc_threads(int requested, int available)
    {
        return requested > 0 && requested < available ? requested : available;
    }

    """#
}
