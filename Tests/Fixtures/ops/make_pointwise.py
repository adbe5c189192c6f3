"""Writes pointwise.json: circular, hyperbolic and integer ops, powers, conversions that round, by NumPy and SciPy.

    python make_pointwise.py
"""

import fractions

import numpy as np
import scipy.special

from fixture import DTYPES, FLOATS, INTEGERS, NAMES, SPECIAL, Suite, floats, generator, typed

random = generator(17)
suite = Suite("pointwise")


def unary(name, f, low, high, special=(), types=FLOATS, **options):
    """A formula in f64, rounded once: special numbers, a range, another rank, a scalar, nothing."""
    for type in types:
        with np.errstate(all="ignore"):
            for values in (SPECIAL + list(special), random.uniform(low, high, 11), random.uniform(low, high, (1, 3, 2)),
                           random.uniform(low, high), [low, high, 1e-3, -1e-3, 1e-6]):
                x = floats(type, values)
                suite.case(name, {}, [typed(type, x)], typed(type, f(x)), **options)
    suite.case(name, {}, [np.zeros((2, 0))], np.zeros((2, 0)))


def functions():
    unary("tan", np.tan, -1.5, 1.5)
    unary("asin", np.arcsin, -1, 1, [1, -1, 1.5, -2])
    unary("acos", np.arccos, -1, 1, [1, -1, 1.5, -2])
    unary("atan", np.arctan, -4, 4, [1, -1, 1e6, -30000])
    unary("sinh", np.sinh, -4, 4, [9, -9])
    unary("cosh", np.cosh, -4, 4, [9, -9])
    unary("asinh", np.arcsinh, -4, 4, [100, -30000])
    unary("acosh", np.arccosh, 1, 4, [1, 0.5, 30000])
    unary("atanh", np.arctanh, -0.9, 0.9, [1, -1, 1.5, -2, 0.999])
    unary("truncate", np.trunc, -9, 9, [0.5, -0.5, 1.5, -1.5, 2.999, -2.999, 1e4])
    unary("log2", np.log2, 0.01, 9, [1, 2, 8, 0.25, -1])
    unary("log10", np.log10, 0.01, 9, [1, 10, 1000, 0.5, -1])
    unary("exp2", np.exp2, -4, 4, [1, -1, 10, 0.5])
    unary("reciprocal_sqrt", lambda x: 1 / np.sqrt(x), 0.01, 9, [1, 4, 0.25, -1])
    # Of infinity the limit is -0, and SciPy gives 0.
    unary("log_sigmoid", scipy.special.log_expit, -8, 8, [30, -30, -200], signed_zeros=False)


def pairs(name, f, some, types=FLOATS):
    a, b = np.array(some).T
    for type in types:
        with np.errstate(all="ignore"):
            x, y = floats(type, a), floats(type, b)
            suite.case(name, {}, [typed(type, x), typed(type, y)], typed(type, f(x, y)))
            # Broadcast both ways, beside a scalar, and many axes.
            for left, right in (((3, 1), (2, 1, 4)), ((5,), ()), ((2, 1, 1, 2, 1), (3, 1, 1, 1, 1, 1, 1)), ((), ())):
                p, q = floats(type, random.uniform(0.5, 4, left)), floats(type, random.uniform(0.5, 4, right))
                suite.case(name, {}, [typed(type, p), typed(type, q)], typed(type, f(p, q)))
    suite.case(name, {}, [np.zeros((0, 1)), np.zeros(3)], np.zeros((0, 3)))


def pairs_of_floats():
    special = [(x, y) for x in SPECIAL + [1.5, -2.0] for y in SPECIAL + [2.0, -0.5]]
    some = [tuple(pair) for pair in random.uniform(-4, 4, (9, 2))]
    pairs("atan2", np.arctan2, special + some)
    pairs("hypot", np.hypot, special + some + [(3.0, 4.0), (-5.0, 12.0)])
    pairs("truncated_remainder", np.fmod, special + some + [(7.0, 2.0), (-7.0, 2.0), (7.0, -2.0), (-6.0, 2.0)])
    pairs("remainder", np.mod, special + some + [(-6.0, 2.0), (6.0, -2.0), (-1e-3, 3.0)])


def edges(type):
    """Integers at the ends of a type's range, near 0, and near its width."""
    info = np.iinfo(DTYPES[type])
    near = [0, 1, 2, 3, 7, info.bits - 1, info.bits, info.bits + 1]
    more = [-1, -2, -7] if info.min else [1 << (info.bits - 1), 5, 100]
    return [int(info.min), int(info.min) + 1, int(info.max), int(info.max) - 1] + near + more


def exact(name, f, type, left, right):
    """A formula in exact integers, wrapped to the type."""
    info = np.iinfo(DTYPES[type])
    values = [(f(x, y, info) - int(info.min)) % (1 << info.bits) + int(info.min) for x, y in zip(left, right)]
    suite.case(name, {}, [np.array(left, DTYPES[type]), np.array(right, DTYPES[type])], np.array(values, DTYPES[type]))


def power(a, b, info):
    if b < 0:
        # 1 over a power of a, truncated; of 0 there is none.
        return 0 if a == 0 else int(fractions.Fraction(1, a ** min(-b, 64)) if b % 2 == 0 or abs(a) > 1 else a)
    return pow(a, b, 1 << info.bits)


def sign(x):
    return -1 if x < 0 else 1


def shifted_right(a, b, info):
    return a >> b if 0 <= b < info.bits else (-1 if a < 0 else 0)


INTEGER_PAIRS = {
    "bitwise_and": lambda a, b, info: a & b,
    "bitwise_or": lambda a, b, info: a | b,
    "bitwise_xor": lambda a, b, info: a ^ b,
    "shift_left": lambda a, b, info: a << b if 0 <= b < info.bits else 0,
    "shift_right": shifted_right,
    "power": power,
    "floor_divide": lambda a, b, info: a // b if b else 0,
    "remainder": lambda a, b, info: a % b if b else 0,
    "truncated_remainder": lambda a, b, info: abs(a) % abs(b) * sign(a) if b else 0,
    "divide": lambda a, b, info: abs(a) // abs(b) * sign(a) * sign(b) if b else 0,
}


def integers():
    for type in INTEGERS:
        ends = edges(type)
        left, right = [x for x in ends for _ in ends], [y for _ in ends for y in ends]
        for name, f in INTEGER_PAIRS.items():
            exact(name, f, type, left, right)
        x = np.array(ends, DTYPES[type])
        suite.case("bitwise_not", {}, [x], np.invert(x))
        suite.case("bitwise_not", {}, [x.reshape(3, 1, -1)], np.invert(x).reshape(3, 1, -1))
        # Broadcast, by NumPy itself.
        a = random.integers(0, 100, (3, 1)).astype(x.dtype)
        b = random.integers(0, 6, (2, 1, 4)).astype(x.dtype)
        for name, f in {
            "bitwise_and": np.bitwise_and, "bitwise_or": np.bitwise_or, "bitwise_xor": np.bitwise_xor,
            "shift_left": np.left_shift, "shift_right": np.right_shift, "power": np.power,
        }.items():
            suite.case(name, {}, [a, b], f(a, b))
        suite.case("floor_divide", {}, [a, b + x.dtype.type(1)], a // (b + x.dtype.type(1)))


def nearest(value, digits):
    """The number of so many significant bits nearest to an exact one, ties to even; within the range of the type."""
    value = fractions.Fraction(value)
    size, unit = abs(value), fractions.Fraction(1)
    while size / unit >= 1 << digits:
        unit *= 2
    while size and size / unit < 1 << (digits - 1):
        unit /= 2
    # Python rounds a fraction's half to even.
    return float(round(value / unit) * unit)


def conversions():
    """Values next to halfway, which go wrong when they are rounded twice on the way."""
    digits = {"f64": 53, "f32": 24, "f16": 11, "bf16": 8}
    wide = [2**24 + 1, 2**24 + 3, 257 * 2**20, 257 * 2**20 + 1, 259 * 2**20 - 1]
    wider = wide + [2**53 + 1, 2**53 + 3, 2**61 + 2**37, 2**61 + 2**37 + 1, 257 * 2**53 + 1, 259 * 2**53 - 1]
    for target in FLOATS:
        for source, numbers in (("i32", wide), ("u32", wide), ("i64", wider + [-x for x in wider]), ("u64", wider)):
            if target == "f16":
                numbers = [2049, 2051, 4097 * 2, 4099, 65519, 65503]
            result = [nearest(x, digits[target]) for x in numbers]
            suite.case("cast", {"to": target}, [np.array(numbers, DTYPES[source])], typed(target, result))
        near = [1 + 2.0**-8, 1 + 2.0**-8 + 2.0**-40, 1 + 3 * 2.0**-8 - 2.0**-40, 1 + 2.0**-11, 1 + 2.0**-11 + 2.0**-40,
                1 + 3 * 2.0**-11 - 2.0**-40, 1 + 2.0**-24, 1 + 2.0**-24 + 2.0**-50, -1 - 2.0**-8 - 2.0**-40]
        suite.case("cast", {"to": target}, [np.array(near)], typed(target, [nearest(x, digits[target]) for x in near]))


def quantised():
    """ONNX's formulas in f32: halves to even, beyond the ends the last integer, NaN the least."""
    for codes in ("u8", "i8", "u16", "i16"):
        info = np.iinfo(DTYPES[codes])
        middle = (info.min + info.max + 1) // 2
        for shape, factors in [((11,), ()), ((2, 3, 4), (3, 1)), ((0, 2), ())]:
            scale = random.uniform(0.1, 2, factors).astype(np.float32)
            zero = random.integers(middle - 20, middle + 20, factors).astype(DTYPES[codes])
            x = random.uniform(-0.3, 0.3, shape).astype(np.float32) * np.float32(info.max - info.min)
            quantise(x, scale, zero)
            some = random.integers(info.min, info.max + 1, shape).astype(DTYPES[codes])
            distance = some.astype(np.int32) - zero.astype(np.int32)
            suite.case("dequantize", {}, [some, scale, zero], distance.astype(np.float32) * scale)
        halves = np.array([0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 0, -0.0, np.inf, -np.inf, np.nan, 1e30, -1e30], np.float32)
        quantise(halves, np.float32(1), DTYPES[codes](middle))


def quantise(x, scale, zero):
    info = np.iinfo(zero.dtype)
    with np.errstate(all="ignore"):
        steps = np.round(x / scale) + zero.astype(np.float32)
    kept = np.clip(np.where(np.isnan(steps), info.min, steps), info.min, info.max)
    suite.case("quantize", {"to": NAMES[zero.dtype]}, [x, scale, zero], kept.astype(zero.dtype))


functions()
pairs_of_floats()
integers()
conversions()
quantised()
suite.write()
