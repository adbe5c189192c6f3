#ifndef TENSORC_DIGEST_H
#define TENSORC_DIGEST_H

#include <stddef.h>
#include <stdint.h>

/* SHA-256 (FIPS 180-4), by blocks of 64 bytes: whoever calls does the padding. */

/* The state before the first block. */
extern const uint32_t tensorc_sha256_start[8];

/* Takes `count` blocks into the state, with the processor's instructions for it where it has them. */
void tensorc_sha256_blocks(uint32_t state[8], const void *blocks, size_t count);

/* The same in plain C, on every processor. */
void tensorc_sha256_blocks_plain(uint32_t state[8], const void *blocks, size_t count);

#endif
