extension Prelude {
  /// The threads of a call: one parallel region, the turns and barriers in it, and how many threads a process may use. With
  /// -DTENSORC_THREADS_NONE, or without OpenMP, all of it is serial.
  public static let threads = team + turns + processors

  /// What the threads of a call share, and how they wait for each other.
  private static let team = #"""
    /* The "threads" piece of the prelude printed into every emitted library.
     *
     * One call of a library is one parallel region: tc_parallel starts it, every thread runs the same body, and the body
     * keeps the threads together with tc_begin and tc_next, tc_barrier and tc_uniform. All state of a call is its tc_team,
     * so a library has no globals and any number of calls may run at once. Compiled without -fopenmp, or with
     * -DTENSORC_THREADS_NONE, the same source is serial and needs nothing beyond libc.
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
    #ifndef TENSORC_THREADS_NONE
    /* What threads wait for: a number that only grows. */
    typedef struct {
        _Atomic uint32_t passed; /* what waiting threads watch */
        _Atomic uint32_t asleep; /* threads in, or on their way into, the kernel's wait */
        char apart0[120];
        _Atomic uint32_t arrived; /* threads, or parts, that are there */
        char apart1[124];
    } tc_gate;

    enum { TC_PARTS = 64 }; /* parts that another thread may take over; of a larger team each thread has its own */
    #endif

    typedef struct {
        int64_t uniform[2]; /* values being broadcast, one per parity of the barriers passed */
        char apart0[112];
    #ifndef TENSORC_THREADS_NONE
        tc_gate barrier, turns;
        struct {
            _Atomic uint32_t turn; /* the last turn in which somebody took this part */
            char apart[124];
        } parts[TC_PARTS];
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

    /* Whether the gate has come to a number; they may wrap around. */
    TC_FN int tc_passed(tc_gate *gate, uint32_t number)
    {
        return (int32_t)(atomic_load_explicit(&gate->passed, memory_order_acquire) - number) >= 0;
    }

    TC_FN int tc_spin(tc_gate *gate, uint32_t number)
    {
        for (int i = 0; i < TC_SPINS; i++) {
            if (tc_passed(gate, number)) return 1;
            tc_pause();
        }
        return 0;
    }

    TC_FN void tc_wait(tc_gate *gate, uint32_t number)
    {
        if (tc_spin(gate, number)) return;
        for (int i = 0; i < TC_YIELDS; i++) {
            if (tc_passed(gate, number)) return;
            sched_yield();
        }
    #ifdef __linux__
        /* asleep is raised before the kernel compares the number, and read after the number is stored, both in one total
         * order: either the wait refuses to start or the last thread sees that somebody needs waking. */
        atomic_fetch_add_explicit(&gate->asleep, 1, memory_order_seq_cst);
        for (;;) {
            uint32_t seen = atomic_load_explicit(&gate->passed, memory_order_acquire);
            if ((int32_t)(seen - number) >= 0) break;
            syscall(SYS_futex, &gate->passed, FUTEX_WAIT_PRIVATE, seen, NULL, NULL, 0);
        }
        atomic_fetch_sub_explicit(&gate->asleep, 1, memory_order_relaxed);
    #else
        struct timespec nap = {0, 20000};
        while (!tc_passed(gate, number)) nanosleep(&nap, NULL);
    #endif
    }

    /* Says that one of `expected` is there; the last one opens the gate and gets 1. */
    TC_FN int tc_arrive(tc_gate *gate, uint32_t number, int expected)
    {
        if (atomic_fetch_add_explicit(&gate->arrived, 1, memory_order_acq_rel) + 1 < (uint32_t)expected) return 0;
        atomic_store_explicit(&gate->arrived, 0, memory_order_relaxed);
        atomic_store_explicit(&gate->passed, number, memory_order_seq_cst);
    #ifdef __linux__
        if (atomic_load_explicit(&gate->asleep, memory_order_seq_cst) != 0)
            syscall(SYS_futex, &gate->passed, FUTEX_WAKE_PRIVATE, INT32_MAX, NULL, NULL, 0);
    #endif
        return 1;
    }
    #endif

    /* Returns once all nt threads of the region have called it; what they wrote before is visible to all of them after. */
    TC_FN void tc_barrier(tc_team *team, int nt)
    {
    #ifndef TENSORC_THREADS_NONE
        if (nt == 1) return;
        /* Cannot move on under us: it changes only when this thread too has arrived. */
        uint32_t next = atomic_load_explicit(&team->barrier.passed, memory_order_relaxed) + 1;
        if (!tc_arrive(&team->barrier, next, nt)) tc_wait(&team->barrier, next);
    #else
        (void)team, (void)nt;
    #endif
    }


    """#
}
