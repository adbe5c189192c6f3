#include "tensorc.h"

/* Version 1 is fixed: a change that moves a field must fail here, not in a program compiled last year. The sizes are
 * those of 64-bit platforms, the only ones so far. */
#define FIXED(type, bytes) _Static_assert(sizeof(type) == (bytes), "the layout of " #type " belongs to ABI version 1")

FIXED(tensorc_tensor, 40);
FIXED(tensorc_error, 1368);
FIXED(tensorc_call, 80);
_Static_assert(__builtin_offsetof(tensorc_call, ranks) == 72, "programs of ABI version 1 may end their calls there");
FIXED(tensorc_part, 24);
FIXED(tensorc_collective, 40);
FIXED(tensorc_ranks, 40);
FIXED(tensorc_options, 16);
FIXED(tensorc_dimension, 24);
FIXED(tensorc_value, 32);
FIXED(tensorc_symbol, 40);
FIXED(tensorc_donation, 8);
FIXED(tensorc_description, 88);
FIXED(tensorc_library, 64);
