extension TrainStepSupport {
  /// Weights in safetensors files: eight bytes with the length of a text in JSON, the text, the elements.
  static let files = #"""
    /* ---- files ---------------------------------------------------------------------------------------------------- */

    static int tc_is_little_endian(void) {
      const uint16_t one = 1;
      return *(const unsigned char *)&one;
    }

    static int32_t tc_write(FILE *file, tc_state *state) {
      /* Once to find the length of the header, once to write it. */
      for (int pass = 0, length = 0; pass < 2; pass++) {
        if (pass) {
          const uint64_t padded = ((uint64_t)length + 7) / 8 * 8;
          unsigned char bytes[8];
          for (int i = 0; i < 8; i++) bytes[i] = (unsigned char)(padded >> (8 * i));
          if (fwrite(bytes, 1, 8, file) != 8) return 0;
        }
        uint64_t begin = 0;
        for (int i = 0; i < TC_TENSORS; i++) {
          const char *format = "%s\"%s\":{\"dtype\":\"F32\",\"shape\":%s,\"data_offsets\":[%" PRIu64 ",%" PRIu64 "]}%s";
          const uint64_t end = begin + tc_tensors[i].bytes;
          const char *first = TC_ALPHA[0] ? "{\"__metadata__\":{\"lora_alpha\":\"" TC_ALPHA "\"}," : "{";
          const char *before = i ? "," : first, *after = i == TC_TENSORS - 1 ? "}" : "";
          const int written = pass ? fprintf(file, format, before, tc_tensors[i].name, tc_tensors[i].shape, begin, end, after)
                                   : snprintf(NULL, 0, format, before, tc_tensors[i].name, tc_tensors[i].shape, begin, end,
                                              after);
          if (written < 0) return 0;
          if (!pass) length += written;
          begin = end;
        }
        if (pass && fprintf(file, "%*s", (8 - length % 8) % 8, "") < 0) return 0;
      }
      for (int i = 0; i < TC_TENSORS; i++)
        if (fwrite(state->tensors[i], 1, tc_tensors[i].bytes, file) != tc_tensors[i].bytes) return 0;
      return 1;
    }

    int32_t TC_NAME(save)(const tc_state *state, const char *path, tensorc_error *error) {
      if (!state || !path) return tc_missing(error, "the state or the path");
      if (!tc_is_little_endian())
        return tc_fail(error, TENSORC_BAD_CALL, "byte-order", "files are written on little-endian machines alone");
      const size_t size = strlen(path) + 5;
      char *beside = malloc(size);
      if (!beside) return tc_fail(error, TENSORC_OUT_OF_MEMORY, "out-of-memory", "there is no memory for a name");
      snprintf(beside, size, "%s.new", path);
      FILE *file = fopen(beside, "wb");
      int ok = file && tc_write(file, (tc_state *)state);
      if (file && fclose(file)) ok = 0;
      if (ok && rename(beside, path)) ok = 0;
      if (!ok && file) remove(beside);
      free(beside);
      return ok ? TENSORC_OK
                : tc_fail(error, TENSORC_BAD_CALL, "file-unwritable", "'%s' cannot be written; is there such a folder, and room?",
                          path);
    }

    static const char *tc_skip(const char *at, const char *end) {
      while (at < end && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t')) at++;
      return at;
    }

    /* The quotation mark that ends a text; null where there is none. `at` is behind the first. */
    static const char *tc_text_end(const char *at, const char *end) {
      for (; at < end && *at != '"'; at++)
        if (*at == '\\') at++;
      return at < end ? at : NULL;
    }

    /* The brace that ends an object; null where there is none. `at` is at the first. */
    static const char *tc_object_end(const char *at, const char *end) {
      for (int depth = 0; at < end; at++) {
        if (*at == '"' && !(at = tc_text_end(at + 1, end))) return NULL;
        if (*at == '{') depth++;
        if (*at == '}' && --depth == 0) return at;
      }
      return NULL;
    }

    /* What stands behind `"key":` in an object of texts, numbers and lists; null where there is none. */
    static const char *tc_member(const char *at, const char *end, const char *key) {
      const size_t length = strlen(key);
      while (at < end) {
        if (*at++ != '"') continue;
        const char *last = tc_text_end(at, end);
        if (!last) return NULL;
        const char *next = tc_skip(last + 1, end);
        if (next < end && *next == ':' && (size_t)(last - at) == length && !memcmp(at, key, length))
          return tc_skip(next + 1, end);
        at = last + 1;
      }
      return NULL;
    }

    /* Whether a list is `wanted`, which has no spaces. */
    static int tc_is_list(const char *at, const char *end, const char *wanted) {
      for (; *wanted; wanted++, at++) {
        at = tc_skip(at, end);
        if (at >= end || *at != *wanted) return 0;
      }
      return 1;
    }

    /* The two numbers of a list. */
    static int tc_range(const char *at, const char *end, uint64_t found[2]) {
      if (!at || at >= end || *at++ != '[') return 0;
      for (int i = 0; i < 2; i++) {
        at = tc_skip(at, end);
        if (at >= end || *at < '0' || *at > '9') return 0;
        for (found[i] = 0; at < end && *at >= '0' && *at <= '9'; at++) {
          if (found[i] > UINT64_MAX / 10 - 1) return 0;
          found[i] = 10 * found[i] + (uint64_t)(*at - '0');
        }
        at = tc_skip(at, end);
        if (at >= end || *at++ != (i ? ']' : ',')) return 0;
      }
      return 1;
    }

    /* Where a tensor's object stands in the header; null where it is not there, or the header is damaged. */
    static const char *tc_entry(const char *header, const char *end, const char *name, const char **last) {
      const size_t length = strlen(name);
      const char *at = tc_skip(header, end);
      if (at >= end || *at++ != '{') return NULL;
      for (;;) {
        at = tc_skip(at, end);
        if (at >= end || *at++ != '"') return NULL;
        const char *stop = tc_text_end(at, end);
        if (!stop) return NULL;
        const char *object = tc_skip(stop + 1, end);
        if (object >= end || *object != ':') return NULL;
        object = tc_skip(object + 1, end);
        if (object >= end || *object != '{' || !(*last = tc_object_end(object, end))) return NULL;
        if ((size_t)(stop - at) == length && !memcmp(at, name, length)) return object;
        at = tc_skip(*last + 1, end);
        if (at >= end || *at++ != ',') return NULL;
      }
    }

    /* Whether adapters were saved with the alpha that they have here, so that they mean the same. */
    static int tc_has_alpha(const char *header, const char *end) {
      const char *last, *metadata = tc_entry(header, end, "__metadata__", &last);
      const char *alpha = metadata ? tc_member(metadata + 1, last, "lora_alpha") : NULL;
      const size_t length = sizeof TC_ALPHA - 1;
      return alpha && (size_t)(last - alpha) > length + 1 && alpha[0] == '"' && !memcmp(alpha + 1, TC_ALPHA, length) &&
             alpha[length + 1] == '"';
    }

    /* Reads all tensors into `memory`; what is wrong, or null. `which` is the tensor that it is about. */
    static const char *tc_read(FILE *file, const char *header, uint64_t length, char *memory, int *which) {
      const char *end = header + length;
      for (int i = 0; i < TC_TENSORS; memory += tc_rounded(tc_tensors[i].bytes), i++) {
        const char *last, *object = tc_entry(header, end, tc_tensors[i].name, &last);
        *which = i;
        /* What the optimiser remembers may be left out, and begins anew. */
        if (!object && i >= TC_WEIGHTS) continue;
        if (!object) return "is not in it";
        const char *type = tc_member(object + 1, last, "dtype"), *shape = tc_member(object + 1, last, "shape");
        if (!type || last - type < 5 || memcmp(type, "\"F32\"", 5)) return "is not of F32 there";
        if (!shape || !tc_is_list(shape, last, tc_tensors[i].shape)) return "has another shape there";
        uint64_t range[2];
        if (!tc_range(tc_member(object + 1, last, "data_offsets"), last, range)) return "has no place there";
        if (range[1] < range[0] || range[1] - range[0] != tc_tensors[i].bytes) return "has another size there";
        if (range[0] > INT64_MAX / 2 || fseek(file, (long)(8 + length + range[0]), SEEK_SET) ||
            fread(memory, 1, tc_tensors[i].bytes, file) != tc_tensors[i].bytes)
          return "is cut off there";
      }
      return NULL;
    }

    int32_t TC_NAME(load)(tc_state *state, const char *path, tensorc_error *error) {
      if (!state || !path) return tc_missing(error, "the state or the path");
      FILE *file = fopen(path, "rb");
      if (!file) return tc_fail(error, TENSORC_BAD_CALL, "file-unreadable", "'%s' cannot be read", path);
      unsigned char bytes[8];
      uint64_t length = 0;
      int isWhole = fread(bytes, 1, 8, file) == 8;
      for (int i = 0; i < 8 && isWhole; i++) length |= (uint64_t)bytes[i] << (8 * i);
      isWhole = isWhole && length > 1 && length < 100000000 && tc_is_little_endian();
      char *header = isWhole ? malloc(length) : NULL;
      char *memory = calloc(1, tc_total() ? tc_total() : 1);
      int32_t code = TENSORC_OK;
      int which = 0;
      const char *wrong = NULL;
      if (!isWhole || (header && fread(header, 1, length, file) != length)) {
        code = tc_fail(error, TENSORC_BAD_CALL, "file-kind", "'%s' is no safetensors file, or is cut off", path);
      } else if (!header || !memory) {
        code = tc_fail(error, TENSORC_OUT_OF_MEMORY, "out-of-memory", "there is no memory to read '%s'", path);
      } else if (TC_ALPHA[0] && !tc_has_alpha(header, header + length)) {
        code = tc_fail(error, TENSORC_BAD_CALL, "file-contents", "its adapters are not of alpha %s (lora_alpha): %s",
                       TC_ALPHA, path);
      } else if ((wrong = tc_read(file, header, length, memory, &which))) {
        code = tc_fail(error, TENSORC_BAD_CALL, "file-contents", "'%s' %s: %s", tc_tensors[which].name, wrong, path);
      } else {
        memcpy(state->memory, memory, tc_total());
      }
      free(header);
      free(memory);
      fclose(file);
      return code;
    }
    """#
}
