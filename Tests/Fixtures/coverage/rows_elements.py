"""Rows that work element by element. Read by make_coverage.py."""

import math


def floored_remainder(a, b):
    return np.mod(a, b)


def truncated(a, b):
    if a.dtype.kind == "f":
        return a / b
    return np.sign(a) * np.sign(b) * (np.abs(a) // np.abs(b))


def nonzero(kind, *shape):
    values = kind(*shape)
    return np.where(values == 0, 3, values)


def pair(kind):
    return [kind(2, 3), kind(2, 3)]


def row_pair(kind):
    return [kind(2, 3), kind(1, 3)]


def one(kind):
    return [kind(2, 3)]


for operands in [pair, row_pair]:
    shared("add", NUMBERS, operands, lambda a, b: a + b)
    shared("sub", NUMBERS, operands, lambda a, b: a - b)
    shared("mul", NUMBERS, operands, lambda a, b: a * b)
    shared("equal", NUMBERS, lambda k: [np.round(v / 2) for v in operands(k)], lambda a, b: boolean(a == b))
    shared("not_equal", NUMBERS, lambda k: [np.round(v / 2) for v in operands(k)], lambda a, b: boolean(a != b))
    shared("equal", [BOOL], operands, lambda a, b: boolean(a == b))
    shared("not_equal", [BOOL], operands, lambda a, b: boolean(a != b))
    shared("greater", NUMBERS, operands, lambda a, b: boolean(a > b))
    shared("greater_equal", NUMBERS, operands, lambda a, b: boolean(a >= b))
    shared("lower", NUMBERS, operands, lambda a, b: boolean(a < b))
    shared("lower_equal", NUMBERS, operands, lambda a, b: boolean(a <= b))
shared("div", NUMBERS, lambda k: [k(2, 3), nonzero(k, 2, 3)], truncated)
shared("remainder", NUMBERS, lambda k: [k(2, 3), nonzero(k, 2, 3)], floored_remainder)
shared("add_scalar", NUMBERS, one, lambda x: x + 3)
shared("sub_scalar", NUMBERS, one, lambda x: x - 3)
shared("mul_scalar", NUMBERS, one, lambda x: x * 3)
shared("div_scalar", NUMBERS, one, lambda x: truncated(x, np.full_like(x, 2)))
shared("remainder_scalar", NUMBERS, one, lambda x: np.mod(x, 3))
shared("neg", NUMBERS, one, lambda x: -x)
shared("abs", NUMBERS, one, np.abs)
shared("sign", NUMBERS, one, np.sign)
shared("clamp_min", NUMBERS, one, lambda x: np.maximum(x, 2))
shared("clamp_max", NUMBERS, one, lambda x: np.minimum(x, 2))
shared("clamp", NUMBERS, one, lambda x: np.clip(x, 1, 3))
shared("equal_elem", NUMBERS, lambda k: [np.array([1, 2, 2, 3]) + np.zeros(4, k(1).dtype)], lambda x: boolean(x == 2))
shared("not_equal_elem", NUMBERS, lambda k: [np.array([1, 2, 2, 3]) + np.zeros(4, k(1).dtype)], lambda x: boolean(x != 2))
shared("equal_elem", [BOOL], one, lambda x: boolean(x == True))  # noqa: E712
shared("not_equal_elem", [BOOL], one, lambda x: boolean(x != True))  # noqa: E712
shared("greater_elem", NUMBERS, one, lambda x: boolean(x > 2))
shared("greater_equal_elem", NUMBERS, one, lambda x: boolean(x >= 2))
shared("lower_elem", NUMBERS, one, lambda x: boolean(x < 2))
shared("lower_equal_elem", NUMBERS, one, lambda x: boolean(x <= 2))
shared("powi_scalar powi_scalar_impl", NUMBERS, one, lambda x: x**2)
case("float_powi", [np.array([1.5, 2, -3, 0.5]), i64([2, 3, 1, 4])], np.array([2.25, 8, -3, 0.0625]))
case("float_powf", [np.array([1.5, 2, 3, 0.5]), np.array([2, -1, 0.5, 3])], np.array([2.25, 0.5, math.sqrt(3), 0.125]))
for name in ["float_powf_scalar", "float_powf_scalar_impl"]:
    case(name, [np.array([1.5, 2, 4, 0.25])], np.array([1.5, 2, 4, 0.25]) ** 1.5)
case("int_powi", [np.array([1, 2, 3, 5]), np.array([2, 3, 4, 0])], np.array([1, 8, 81, 1]))
case("int_powf", [np.array([1, 2, 4, 9]), f32([2, 3, 0.5, 1.5])], np.array([1, 8, 2, 27]))
for name in ["int_powf_scalar", "int_powf_scalar_impl"]:
    case(name, [np.array([1, 2, 3, 4])], np.array([1, 5, 15, 32]))
case("int_square", [np.array([0, 1, 5, 9])], np.array([0, 1, 25, 81]))
case("int_square", [np.array([0, -1, 5, -9])], np.array([0, 1, 25, 81]), signed=True)

SPREAD = np.array([0.125, 0.5, 1.25, 3.5, -0.25, -1.5, -3.25])
POSITIVE = np.array([0.125, 0.5, 1, 1.25, 3.5, 7])
INSIDE = np.array([-0.875, -0.5, -0.125, 0.25, 0.5, 0.875])
erf = np.vectorize(math.erf)
sigmoid = lambda x: 1 / (1 + np.exp(-x))  # noqa: E731
FUNCTIONS = {
    "exp": (SPREAD, np.exp), "cos": (SPREAD, np.cos), "sin": (SPREAD, np.sin), "tan": (INSIDE, np.tan),
    "tanh": (SPREAD, np.tanh), "cosh": (SPREAD, np.cosh), "sinh": (SPREAD, np.sinh), "erf": (SPREAD, erf),
    "round": (np.array([0.5, 1.5, 2.5, -0.5, -1.5, 1.25]), np.round), "floor": (SPREAD, np.floor),
    "ceil": (SPREAD, np.ceil), "trunc": (SPREAD, np.trunc), "recip": (SPREAD, np.reciprocal),
    "log": (POSITIVE, np.log), "log1p": (POSITIVE, np.log1p), "sqrt": (POSITIVE, np.sqrt),
    "acos": (INSIDE, np.arccos), "asin": (INSIDE, np.arcsin), "atan": (SPREAD, np.arctan),
    "acosh": (POSITIVE + 1, np.arccosh), "asinh": (SPREAD, np.arcsinh), "atanh": (INSIDE, np.arctanh),
}
for name, (values, function) in FUNCTIONS.items():
    case(f"float_{name}", [values], function(values))
case("float_atan2", [SPREAD, SPREAD[::-1]], np.arctan2(SPREAD, SPREAD[::-1]))
case("float_hypot", [SPREAD, SPREAD[::-1]], np.hypot(SPREAD, SPREAD[::-1]))
ODD = np.array([1, np.nan, np.inf, -np.inf, 0])
case("float_is_nan", [ODD], boolean(np.isnan(ODD)))
case("float_is_inf", [ODD], boolean(np.isinf(ODD)))
case("float_equal", [ODD, ODD], boolean(ODD == ODD))
case("float_not_equal", [ODD, ODD], boolean(ODD != ODD))
case("float_greater_equal", [ODD, ODD], boolean(ODD >= ODD))
case("float_clamp", [ODD], np.clip(ODD, 1, 3))

a = BOOL(2, 3)
case("bool_not", [a], ~a)
for name, function in {"and": np.logical_and, "or": np.logical_or, "xor": np.logical_xor}.items():
    a, b = BOOL(2, 3), BOOL(1, 3)
    case(f"bool_{name}", [a, b], function(a, b))
for name, function in {"and": np.bitwise_and, "or": np.bitwise_or, "xor": np.bitwise_xor}.items():
    for kind in [INTEGER, SIGNED]:
        more = {"signed": True} if kind.signed else {}
        a, b = kind(2, 3), kind(1, 3)
        case(f"bitwise_{name}", [a, b], function(a, b), **more)
        case(f"bitwise_{name}_scalar", [a], function(a, 6), **more)
case("bitwise_not", [np.arange(6)], ~np.arange(6))
case("bitwise_left_shift", [np.array([1, 3, 5, 200]), np.array([0, 1, 5, 3])], np.array([1, 6, 160, 1600]))
case("bitwise_left_shift_scalar", [np.array([1, 3, 5, 100])], np.array([4, 12, 20, 400]))
case("bitwise_right_shift", [np.array([1, 7, 100, 64]), np.array([0, 1, 3, 6])], np.array([1, 3, 12, 1]))
case("bitwise_right_shift", [np.array([-1, -7, -100, 64]), np.array([0, 1, 3, 6])], np.array([-1, -4, -13, 1]), signed=True)
case("bitwise_right_shift_scalar", [np.array([1, 7, 100, 64])], np.array([0, 1, 25, 16]))
case("bitwise_right_shift_scalar", [np.array([-1, -7, -100, 64])], np.array([-1, -2, -25, 16]), signed=True)
# Operands that i8 does not hold are wrapped first, so 200 << 3 is tested on them as well as on the wide types.

case("relu", [SPREAD], np.maximum(SPREAD, 0))
case("leaky_relu", [SPREAD], np.where(SPREAD < 0, 0.125 * SPREAD, SPREAD))
case("gelu", [SPREAD], SPREAD * (1 + erf(SPREAD / math.sqrt(2))) / 2)
IMAGE = FLOAT(2, 3, 2)
SLOPES = np.array([0.25, 0.5, -0.125])
case("prelu", [IMAGE, SLOPES], np.where(IMAGE < 0, SLOPES[:, None] * IMAGE, IMAGE))
case("sigmoid", [SPREAD], sigmoid(SPREAD))
case("hard_sigmoid", [SPREAD], np.clip(0.25 * SPREAD + 0.5, 0, 1))
case("log_sigmoid", [np.concatenate([SPREAD, [-64.0, 64.0]])], -np.logaddexp(0, -np.concatenate([SPREAD, [-64.0, 64.0]])))
case("relu_backward", [SPREAD, SPREAD[::-1]], np.where(SPREAD > 0, SPREAD[::-1], 0))
normal = np.exp(-(SPREAD**2) / 2) / math.sqrt(2 * math.pi)
case("gelu_backward", [SPREAD, SPREAD[::-1]], SPREAD[::-1] * ((1 + erf(SPREAD / math.sqrt(2))) / 2 + SPREAD * normal))
case("sigmoid_backward", [SPREAD, SPREAD[::-1]], SPREAD[::-1] * sigmoid(SPREAD) * (1 - sigmoid(SPREAD)))
case("log_sigmoid_backward", [SPREAD, SPREAD[::-1]], SPREAD[::-1] * sigmoid(-SPREAD))
