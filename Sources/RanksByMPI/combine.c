#include "combine.h"

size_t combine_element_bytes(int32_t type) {
  switch (type) {
  case TENSORC_F64: case TENSORC_I64: case TENSORC_U64: return 8;
  case TENSORC_F32: case TENSORC_I32: case TENSORC_U32: return 4;
  case TENSORC_F16: case TENSORC_BF16: case TENSORC_I16: case TENSORC_U16: return 2;
  case TENSORC_I8: case TENSORC_U8: case TENSORC_BOOL: return 1;
  default: return 0;
  }
}

/* Integers are added as unsigned ones, which wrap around. */
#define COMBINE(name, type, sum_type)                                                                                  \
  static void sum_##name(int ranks, size_t count, const type *restrict parts, type *restrict result) {                 \
    for (size_t i = 0; i < count; i++) result[i] = parts[i];                                                           \
    for (int rank = 1; rank < ranks; rank++) {                                                                         \
      parts += count;                                                                                                  \
      for (size_t i = 0; i < count; i++) result[i] = (type)((sum_type)result[i] + (sum_type)parts[i]);                 \
    }                                                                                                                  \
  }                                                                                                                    \
  static void maximum_##name(int ranks, size_t count, const type *restrict parts, type *restrict result) {             \
    for (size_t i = 0; i < count; i++) result[i] = parts[i];                                                           \
    for (int rank = 1; rank < ranks; rank++) {                                                                         \
      parts += count;                                                                                                  \
      /* What is not equal to itself is NaN. */                                                                        \
      for (size_t i = 0; i < count; i++)                                                                               \
        result[i] = parts[i] > result[i] || parts[i] != parts[i] ? parts[i] : result[i];                               \
    }                                                                                                                  \
  }

COMBINE(f64, double, double)
COMBINE(f32, float, float)
COMBINE(i64, int64_t, uint64_t)
COMBINE(i32, int32_t, uint32_t)
COMBINE(i16, int16_t, uint32_t)
COMBINE(i8, int8_t, uint32_t)
COMBINE(u64, uint64_t, uint64_t)
COMBINE(u32, uint32_t, uint32_t)
COMBINE(u16, uint16_t, uint32_t)
COMBINE(u8, uint8_t, uint32_t)

#define CASE(code, name)                                                                                               \
  case code:                                                                                                           \
    if (reduction == TENSORC_RANK_MAXIMUM) maximum_##name(ranks, count, parts, result);                                \
    else sum_##name(ranks, count, parts, result);                                                                      \
    break;

int combine(int32_t type, int32_t reduction, int ranks, size_t count, const void *parts, void *result) {
  if (reduction < TENSORC_RANK_SUM || reduction > TENSORC_RANK_MAXIMUM) return 0;
  switch (type) {
    CASE(TENSORC_F64, f64)
    CASE(TENSORC_F32, f32)
    CASE(TENSORC_I64, i64)
    CASE(TENSORC_I32, i32)
    CASE(TENSORC_I16, i16)
    CASE(TENSORC_I8, i8)
    CASE(TENSORC_U64, u64)
    CASE(TENSORC_U32, u32)
    CASE(TENSORC_U16, u16)
    CASE(TENSORC_U8, u8)
  default: return 0;
  }
  if (reduction != TENSORC_RANK_MEAN) return 1;
  if (type == TENSORC_F64) {
    for (size_t i = 0; i < count; i++) ((double *)result)[i] /= ranks;
  } else if (type == TENSORC_F32) {
    for (size_t i = 0; i < count; i++) ((float *)result)[i] /= (float)ranks;
  } else {
    return 0;
  }
  return 1;
}
