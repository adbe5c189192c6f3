"""Writes comparisons.json: comparisons, questions, logic, choices and conversions in every element type, by NumPy.

    python make_comparisons.py
"""

import numpy as np

from fixture import DTYPES, FLOATS, Suite, generator, typed

random = generator(6)
suite = Suite("comparisons")
NUMBERS = [type for type in DTYPES if type != "bool"]
FLOAT_VALUES = [0.0, -0.0, 1.0, -2.5, 2.5, np.inf, -np.inf, np.nan]


def values(type):
    """Values that differ, are equal, and stand at the ends of the range."""
    if type == "bool":
        return np.array([False, True])
    if type in FLOATS:
        return typed(type, FLOAT_VALUES).values
    info = np.iinfo(DTYPES[type])
    return np.array([info.min, info.max, info.max - 1, 0, 1, 2], DTYPES[type])


def comparisons():
    for name, f in {
        "equal": np.equal, "not_equal": np.not_equal, "less": np.less, "less_equal": np.less_equal,
        "greater": np.greater, "greater_equal": np.greater_equal,
    }.items():
        for type in DTYPES:
            x = values(type)
            a, b = x[:, None], x[None]
            suite.case(name, {}, [typed(type, a), typed(type, b)], f(a, b))
        suite.case(name, {}, [np.zeros((0, 1)), np.zeros(3)], np.zeros((0, 3), bool))
        suite.case(name, {}, [np.float32(1), np.float32(2)], f(np.float32(1), np.float32(2)))


def questions():
    for type in FLOATS:
        x = typed(type, FLOAT_VALUES)
        suite.case("is_nan", {}, [x], np.isnan(x.values))
        suite.case("is_infinite", {}, [x], np.isinf(x.values))
        suite.case("is_nan", {}, [typed(type, np.nan)], np.array(True))
        suite.case("is_infinite", {}, [typed(type, np.nan)], np.array(False))


def logic():
    truth = np.array([False, True])
    for name, f in {"logical_and": np.logical_and, "logical_or": np.logical_or, "logical_xor": np.logical_xor}.items():
        suite.case(name, {}, [truth[:, None], truth], f(truth[:, None], truth))
        for a, b in (((3, 1), (1, 5)), ((), (4,)), ((7,), (7,)), ((0,), (1,)), ((2, 1, 3), (4, 1))):
            x, y = random.random(a) < 0.5, random.random(b) < 0.5
            suite.case(name, {}, [x, y], f(x, y))
    for shape in ((2,), (), (0, 3), (3, 5), (1, 2, 1)):
        x = random.random(shape) < 0.5
        suite.case("logical_not", {}, [x], np.logical_not(x))


def choices():
    for type in DTYPES:
        x = values(type)
        a, b = typed(type, np.resize(x, (3, 1))), typed(type, np.resize(x[::-1], 4))
        condition = random.random((3, 4)) < 0.5
        suite.case("select", {}, [condition, a, b], typed(type, np.where(condition, a.values, b.values)))


def saturated(x, type):
    """A float as an integer: towards zero, cut off at the ends of the range, NaN to 0. In exact integers."""
    info = np.iinfo(DTYPES[type])

    def one(value):
        if np.isnan(value):
            return 0
        if np.isinf(value):
            return info.max if value > 0 else info.min
        return min(max(int(value), int(info.min)), int(info.max))

    return np.array([one(value) for value in x], DTYPES[type])


def conversions():
    for source in DTYPES:
        for target in DTYPES:
            if source in FLOATS:
                more = [0.4, -0.6, 1.9, 127.5, 128, -129, 255.7, 256, 300, 40000.0, -40000.0, 3e9, -3e9, 1e19, -1e19]
                x = typed(source, FLOAT_VALUES + more)
                wide = x.values.astype(np.float64)
            else:
                x = typed(source, values(source))
                wide = x.values
            if target == "bool":
                result = wide != 0
            elif target in FLOATS:
                # From integers of 64 bits through f64, as the evaluator does.
                result = typed(target, wide.astype(np.float64))
            elif source in FLOATS:
                result = saturated(wide, target)
            else:
                result = wide.astype(DTYPES[target])
            suite.case("cast", {"to": target}, [x], result)


def readings():
    """Bits read as another type, as NumPy's view has it."""
    for source, target in [("f32", "i32"), ("f32", "u32"), ("i32", "f32"), ("u32", "i32"), ("f64", "u64"), ("i64", "f64")]:
        numbers = FLOAT_VALUES if source in FLOATS else values(source)
        x = typed(source, [value for value in numbers if value == value])
        suite.case("bit_cast", {"to": target}, [x], x.values.view(DTYPES[target]))


comparisons()
questions()
logic()
choices()
with np.errstate(all="ignore"):
    conversions()
    readings()
suite.write()
