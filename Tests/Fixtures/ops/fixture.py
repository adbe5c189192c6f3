"""What the make_*.py scripts beside this file share: suites of cases, written as one compact line each. See README.md."""

import math
import pathlib
import re

import numpy as np

FLOATS = ("f64", "f32", "f16", "bf16")
# bf16 is rounded from f32 and kept as f32.
DTYPES = {
    "f64": np.float64, "f32": np.float32, "f16": np.float16, "bf16": np.float32, "i8": np.int8, "i16": np.int16,
    "i32": np.int32, "i64": np.int64, "u8": np.uint8, "u16": np.uint16, "u32": np.uint32, "u64": np.uint64,
    "bool": np.bool_,
}
SIGNED = ("i8", "i16", "i32", "i64")
UNSIGNED = ("u8", "u16", "u32", "u64")
INTEGERS = SIGNED + UNSIGNED
SPECIAL = [0.0, -0.0, np.inf, -np.inf, np.nan]
NAMES = {np.dtype(dtype): name for name, dtype in DTYPES.items() if name != "bf16"}
# The words that mean something else than a string in an attribute.
RESERVED = {"true", "false", "none", "nan", "inf", "layout", "dense", "blob"}
HERE = pathlib.Path(__file__).parent


class Tensor:
    """An array with the name of its element type, which NumPy has not for bf16. `values` has what the type holds."""

    def __init__(self, type, values):
        self.type = type
        with np.errstate(over="ignore", invalid="ignore"):
            self.values = np.asarray(values).astype(DTYPES[type])
            if type == "bf16":
                self.values = rounded_to_bf16(self.values)

    def __str__(self):
        words = [number(value) for value in self.values.ravel()]
        shape = ",".join(str(extent) for extent in self.values.shape)
        return " ".join([f"{self.type}[{shape}]", *words])


def rounded_to_bf16(values):
    """The nearest number of eight significant bits, ties to even, in f32."""
    bits = np.ascontiguousarray(values, np.float32).view(np.uint32).astype(np.uint64)
    rounded = ((bits + 0x7FFF + ((bits >> 16) & 1)) & 0xFFFF0000).astype(np.uint32).view(np.float32)
    return np.where(np.isnan(values), values, rounded.reshape(np.shape(values))).astype(np.float32)


def typed(type, values):
    """Values in an element type: `typed("bf16", [0.1, 2])`. Floats are rounded, integers must fit."""
    return Tensor(type, values)


def floats(type, values):
    """The values that a float type has nearest to these, as f64 to compute with."""
    return typed(type, values).values.astype(np.float64)


def wide(tensor):
    """A tensor's values to compute with: floats in f64, integers as they are."""
    return tensor.values.astype(np.float64) if tensor.type in FLOATS else tensor.values


def any_numbers(random, type, shape):
    """Floats from -2 to 2, integers over the whole range of their type."""
    if type in FLOATS:
        return typed(type, random.uniform(-2, 2, shape))
    info = np.iinfo(DTYPES[type])
    return typed(type, random.integers(info.min, info.max, shape, DTYPES[type], endpoint=True))


def small_numbers(random, type, *shape):
    """Floats from -3 to 3, small integers, bools."""
    if type == "bool":
        return typed(type, random.integers(0, 2, shape))
    if type in FLOATS:
        return typed(type, random.uniform(-3, 3, shape))
    return typed(type, random.integers(0 if type.startswith("u") else -9, 9, shape))


def bits(type, patterns):
    """Floats given by their bit patterns: `bits("bf16", [0x3F80])`."""
    width = {"f64": np.uint64, "f32": np.uint32, "f16": np.uint16, "bf16": np.uint16}[type]
    patterns = np.asarray(patterns, width)
    if type == "bf16":
        return Tensor(type, (patterns.astype(np.uint32) << 16).view(np.float32))
    return Tensor(type, patterns.view(DTYPES[type]))


def number(value):
    """The shortest text that reads back as the same number."""
    if isinstance(value, (np.bool_, bool)):
        return "1" if value else "0"
    if isinstance(value, np.integer):
        return str(int(value))
    if math.isnan(value):
        return "nan"
    text = str(value)
    return text[:-2] if text.endswith(".0") else text


def tensor(value):
    """A tensor as text, `f32[2,3] 0 -0 inf …`; an operand that is left out is null."""
    if value is None:
        return "null"
    if not isinstance(value, Tensor):
        array = np.asarray(value)
        value = Tensor(NAMES[array.dtype], array)
    return f'"{value}"'


class Raw(str):
    """An attribute in the text form as it stands: `Raw("layout(nhwc)")`."""


def literal(type, values):
    """A tensor as an attribute."""
    value = Tensor(type, values)
    shape = ", ".join(str(extent) for extent in value.values.shape)
    if type in ("f16", "bf16"):
        view = value.values.view(np.uint16) if type == "f16" else (value.values.view(np.uint32) >> 16).astype(np.uint16)
        return Raw(f'dense({type}, [{shape}], hex "{view.astype("<u2").tobytes().hex()}")')
    return Raw(f"dense({type}, [{shape}], [{', '.join(number(x) for x in value.values.ravel())}])")


def attribute(value):
    """An attribute in the text form, which docs/text-form.md describes."""
    if isinstance(value, Raw):
        return str(value)
    if value is None:
        return "none"
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    if isinstance(value, (int, np.integer)):
        return str(int(value))
    if isinstance(value, (float, np.floating)):
        return repr(float(value))
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {attribute(item)}" for name, item in value.items()) + "}"
    if isinstance(value, (list, tuple, np.ndarray)):
        return "[" + ", ".join(attribute(item) for item in value) + "]"
    if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", value) and value not in RESERVED:
        return value
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


class Suite:
    """The cases of one theme; `write()` puts them into THEME.json beside this file."""

    def __init__(self, theme):
        self.theme = theme
        self.lines = []

    def case(self, op, attributes, operands, results, tolerance=None, signed_zeros=True):
        """One case.

        op: the op's name in the text form. attributes: a dict of all its attributes, under the names and in the order
        that the text form has (an optional one may be left out). operands: arrays, `typed` tensors, or None where one
        is left out. results: one array or tensor, or a list of them. tolerance: how far floats may be off against the
        greater of 1 and their size, with the reason in a comment at the call; without one f64 is held to 1e-13 of
        each element's own size (of 1 where the op combines elements and they may cancel), everything else to the same
        bits. signed_zeros: whether the signs of zeros in results count.
        """
        if not isinstance(results, (list, tuple)):
            results = [results]
        record = attribute({name: value for name, value in attributes.items() if value is not None})
        record = record.replace("\\", "\\\\").replace('"', '\\"') if attributes else ""
        parts = [f'"op":"{op}"', f'"attributes":"{record}"']
        parts.append(f'"operands":[{",".join(tensor(operand) for operand in operands)}]')
        parts.append(f'"results":[{",".join(tensor(result) for result in results)}]')
        if tolerance is not None:
            parts.append(f'"tolerance":{tolerance}')
        if not signed_zeros:
            parts.append('"signedZeros":false')
        self.lines.append("{" + ",".join(parts) + "}")

    def write(self):
        text = "[\n" + ",\n".join(self.lines) + "\n]\n"
        (HERE / f"{self.theme}.json").write_text(text)
        print(f"{self.theme}: {len(self.lines)} cases, {len(text) // 1024} KiB")


def generator(seed=11):
    """Random numbers, the same in every run."""
    return np.random.default_rng(seed)
