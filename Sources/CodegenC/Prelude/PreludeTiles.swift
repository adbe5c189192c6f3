extension Prelude {
  /// Products of tiles of bf16, as the loop IR's `TileMultiplication` says: by the processor's matrix registers, or by the same
  /// steps in plain C. The registers take what is less than 2^-126 for zero. A process asks the kernel for them once; where it
  /// does not get them, plain C does the work.
  static let tiles: [PreludeSnippet] = [
    PreludeSnippet("tc_tile_pairs", plainTiles),
    PreludeSnippet("tc_multiply_tiles", registerTiles),
  ]

  private static let plainTiles = """
    static __attribute__((unused)) void tc_tile_pairs(float *sums, const float *left, int64_t left_row,
                                                      const float *right, int64_t steps, int64_t rows) {
      for (int64_t k = 0; k < steps; k += 16) {
        const int64_t end = steps - k < 16 ? steps : k + 16;
        for (int64_t r = 0; r < rows; r++) {
          float low[32] = {0}, high[32] = {0};
          for (int64_t j = k; j < end; j++) {
            uint32_t word;
            memcpy(&word, left + r * left_row + j, 4);
            const uint32_t a[2] = {word << 16, word & 0xffff0000u};
            float x[2];
            memcpy(x, a, 8);
            for (int c = 0; c < 32; c++) {
              memcpy(&word, right + j * 32 + c, 4);
              const uint32_t b[2] = {word << 16, word & 0xffff0000u};
              float y[2];
              memcpy(y, b, 8);
              low[c] = tc_fma_f32(x[0], y[0], low[c]);
              high[c] = tc_fma_f32(x[1], y[1], high[c]);
            }
          }
          for (int c = 0; c < 32; c++) sums[r * 32 + c] += low[c] + high[c];
        }
      }
    }
    """

  /// Sums are four registers of 16 by 16; a step of 16 words is two of the left operand and two of the right one. What is left
  /// over of the steps is filled up with zeros.
  private static let registerTiles = """
    #if (defined(__AMX_TILE__) && defined(__AMX_BF16__) || defined(__AMXTILE__) && defined(__AMXBF16__)) && \\
        defined(__x86_64__) && defined(__linux__)
    #include <immintrin.h>
    #include <sys/syscall.h>
    #include <unistd.h>
    static __attribute__((unused)) int tc_has_tiles(void) {
      static int known;
      int state = __atomic_load_n(&known, __ATOMIC_RELAXED);
      if (!state) {
        /* ARCH_REQ_XCOMP_PERM for the data of tiles */
        state = syscall(SYS_arch_prctl, 0x1023, 18) == 0 ? 1 : 2;
        __atomic_store_n(&known, state, __ATOMIC_RELAXED);
      }
      return state == 1;
    }
    #define TC_TILE_STEP(a, a_row, b)                                  \\
      do {                                                             \\
        _tile_loadd(6, (b), 128);                                      \\
        _tile_loadd(7, (b) + 16, 128);                                 \\
        _tile_loadd(4, (a), (a_row) * 4);                              \\
        _tile_dpbf16ps(0, 4, 6);                                       \\
        _tile_dpbf16ps(1, 4, 7);                                       \\
        if (more) {                                                    \\
          _tile_loadd(5, (a) + 16 * (a_row), (a_row) * 4);             \\
          _tile_dpbf16ps(2, 5, 6);                                     \\
          _tile_dpbf16ps(3, 5, 7);                                     \\
        }                                                              \\
      } while (0)
    static __attribute__((unused, noinline)) void tc_tile_registers(float *sums, const float *left, int64_t left_row,
                                                                    const float *right, int64_t steps, int64_t rows) {
      struct {
        uint8_t palette, start, none[14];
        uint16_t bytes[16];
        uint8_t rows[16];
      } shape __attribute__((aligned(64)));
      const int64_t first = rows < 16 ? rows : 16, more = rows - first;
      memset(&shape, 0, sizeof shape);
      shape.palette = 1;
      for (int t = 0; t < 8; t++) {
        const int64_t count = t >= 6 ? 16 : t == 2 || t == 3 || t == 5 ? more : first;
        shape.rows[t] = (uint8_t)count;
        shape.bytes[t] = count ? 64 : 0;
      }
      _tile_loadconfig(&shape);
      _tile_loadd(0, sums, 128);
      _tile_loadd(1, sums + 16, 128);
      if (more) {
        _tile_loadd(2, sums + 512, 128);
        _tile_loadd(3, sums + 528, 128);
      }
      const int64_t whole = steps / 16 * 16, rest = steps - whole;
      for (int64_t k = 0; k < whole; k += 16) TC_TILE_STEP(left + k, left_row, right + k * 32);
      if (rest) {
        float a[32 * 16] __attribute__((aligned(64))) = {0}, b[16 * 32] __attribute__((aligned(64))) = {0};
        for (int64_t r = 0; r < rows; r++) memcpy(a + r * 16, left + r * left_row + whole, (size_t)rest * 4);
        memcpy(b, right + whole * 32, (size_t)rest * 128);
        TC_TILE_STEP(a, 16, b);
      }
      _tile_stored(0, sums, 128);
      _tile_stored(1, sums + 16, 128);
      if (more) {
        _tile_stored(2, sums + 512, 128);
        _tile_stored(3, sums + 528, 128);
      }
      _tile_release();
    }
    TC_INLINE void tc_multiply_tiles(float *sums, const float *left, int64_t left_row, const float *right, int64_t steps,
                                     int64_t rows) {
      if (tc_has_tiles()) tc_tile_registers(sums, left, left_row, right, steps, rows);
      else tc_tile_pairs(sums, left, left_row, right, steps, rows);
    }
    #else
    TC_INLINE void tc_multiply_tiles(float *sums, const float *left, int64_t left_row, const float *right, int64_t steps,
                                     int64_t rows) {
      tc_tile_pairs(sums, left, left_row, right, steps, rows);
    }
    #endif
    """
}
