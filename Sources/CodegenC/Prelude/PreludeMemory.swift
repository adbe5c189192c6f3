extension Prelude {
  /// Loads and stores: of a vector, of its first n lanes (0 < n < lanes, the others zero), of every other element, and of
  /// lanes a stride apart.
  /// None asks for alignment.
  static let memory: [PreludeSnippet] =
    narrowTypes + laneNumbers + lanes.flatMap(accesses) + lanes.flatMap(everyOther)
    + narrowLanes.flatMap(narrowAccesses)

  private static let laneNumbers: [PreludeSnippet] = [
    PreludeSnippet(
      "tc_lanes_i32v",
      .each(
        avx512: """
          TC_INLINE tc_i32v tc_lanes_i32v(void) {
            return (tc_i32v){0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
          }
          """,
        avx2: "TC_INLINE tc_i32v tc_lanes_i32v(void) { return (tc_i32v){0, 1, 2, 3, 4, 5, 6, 7}; }",
        generic: "TC_INLINE tc_i32v tc_lanes_i32v(void) { return (tc_i32v){0, 1, 2, 3}; }")),
    PreludeSnippet(
      "tc_lanes_i64v",
      .each(
        avx512: "TC_INLINE tc_i64v tc_lanes_i64v(void) { return (tc_i64v){0, 1, 2, 3, 4, 5, 6, 7}; }",
        avx2: "TC_INLINE tc_i64v tc_lanes_i64v(void) { return (tc_i64v){0, 1, 2, 3}; }",
        generic: "TC_INLINE tc_i64v tc_lanes_i64v(void) { return (tc_i64v){0, 1}; }")),
  ]

  private static func accesses(suffix: String, type: String, bytes: Int) -> [PreludeSnippet] {
    let vector = "tc_\(suffix)v"
    return [
      PreludeSnippet(
        "tc_load_\(suffix)v",
        "TC_INLINE \(vector) tc_load_\(suffix)v(const \(type) *from) { return *(const \(vector)_any *)from; }"),
      PreludeSnippet(
        "tc_store_\(suffix)v",
        "TC_INLINE void tc_store_\(suffix)v(\(type) *to, \(vector) x) { *(\(vector)_any *)to = x; }"),
      PreludeSnippet("tc_load_tail_\(suffix)v", tailLoad(suffix: suffix, type: type, bytes: bytes)),
      PreludeSnippet("tc_store_tail_\(suffix)v", tailStore(suffix: suffix, type: type, bytes: bytes)),
      PreludeSnippet(
        "tc_gather_\(suffix)v",
        """
        TC_INLINE \(vector) tc_gather_\(suffix)v(const \(type) *from, ptrdiff_t stride) {
          \(vector) x;
          for (ptrdiff_t i = 0; i < (ptrdiff_t)(sizeof x / sizeof x[0]); i++) x[i] = from[i * stride];
          return x;
        }
        """),
      PreludeSnippet(
        "tc_scatter_\(suffix)v",
        """
        TC_INLINE void tc_scatter_\(suffix)v(\(type) *to, ptrdiff_t stride, \(vector) x) {
          for (ptrdiff_t i = 0; i < (ptrdiff_t)(sizeof x / sizeof x[0]); i++) to[i * stride] = x[i];
        }
        """),
    ]
  }

  private static func tailLoad(suffix: String, type: String, bytes: Int) -> PreludeText {
    let vector = "tc_\(suffix)v"
    let signature = "TC_INLINE \(vector) tc_load_tail_\(suffix)v(const \(type) *from, size_t n)"
    let mask = bytes == 4 ? "(__mmask16)((1u << n) - 1)" : "(__mmask8)((1u << n) - 1)"
    return .each(
      avx512: """
        \(signature) {
          return (\(vector))_mm512_maskz_loadu_epi\(bytes * 8)(\(mask), from);
        }
        """,
      avx2: """
        \(signature) {
          tc_i\(bytes * 8)v mask = (tc_i\(bytes * 8)v)(tc_lanes_i\(bytes * 8)v() < (int)n);
          return (\(vector))_mm256_maskload_epi\(bytes * 8)((const \(bytes == 4 ? "int" : "long long") *)from, (__m256i)mask);
        }
        """,
      generic: """
        \(signature) {
          \(vector) x = {0};
          for (size_t i = 0; i < sizeof x / sizeof x[0] - 1; i++)
            if (i < n) x[i] = from[i];
          return x;
        }
        """)
  }

  private static func tailStore(suffix: String, type: String, bytes: Int) -> PreludeText {
    let vector = "tc_\(suffix)v"
    let signature = "TC_INLINE void tc_store_tail_\(suffix)v(\(type) *to, size_t n, \(vector) x)"
    let mask = bytes == 4 ? "(__mmask16)((1u << n) - 1)" : "(__mmask8)((1u << n) - 1)"
    return .each(
      avx512: """
        \(signature) {
          _mm512_mask_storeu_epi\(bytes * 8)(to, \(mask), (__m512i)x);
        }
        """,
      avx2: """
        \(signature) {
          tc_i\(bytes * 8)v mask = (tc_i\(bytes * 8)v)(tc_lanes_i\(bytes * 8)v() < (int)n);
          _mm256_maskstore_epi\(bytes * 8)((\(bytes == 4 ? "int" : "long long") *)to, (__m256i)mask, (__m256i)x);
        }
        """,
      generic: """
        \(signature) {
          for (size_t i = 0; i < sizeof x / sizeof x[0] - 1; i++)
            if (i < n) to[i] = x[i];
        }
        """)
  }

  // MARK: Narrow elements

  /// Vectors of bytes and half-words with as many lanes as `tc_i32v`: `q` is a quarter of its size, `h` half of it.
  static let narrowLanes: [(suffix: String, type: String, part: Int)] = [
    ("i8q", "int8_t", 4), ("u8q", "uint8_t", 4), ("i16h", "int16_t", 2), ("u16h", "uint16_t", 2),
  ]

  private static let narrowTypes = narrowLanes.map { lane in
    PreludeSnippet(
      "tc_\(lane.suffix)",
      "typedef \(lane.type) tc_\(lane.suffix) __attribute__((vector_size(TC_VECTOR_BYTES / \(lane.part))));")
  }

  private static func narrowAccesses(suffix: String, type: String, part: Int) -> [PreludeSnippet] {
    let vector = "tc_\(suffix)"
    return [
      PreludeSnippet(
        "tc_load_\(suffix)",
        """
        TC_INLINE \(vector) tc_load_\(suffix)(const \(type) *from) {
          \(vector) x;
          memcpy(&x, from, sizeof x);
          return x;
        }
        """),
      PreludeSnippet(
        "tc_store_\(suffix)",
        "TC_INLINE void tc_store_\(suffix)(\(type) *to, \(vector) x) { memcpy(to, &x, sizeof x); }"),
      PreludeSnippet(
        "tc_load_tail_\(suffix)",
        """
        TC_INLINE \(vector) tc_load_tail_\(suffix)(const \(type) *from, size_t n) {
          \(type) lanes[sizeof(\(vector)) / sizeof(\(type))] = {0};
          for (size_t i = 0; i < n; i++) lanes[i] = from[i];
          return tc_load_\(suffix)(lanes);
        }
        """),
      PreludeSnippet(
        "tc_store_tail_\(suffix)",
        """
        TC_INLINE void tc_store_tail_\(suffix)(\(type) *to, size_t n, \(vector) x) {
          \(type) lanes[sizeof(\(vector)) / sizeof(\(type))];
          tc_store_\(suffix)(lanes, x);
          for (size_t i = 0; i < n; i++) to[i] = lanes[i];
        }
        """),
    ]
  }
}
