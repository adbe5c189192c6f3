/* Combining the elements of ranks, always in the order of the ranks. */
#ifndef RANKS_COMBINE_H
#define RANKS_COMBINE_H

#include <stddef.h>

#include "tensorc.h"

/* The bytes of an element; 0 for a type that is not sent. */
size_t combine_element_bytes(int32_t type);

/* result[i] = parts[0][i] with parts[1][i] and so on; the parts lie one behind the other, `count` elements each. Gives 0 where
 * there is no such combination. */
int combine(int32_t type, int32_t reduction, int ranks, size_t count, const void *parts, void *result);

#endif
