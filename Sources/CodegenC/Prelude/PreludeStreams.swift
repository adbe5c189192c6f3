import TensorIR

extension Prelude {
  /// Stores past the caches. Such a store writes a whole line at once without reading it first, and is ordered with nothing:
  /// a fence has to follow before other threads read.
  static let streams: [PreludeSnippet] =
    [
      PreludeSnippet(
        "TC_STREAM_BYTES",
        """
        #ifndef TC_STREAM_BYTES
        #define TC_STREAM_BYTES \(KernelBuilder.leastStreamedBytes)
        #endif
        """),
      PreludeSnippet(
        "tc_stream_mask",
        """
        /* The bits that must be 0 in an address for a store past the caches; all of them where there shall be none. */
        TC_INLINE uintptr_t tc_stream_mask(int64_t bytes) {
          return bytes < TC_STREAM_BYTES ? UINTPTR_MAX : TC_VECTOR_BYTES - 1;
        }
        """),
      PreludeSnippet(
        "tc_stream_end",
        """
        TC_INLINE void tc_stream_end(uintptr_t mask) {
          if (mask == UINTPTR_MAX) return;
        #if defined(__SSE2__)
          _mm_sfence();
        #else
          __atomic_thread_fence(__ATOMIC_SEQ_CST);
        #endif
        }
        """),
    ]
    + lanes.map { lane in
      let vector = "tc_\(lane.suffix)v"
      func text(_ store: String) -> String {
        """
        TC_INLINE void tc_stream_\(lane.suffix)v(\(lane.type) *to, \(vector) x, uintptr_t mask) {
          if ((uintptr_t)to & mask) tc_store_\(lane.suffix)v(to, x);
          else \(store);
        }
        """
      }
      return PreludeSnippet(
        "tc_stream_\(lane.suffix)v",
        .each(
          avx512: text("_mm512_stream_si512((__m512i *)to, (__m512i)x)"),
          avx2: text("_mm256_stream_si256((__m256i *)to, (__m256i)x)"),
          generic: """
            #if defined(__SSE2__)
            #define TC_STREAM(to, x) _mm_stream_si128((__m128i *)(to), (__m128i)(x))
            #else
            #define TC_STREAM(to, x) (*(\(vector) *)(to) = (x))
            #endif
            \(text("TC_STREAM(to, x)"))
            #undef TC_STREAM
            """))
    }
}
