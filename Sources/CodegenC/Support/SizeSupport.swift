extension CallSupport {
  /// Arithmetic on sizes. An overflow is noted, and the caller refuses the call; nothing here divides by zero.
  static let sizes = #"""
    /* ---- sizes -------------------------------------------------------------------------------------------------- */

    /* Sums and products that note when 64 bits do not suffice. */
    TC_FN int64_t tc_plus(int64_t a, int64_t b, int *overflow) {
      int64_t sum;
      if (!__builtin_add_overflow(a, b, &sum)) return sum;
      *overflow = 1;
      return 0;
    }

    TC_FN int64_t tc_times(int64_t a, int64_t b, int *overflow) {
      int64_t product;
      if (!__builtin_mul_overflow(a, b, &product)) return product;
      *overflow = 1;
      return 0;
    }

    /* Division rounded towards minus infinity, and what it leaves. Divisors are positive by construction; should one be
     * zero because a tensor is empty, so is the result. */
    TC_FN int64_t tc_floordiv(int64_t a, int64_t b) {
      if (b <= 0) return 0;
      return a / b - (a % b < 0);
    }

    TC_FN int64_t tc_mod(int64_t a, int64_t b) {
      if (b <= 0) return 0;
      int64_t rest = a % b;
      return rest < 0 ? rest + b : rest;
    }

    TC_FN int64_t tc_lesser(int64_t a, int64_t b) { return a < b ? a : b; }

    TC_FN int64_t tc_greater(int64_t a, int64_t b) { return a > b ? a : b; }

    /* The size of two axes broadcast together; that they fit is checked elsewhere. */
    TC_FN int64_t tc_broadcast(int64_t a, int64_t b) { return a == 1 ? b : a; }

    /* Rounded up to 64 bytes. */
    TC_FN int64_t tc_round_up(int64_t bytes, int *overflow) { return tc_plus(bytes, 63, overflow) & ~(int64_t)63; }
    """#

  /// Whether this processor has what the compiler was allowed to use.
  static let processor = #"""
    /* ---- the processor ------------------------------------------------------------------------------------------ */

    /* The name of an instruction set that this code uses and this processor lacks, or null. */
    TC_FN const char *tc_missing_instructions(void) {
    #if defined(__x86_64__) || defined(__i386__)
      __builtin_cpu_init();
    #ifdef __AVX2__
      if (!__builtin_cpu_supports("avx2")) return "AVX2";
    #endif
    #ifdef __FMA__
      if (!__builtin_cpu_supports("fma")) return "FMA";
    #endif
    #ifdef __BMI2__
      if (!__builtin_cpu_supports("bmi2")) return "BMI2";
    #endif
    #ifdef __AVX512F__
      if (!__builtin_cpu_supports("avx512f")) return "AVX-512 F";
    #endif
    #ifdef __AVX512DQ__
      if (!__builtin_cpu_supports("avx512dq")) return "AVX-512 DQ";
    #endif
    #ifdef __AVX512BW__
      if (!__builtin_cpu_supports("avx512bw")) return "AVX-512 BW";
    #endif
    #ifdef __AVX512VL__
      if (!__builtin_cpu_supports("avx512vl")) return "AVX-512 VL";
    #endif
    #ifdef __AVX512VBMI__
      if (!__builtin_cpu_supports("avx512vbmi")) return "AVX-512 VBMI";
    #endif
    #ifdef __AVX512VNNI__
      if (!__builtin_cpu_supports("avx512vnni")) return "AVX-512 VNNI";
    #endif
    #ifdef __AVX512BF16__
      if (!__builtin_cpu_supports("avx512bf16")) return "AVX-512 BF16";
    #endif
    #endif
      return NULL;
    }
    """#
}
