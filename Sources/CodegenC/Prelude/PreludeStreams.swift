import TensorIR

extension Prelude {
  /// Stores past the caches. The processor gathers them to whole lines, which it writes without reading them first; they are
  /// ordered with nothing, so a fence has to follow before other threads read.
  static let streams: [PreludeSnippet] =
    [
      PreludeSnippet(
        "TC_STREAM_BYTES",
        """
        #ifndef TC_STREAM_BYTES
        #define TC_STREAM_BYTES \(Tuning().elements.leastStreamed)
        #endif
        """),
      PreludeSnippet(
        "tc_stream_mask",
        """
        /* The bits that must be 0 in an address for a whole vector to go past the caches at once; all of them where none shall. */
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
      func text(_ store: String, _ pieces: [String]) -> String {
        """
        TC_INLINE void tc_stream_\(lane.suffix)v(\(lane.type) *to, \(vector) x, uintptr_t mask) {
          if (!((uintptr_t)to & mask)) \(store);
        \(sixteens(pieces))  else tc_store_\(lane.suffix)v(to, x);
        }
        """
      }
      return PreludeSnippet(
        "tc_stream_\(lane.suffix)v",
        .each(
          avx512: text(
            "_mm512_stream_si512((__m512i *)to, (__m512i)x)",
            ["_mm512_castsi512_si128((__m512i)x)"] + (1...3).map { "_mm512_extracti32x4_epi32((__m512i)x, \($0))" }),
          avx2: text(
            "_mm256_stream_si256((__m256i *)to, (__m256i)x)",
            ["_mm256_castsi256_si128((__m256i)x)", "_mm256_extracti128_si256((__m256i)x, 1)"]),
          generic: """
            #if defined(__SSE2__)
            #define TC_STREAM(to, x) _mm_stream_si128((__m128i *)(to), (__m128i)(x))
            #else
            #define TC_STREAM(to, x) (*(\(vector) *)(to) = (x))
            #endif
            \(text("TC_STREAM(to, x)", []))
            #undef TC_STREAM
            """))
    }

  /// Allocators of C put large arrays 16 bytes behind the beginning of a page. Vectors there are stored in pieces of 16
  /// bytes.
  private static func sixteens(_ pieces: [String]) -> String {
    if pieces.isEmpty { return "" }
    let stores = pieces.enumerated().map { "    _mm_stream_si128((__m128i *)to + \($0), \($1));\n" }
    return "  else if (mask != UINTPTR_MAX && !((uintptr_t)to & 15)) {\n" + stores.joined() + "  }\n"
  }
}
