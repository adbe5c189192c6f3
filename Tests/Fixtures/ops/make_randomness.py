"""Writes randomness.json: the words of Philox 4x32-10, by its definition in Python's integers, and as its authors published
them with Random123.

    python make_randomness.py
"""

import numpy as np

from fixture import Suite

suite = Suite("randomness")
MASK = 0xFFFFFFFF


def block(counter, key):
    """The definition, in Python's integers."""
    x, key = list(counter), list(key)
    for _ in range(10):
        first, second = x[0] * 0xD2511F53, x[2] * 0xCD9E8D57
        x = [second >> 32 ^ x[1] ^ key[0], second & MASK, first >> 32 ^ x[3] ^ key[1], first & MASK]
        key = [(key[0] + 0x9E3779B9) & MASK, (key[1] + 0xBB67AE85) & MASK]
    return x


def words(state, count):
    low = state[0] | state[1] << 32
    result = []
    for number in range(-(-count // 4)):
        at = (low + number) & (1 << 64) - 1
        result += block([at & MASK, at >> 32, *state[2:4]], state[4:])
    return np.array(result[:count], np.uint32)


PUBLISHED = [
    ([0] * 4, [0] * 2, [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]),
    ([MASK] * 4, [MASK] * 2, [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD]),
    ([0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344], [0xA4093822, 0x299F31D0],
     [0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1]),
]
for counter, key, expected in PUBLISHED:
    suite.case("random_bits", {"shape": [4]}, [np.array(counter + key, np.uint32)], np.array(expected, np.uint32))
    suite.case("random_bits", {"shape": [2, 1]}, [np.array(counter + key, np.uint32)], np.array(expected[:2], np.uint32).reshape(2, 1))
for state in ([1, 0, 0, 0, 7, 0], [MASK, 0, 0, 0, 42, 0], [MASK - 1, MASK, 5, 6, 3, 9], [12, 34, 56, 78, 910, 1112]):
    for shape in ([], [0], [1], [5], [3, 7], [2, 2, 4], [1, 1, 1, 1, 1, 1, 1, 9]):
        count = int(np.prod(shape))
        suite.case("random_bits", {"shape": shape}, [np.array(state, np.uint32)], words(state, count).reshape(shape))
suite.write()
