extension Prelude {
  /// Vectors of every other element, and of the first n of them (0 < n < lanes, the others zero): two loads and a shuffle.
  /// The second load begins one element early, so that nothing behind the last element in use is read.
  static func everyOther(suffix: String, type: String, bytes: Int) -> [PreludeSnippet] {
    [
      PreludeSnippet("tc_load_every_other_\(suffix)v", wholeEveryOther(suffix: suffix, type: type, bytes: bytes)),
      PreludeSnippet("tc_load_every_other_tail_\(suffix)v", tailEveryOther(suffix: suffix, type: type, bytes: bytes)),
    ]
  }

  private static func wholeEveryOther(suffix: String, type: String, bytes: Int) -> PreludeText {
    let vector = "tc_\(suffix)v"
    let signature = "TC_INLINE \(vector) tc_load_every_other_\(suffix)v(const \(type) *from)"
    let (bits, many) = (bytes * 8, 64 / bytes)
    let generic = """
      \(signature) {
        \(vector) x;
        for (size_t i = 0; i < sizeof x / sizeof x[0]; i++) x[i] = from[2 * i];
        return x;
      }
      """
    let shuffled = """
      #if defined(__SSE2__)
      \(signature) {
        return (\(vector))_mm_shuffle_ps(_mm_loadu_ps((const float *)from), _mm_loadu_ps((const float *)(from + 3)), 0xd8);
      }
      #else
      \(generic)
      #endif
      """
    return .each(
      avx512: """
        \(signature) {
          __m512i low = _mm512_loadu_si512(from), high = _mm512_loadu_si512(from + \(many - 1));
          return (\(vector))_mm512_permutex2var_epi\(bits)(low, \(evens(bits)), high);
        }
        """,
      avx2: """
        \(signature) {
          __m256i low = _mm256_loadu_si256((const __m256i *)from);
          __m256i high = _mm256_loadu_si256((const __m256i *)(from + \(many / 2 - 1)));
          return (\(vector))\(halves(bytes));
        }
        """,
      generic: bytes == 4 ? shuffled : generic)
  }

  private static func tailEveryOther(suffix: String, type: String, bytes: Int) -> PreludeText {
    let vector = "tc_\(suffix)v"
    let signature = "TC_INLINE \(vector) tc_load_every_other_tail_\(suffix)v(const \(type) *from, size_t n)"
    let (bits, many) = (bytes * 8, 64 / bytes)
    let mask = "__mmask\(many)"
    let lanes = "tc_lanes_i\(bits)v()"
    let pointer = "const \(bytes == 4 ? "int" : "long long") *"
    return .each(
      avx512: """
        \(signature) {
          uint32_t inUse = (UINT32_C(1) << (2 * n - 1)) - 1;
          __m512i low = _mm512_maskz_loadu_epi\(bits)((\(mask))inUse, from);
          __m512i high = _mm512_maskz_loadu_epi\(bits)((\(mask))(inUse >> \(many - 1)), from + \(many - 1));
          return (\(vector))_mm512_permutex2var_epi\(bits)(low, \(evens(bits)), high);
        }
        """,
      avx2: """
        \(signature) {
          int inUse = 2 * (int)n - 1;
          tc_i\(bits)v isLow = (tc_i\(bits)v)(\(lanes) < inUse);
          tc_i\(bits)v isHigh = (tc_i\(bits)v)(\(lanes) < inUse - \(many / 2 - 1));
          __m256i low = _mm256_maskload_epi\(bits)((\(pointer))from, (__m256i)isLow);
          __m256i high = _mm256_maskload_epi\(bits)((\(pointer))(from + \(many / 2 - 1)), (__m256i)isHigh);
          return (\(vector))\(halves(bytes));
        }
        """,
      generic: """
        \(signature) {
          \(vector) x = {0};
          for (size_t i = 0; i < sizeof x / sizeof x[0] - 1; i++)
            if (i < n) x[i] = from[2 * i];
          return x;
        }
        """)
  }

  /// The lanes of two neighbouring 64-byte vectors, the second one element early, that every other element lies in.
  private static func evens(_ bits: Int) -> String {
    let many = 512 / bits
    let numbers = (0..<many).map { 2 * $0 < many ? 2 * $0 : 2 * $0 + 1 }
    // The intrinsic that sets lanes from the first on.
    return "_mm512_setr_epi\(bits)(\(numbers.map(String.init).joined(separator: ", ")))"
  }

  /// The same of 32-byte vectors `low` and `high`: picked in each half, then the middle quarters change places.
  private static func halves(_ bytes: Int) -> String {
    let picked =
      bytes == 4
      ? "(__m256i)_mm256_shuffle_ps((__m256)low, (__m256)high, 0xd8)"
      : "(__m256i)_mm256_shuffle_pd((__m256d)low, (__m256d)high, 0xa)"
    return "_mm256_permute4x64_epi64(\(picked), 0xd8)"
  }
}
