"""Rows of docs/api-coverage.md that no backend method stands for. Read by make_coverage.py."""

WHOLE = Kind("whole", 0, 0)
random = np.random.default_rng(7)


def whole(*shape):
    """Distinct whole numbers, which every type holds: there is no kink where gradients are compared."""
    return random.permutation(np.arange(1, 41))[: int(np.prod(shape))].reshape(shape)


def signed(*shape):
    return whole(*shape) * random.choice([-1, 1], shape)


def truth(*shape):
    return random.integers(0, 2, shape).astype(bool)


def numbers(name, operands, formula):
    """Cases of a row that takes numbers: without a sign, with one, and floats."""
    made = operands(whole)
    case(name, made, formula(*made), only="number")
    made = operands(signed)
    case(name, made, formula(*made), only="number", signed=True)
    made = operands(FLOAT)
    case(name, made, formula(*made), only="float")


def every(name, operands, formula):
    """Cases of a row that takes bool too."""
    numbers(name, operands, formula)
    made = operands(truth)
    case(name, made, formula(*made), only="bool")


def floats(name, operands, formula):
    for _ in range(2):
        made = operands(FLOAT)
        case(name, made, formula(*made))


# Differentiation: of the sum of squares.
for name in ["grad", "grad_remove"]:
    floats(name, one, lambda x: 2 * x)
floats("backward", one, lambda x: [np.sum(x * x), 2 * x])

# Structure.
every("shape", lambda k: [k(2, 3, 1)], lambda x: i64(x.shape))
every("rank", lambda k: [k(2, 3, 1)], lambda x: i64(3))
every("dtype", pair, lambda a, b: boolean(True))
for name in ["into_primitive", "from_primitive"]:
    every(name, one, lambda x: x)
every("movedim", lambda k: [k(2, 3, 4)], lambda x: np.moveaxis(x, [0, -1], [1, 0]))
every("flatten", lambda k: [k(2, 3, 4)], lambda x: x.reshape(2, 12))
every("squeeze_dim", lambda k: [k(2, 1, 3)], lambda x: np.squeeze(x, 1))
every("squeeze_dims", lambda k: [k(1, 1, 3, 1)], lambda x: [np.squeeze(x, (0, -1)), np.squeeze(x)])
every("unsqueeze", one, lambda x: np.expand_dims(x, (0, 1)))
every("unsqueeze_dim", one, lambda x: np.expand_dims(x, 1))
every("unsqueeze_dims", one, lambda x: np.expand_dims(x, (1, -1)))
every("repeat", one, lambda x: np.tile(x, (2, 3)))
every("stack", pair, lambda a, b: np.stack([a, b], 1))
every("iter_dim", one, lambda x: [x[:, i : i + 1] for i in range(3)])
every("roll_dim", lambda k: [k(2, 5)], lambda x: np.roll(x, -1, 1))
every("roll", lambda k: [k(3, 5)], lambda x: np.roll(x, (1, 2), (0, 1)))


def filled(x):
    out = x.copy()
    out[0:2, 1] = 5
    return out


numbers("slice_fill", lambda k: [k(4, 3)], filled)
every("slice_dim", lambda k: [k(2, 5)], lambda x: [x[:, 1:3], x[..., ::-2]])
every("select_dim", lambda k: [k(2, 5)], lambda x: x[:, 2])
every("take", lambda k: [k(2, 5), i64([[3, 0, 3], [4, 1, 1]])], lambda x, i: np.take(x, i[1], 1))
numbers("triu", lambda k: [k(2, 3, 4)], lambda x: np.triu(x, 1))
numbers("tril", lambda k: [k(2, 3, 4)], lambda x: np.tril(x, -1))
numbers("diag", lambda k: [k(2, 3, 4)], lambda x: np.diagonal(x, axis1=-2, axis2=-1))
numbers("pad", one, lambda x: np.pad(x, [(1, 2), (0, 1)], constant_values=3))
numbers("pad_reflect", lambda k: [k(2, 4)], lambda x: np.pad(x, [(1, 1), (0, 2)], mode="reflect"))
numbers("pad_edge", lambda k: [k(2, 4)], lambda x: np.pad(x, [(1, 1), (0, 2)], mode="edge"))


def descending(x):
    order = np.argsort(-x, axis=1, kind="stable")
    return [np.take_along_axis(x, order, 1), i64(order)]


numbers("sort_descending_with_indices", lambda k: [k(2, 5)], descending)
case("into_scalar", [np.full((1, 1), 3.5)], np.array(3.5))
every("as_type", lambda k: [k(4)], lambda x: ("f64", x.astype(np.float64)))

# Comparisons.
near = np.array([1.0, 2.0, 3.0, 1000.0, 0.0, 5.0])
case("is_close", [near, near + [0, 1, 2, 400, 0, 4]],
     [boolean(np.isclose(near, near + [0, 1, 2, 400, 0, 4])),
      boolean(np.isclose(near, near + [0, 1, 2, 400, 0, 4], 0.5, 0.25))], only="float")
small = np.array([1, 2, 3, 100, 0, 5])
case("is_close", [small, small + [0, 1, 2, 20, 0, 4]],
     [boolean(np.isclose(small, small + [0, 1, 2, 20, 0, 4])),
      boolean(np.isclose(small, small + [0, 1, 2, 20, 0, 4], 0.5, 0.25))], only="number")
unusual = [np.array([np.inf, np.inf, -np.inf, np.nan, 1.0, np.inf, 0.0]),
           np.array([np.inf, -np.inf, -np.inf, np.nan, np.inf, 1.0, -0.0])]
case("is_close", unusual, [boolean(np.isclose(*unusual)), boolean(np.isclose(*unusual, 0.5, 0.25))], only="float")
numbers("all_close", pair, lambda a, b: [
    boolean(np.allclose(a, b)), boolean(np.allclose(a, a)), boolean(np.allclose(a, b, 0, 50))])
case("is_finite", [unusual[0]], boolean(np.isfinite(unusual[0])))
case("contains_nan", [unusual[0]], boolean(True))
case("contains_nan", [np.array([np.inf, -np.inf, 1.0])], boolean(False))
numbers("bool", lambda k: [k(3) * np.array([0, 1, 1])], lambda x: boolean(x != 0))
numbers("max_pair", pair, np.maximum)
numbers("min_pair", pair, np.minimum)

# Creation.
case("eye", [], np.eye(3).astype(int))
case("zeros_like", [np.ones((2, 3))], np.zeros((2, 3)))
case("empty_like", [np.ones((2, 3))], np.zeros((2, 3)))
case("ones_like", [np.zeros((2, 3))], np.ones((2, 3)))
case("full_like", [np.zeros((2, 3))], np.full((2, 3), 7.0))
classes = np.array([2, 0, 3, 9])
case("one_hot", [classes], f32((classes[:, None] == np.arange(4)).astype(float)))
classes = np.array([[2, -1], [0, -4]])
case("one_hot", [classes], f32((classes[..., None] % 4 == np.arange(4)).astype(float)), signed=True)
case("one_hot_fill", [classes % 4],
     f32(np.where(classes[:, None] % 4 == np.arange(4)[:, None], 5.0, 2.0)))
for name, function in {"triu_mask": lambda r, c: c < r + 1, "tril_mask": lambda r, c: c > r - 1,
                       "diag_mask": lambda r, c: c != r + 1}.items():
    case(name, [np.zeros(2)], boolean(np.fromfunction(function, (3, 4))))
case("cartesian_grid", [], np.moveaxis(np.indices((2, 3)), 0, -1))
floats("meshgrid", lambda k: [k(3), k(2)], lambda x, y: [
    *np.meshgrid(x, y), *np.meshgrid(x, y, indexing="ij"), *np.meshgrid(x, y, sparse=True)])
floats("meshgrid_stack", lambda k: [k(3), k(2)], lambda x, y: np.stack(np.meshgrid(x, y), -1))


def affine_grid(maps, height, width, corners):
    def along(count):
        return np.linspace(-1, 1, count) if corners else (2 * np.arange(count) + 1) / count - 1

    x, y = np.meshgrid(along(width), along(height))
    return np.einsum("nij,hwj->nhwi", maps, np.stack([x, y, np.ones_like(x)], -1))


floats("affine_grid_2d", lambda k: [k(2, 2, 3)],
       lambda m: [affine_grid(m, 2, 3, False), affine_grid(m, 2, 3, True)])

# Reductions and statistics.
three_axes = lambda k: [k(2, 3, 2)]  # noqa: E731
both = {"axis": (0, 2), "keepdims": True}
floats("mean_dims", three_axes, lambda x: [np.mean(x, **both), np.mean(x, (-1, 0))])
numbers("sum_dims", three_axes, lambda x: np.sum(x, **both))
numbers("sum_dims_squeeze", three_axes, lambda x: np.sum(x, (0, 2)))
numbers("max_dims", three_axes, lambda x: np.max(x, **both))
numbers("min_dims", three_axes, lambda x: np.min(x, **both))
numbers("max_abs_dims", three_axes, lambda x: np.max(np.abs(x), **both))
floats("prod_dims", lambda k: [k(2, 3, 1)], lambda x: np.prod(x, **both))
cases[-1]["only"] = cases[-2]["only"] = "float"
case("prod_dims", [np.arange(1, 7).reshape(2, 3, 1)], np.prod(np.arange(1, 7).reshape(2, 3, 1), **both), only="number")
floats("var", lambda k: [k(3, 5)], lambda x: [
    np.var(x, 1, ddof=1, keepdims=True), np.var(x, ddof=1), np.std(x, (0, -1), ddof=1)])
floats("var_bias", lambda k: [k(3, 5)], lambda x: [np.var(x, 1, keepdims=True), np.var(x, (0, 1)), np.std(x)])
case("var", [np.array([[2.0], [3.0]])], [np.full((2, 1), np.nan), np.array(0.5), np.array(0.5**0.5)])
floats("var_mean", lambda k: [k(3, 5)], lambda x: [np.var(x, 1, ddof=1), np.mean(x, 1)])
floats("var_mean_bias", lambda k: [k(3, 5)], lambda x: [np.var(x, 1), np.mean(x, 1)])
for name, divisor in {"var_with_mean": 4, "var_with_mean_bias": 5, "var_with_mean_n": 5}.items():
    floats(name, lambda k: [k(3, 5), k(3, 1)], lambda x, m: np.sum((x - m) ** 2, 1) / divisor)
floats("cov", lambda k: [k(3, 5)], lambda x: [np.cov(x), np.cov(x, rowvar=False, ddof=0)])


def median(x, keep):
    order = np.argsort(x, axis=1, kind="stable")
    place = order[:, (x.shape[1] - 1) // 2 :][:, :1]
    value = np.take_along_axis(x, place, 1)
    return value if keep else [value[:, 0], i64(place[:, 0])]


for extent in [5, 4, 1]:
    numbers("median", lambda k: [k(3, extent)], lambda x: median(x, True))
    numbers("median_with_indices", lambda k: [k(3, extent)], lambda x: median(x, False))

# Norms.
keep = {"axis": 1, "keepdims": True}
zeros_too = lambda k: [k(3, 4) * np.array([0, 1, 1, 1])]  # noqa: E731
numbers("l0_norm", zeros_too, lambda x: np.linalg.norm(x, 0, **keep))
numbers("l1_norm", lambda k: [k(3, 3)], lambda x: np.linalg.norm(x, 1, **keep))
floats("l2_norm", lambda k: [k(3, 4)], lambda x: [np.linalg.norm(x, **keep), np.linalg.norm(x)])
floats("lp_norm", lambda k: [k(3, 4)], lambda x: [np.linalg.norm(x, 3, **keep), np.linalg.norm(x, -1, 0)])
numbers("max_abs_norm", lambda k: [k(3, 4)], lambda x: np.linalg.norm(x, np.inf, **keep))
numbers("min_abs_norm", lambda k: [k(3, 4)], lambda x: np.linalg.norm(x, -np.inf, **keep))
floats("vector_norm", lambda k: [k(3, 4)],
       lambda x: [np.linalg.norm(x, p, 1) for p in [1, 2, np.inf, -np.inf, 3]])
floats("vector_normalize", lambda k: [k(3, 4)], lambda x: [
    x / np.linalg.norm(x, **keep), x / np.linalg.norm(x, 1, 0, keepdims=True), x / 100])
floats("cosine_similarity", lambda k: [k(3, 4), k(3, 4)], lambda a, b: np.sum(a * b, **keep) / (
    np.linalg.norm(a, **keep) * np.linalg.norm(b, **keep)))

# Products.
few = lambda *shape: random.integers(1, 6, shape)  # noqa: E731
for name, shapes, function in [
    ("dot", [(4,), (4,)], np.dot),
    ("outer", [(2, 3), (2, 4)], lambda a, b: a[:, :, None] * b[:, None, :]),
    ("outer_dim", [(2, 3), (4, 3)], lambda a, b: a[:, None] * b[None]),
    ("matvec", [(2, 3, 4), (2, 4)], lambda a, b: np.einsum("bij,bj->bi", a, b)),
    ("trace", [(2, 3, 3)], lambda a: np.trace(a, axis1=1, axis2=2)),
]:
    made = [few(*shape) for shape in shapes]
    case(name, made, function(*made), only="number")
    made = [FLOAT(*shape) for shape in shapes]
    case(name, made, function(*made), only="float")
floats("det", lambda k: [k(2, 3, 3)], np.linalg.det)
case("det", [np.array([[0.0, 1, 2], [0, 3, 1], [4, 1, 1]])], np.array(-20.0))
# No quotient is whole, for there the remainder jumps.
dividend, divisor = np.array([[7, 8, 11], [5, 26, 1]]), np.array([[2, 3, 4], [3, 5, 7]])
for sign in [1, -1]:
    more = {"signed": True} if sign < 0 else {}
    case("fmod", [sign * dividend, divisor], np.fmod(sign * dividend, divisor), only="number", **more)
    case("fmod_scalar", [sign * dividend], np.fmod(sign * dividend, 3), only="number", **more)
case("fmod", [dividend + 0.25, -divisor + 0.5], np.fmod(dividend + 0.25, -divisor + 0.5), only="float")
case("fmod_scalar", [dividend - 12.25], np.fmod(dividend - 12.25, 3), only="float")
floats("deg2rad", one, np.radians)
floats("rad2deg", one, np.degrees)


def log_softmax(x):
    return x - x.max(-1, keepdims=True) - np.log(np.exp(x - x.max(-1, keepdims=True)).sum(-1, keepdims=True))


weights = np.array([[0.5, 0.25, 0.25], [0.125, 0.875, 0.0]])
logits = FLOAT(2, 3)
case("cross_entropy_with_logits", [logits, weights], np.mean(-np.sum(weights * log_softmax(logits), -1)))

# Activations.
erfs = np.vectorize(math.erf)
sigmoids = lambda x: 1 / (1 + np.exp(-x))  # noqa: E731
for name, function in {
    "softplus": lambda x: np.log1p(np.exp(2 * x)) / 2,
    "silu": lambda x: x * sigmoids(x),
    "mish": lambda x: x * np.tanh(np.log1p(np.exp(x))),
    "gelu_approximate": lambda x: 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3))),
    "elu": lambda x: np.where(x > 0, x, 1.5 * np.expm1(x)),
    "celu": lambda x: np.where(x > 0, x, 1.5 * np.expm1(x / 1.5)),
    "selu": lambda x: 1.0507009873554805 * np.where(x > 0, x, 1.6732632423543772 * np.expm1(x)),
    "thresholded_relu": lambda x: np.where(x > 1.5, x, 0),
    "softsign": lambda x: x / (1 + np.abs(x)),
    "hard_swish": lambda x: x * np.clip(x / 6 + 0.5, 0, 1),
    "hard_shrink": lambda x: np.where(np.abs(x) <= 0.6, 0, x),
    "soft_shrink": lambda x: np.sign(x) * np.maximum(np.abs(x) - 0.75, 0),
    "shrink": lambda x: np.where(x > 0.6, x - 0.25, np.where(x < -0.6, x + 0.25, 0)),
    "tanhshrink": lambda x: x - np.tanh(x),
    "relu6": lambda x: np.clip(x, 0, 6),
    "threshold": lambda x: np.where(x > 0.6, x, -3.0),
}.items():
    # Between multiples of 1/8, where no threshold is; f16 and bf16 hold these.
    for _ in range(2):
        x = FLOAT(3, 5) + 1 / 16
        case(name, [x], function(x))
# The bounds are rounded to the type.
case("hardtanh", [np.array([0.5, -0.25, 1.125, 2.0])], np.array([0.5, -0.25, 1.125, 2.0]))
for kind, unit in {"f64": np.float64, "f32": np.float32, "f16": np.float16}.items():
    x = np.array([-3.0, -1.25, 2.25, 5.0, np.nan])
    case("hardtanh", [(kind, x)], (kind, np.clip(x, np.float64(unit(-1.3)), np.float64(unit(2.2)))))
floats("glu", lambda k: [k(3, 4)], lambda x: x[:, :2] * sigmoids(x[:, 2:]))
floats("quiet_softmax", lambda k: [k(3, 4)], lambda x: np.exp(x) / (1 + np.exp(x).sum(1, keepdims=True)))
far = np.array([[-800.0, -900.0], [800.0, 900.0], [0.0, -np.inf]])
case("quiet_softmax", [far], np.array([[0.0, 0.0], [0.0, 1.0], [0.5, 0.0]]))

# Signals.


def cosine_window(size, periodic, coefficients):
    turn = 2 * np.pi * np.arange(size) / (size if periodic else size - 1)
    return sum((-1) ** i * c * np.cos(i * turn) for i, c in enumerate(coefficients))


hann = [cosine_window(5, p, [0.5, 0.5]) for p in [True, False]]
case("hann_window", [], np.concatenate([*hann, [1.0]]))
case("hamming_window", [], np.concatenate([cosine_window(5, p, [0.54, 0.46]) for p in [True, False]]))
case("blackman_window", [], np.concatenate([cosine_window(5, p, [0.42, 0.5, 0.08]) for p in [True, False]]))
assert np.allclose(hann[1], np.hanning(5))


def parts(*spectra):
    return [part for spectrum in spectra for part in (spectrum.real, spectrum.imag)]


for shape in [(2, 5), (6,)]:
    floats("cfft", lambda k: [k(*shape), k(*shape)],
           lambda a, b: parts(np.fft.fft(a + 1j * b), np.fft.ifft(a + 1j * b)))


def frames(x, size, step):
    return np.stack([x[..., i : i + size] for i in range(0, x.shape[-1] - size + 1, step)], -2)


def short_time(x, window):
    wide = np.pad(x, [(0, 0), (2, 2)], mode="reflect")
    return parts(np.fft.rfft(frames(wide, 4, 2) * window), np.fft.rfft(frames(x, 4, 3)))


floats("stft", lambda k: [k(2, 9), k(4)], short_time)
# The inverse gives the signal back, of which the frames reach 8 samples.
taper = np.array([0.5, 1.0, 1.5, 0.75])
for _ in range(2):
    signal = FLOAT(2, 8)
    spectrum = np.fft.rfft(frames(np.pad(signal, [(0, 0), (2, 2)], mode="reflect"), 4, 2) * taper)
    case("istft", [spectrum.real, spectrum.imag, taper], signal)
