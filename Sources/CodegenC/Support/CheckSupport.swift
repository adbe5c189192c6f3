extension CallSupport {
  /// What `--checks` adds: zones between the temporaries that nobody may write to, and NaN wherever nothing has been
  /// written yet.
  static let zones = #"""

    /* ---- checks ------------------------------------------------------------------------------------------------- */

    /* Behind each temporary, up to the next multiple of 64 bytes and 64 bytes more, lies a zone that belongs to nobody. Its
     * pattern must survive a run; under AddressSanitizer it must not even be read. */
    enum { TC_ZONE = 64, TC_ZONE_PATTERN = 0xa5 };

    #if defined(__SANITIZE_ADDRESS__)
    #define TC_ADDRESS_SANITIZER
    #elif defined(__has_feature)
    #if __has_feature(address_sanitizer)
    #define TC_ADDRESS_SANITIZER
    #endif
    #endif
    #ifdef TC_ADDRESS_SANITIZER
    void __asan_poison_memory_region(const volatile void *address, size_t size);
    void __asan_unpoison_memory_region(const volatile void *address, size_t size);
    #define TC_CLOSE(address, size) __asan_poison_memory_region((address), (size))
    #define TC_OPEN(address, size) __asan_unpoison_memory_region((address), (size))
    #else
    #define TC_CLOSE(address, size) (void)(address), (void)(size)
    #define TC_OPEN(address, size) (void)(address), (void)(size)
    #endif

    /* The bytes from one thread's share of a slot to the next one's. */
    TC_FN int64_t tc_zoned(int64_t used) { return ((used + 63) & ~(int64_t)63) + TC_ZONE; }

    /* Prepares a slot: every byte 0xff, which is NaN in each type of float and -1 in each of integers, then its zone. */
    TC_FN void tc_zone_begin(char *slot, int64_t used, int64_t shares) {
      const int64_t step = tc_zoned(used);
      for (int64_t i = 0; i < shares; i++) {
        char *const share = slot + i * step;
        memset(share, 0xff, (size_t)used);
        memset(share + used, TC_ZONE_PATTERN, (size_t)(step - used));
        TC_CLOSE(share + used, (size_t)(step - used));
      }
    }

    /* Makes the memory of a temporary fresh again; what its slot has beyond it is closed. */
    TC_FN void tc_refresh(void *temporary, int64_t bytes, int64_t used) {
      TC_OPEN(temporary, (size_t)used);
      memset(temporary, 0xff, (size_t)used);
      TC_CLOSE((char *)temporary + bytes, (size_t)(used - bytes));
    }

    /* Whether a zone of a slot was written to. */
    TC_FN int tc_zone_end(const char *slot, int64_t used, int64_t shares) {
      const int64_t step = tc_zoned(used);
      int broken = 0;
      for (int64_t i = 0; i < shares; i++) {
        const char *const share = slot + i * step;
        TC_OPEN(share, (size_t)step);
        for (int64_t byte = used; byte < step; byte++) broken |= (uint8_t)share[byte] != TC_ZONE_PATTERN;
      }
      return broken;
    }

    /* What is not written is NaN, or -1, in the results. One that takes over an input still holds that. */
    TC_FN void tc_spoil_outputs(const tensorc_call *call) {
      for (uint32_t i = 0; i < call->output_count; i++) {
        const tensorc_tensor *const output = &call->outputs[i];
        int is_donated = 0;
        for (uint32_t j = 0; j < call->input_count; j++) is_donated |= call->inputs[j].data == output->data;
        if (!is_donated && tc_tensor_bytes(output) > 0) memset(output->data, 0xff, (size_t)tc_tensor_bytes(output));
      }
    }

    TC_FN int32_t tc_broken_zone(tensorc_error *error, const char *values) {
      return tc_fail(error, TENSORC_CHECK_FAILED, -1, 0, "broken-zone", "",
                     "a kernel wrote outside its temporary, next to the memory of %s: this is a bug of tensorc", values);
    }
    """#
}
