"""Rows that make, cast, reshape, cut, join and reduce. Read by make_coverage.py."""

# Creation. Shapes and values are those of the closures.
for prefix in ["float", "int"]:
    zero = 0.0 if prefix == "float" else 0
    case(f"{prefix}_zeros", [], np.full((2, 3), zero))
    case(f"{prefix}_ones", [], np.full((2, 3), zero + 1))
    case(f"{prefix}_full", [], np.full((2, 3), zero + 7))
    case(f"{prefix}_empty", [], np.full((2, 3), zero))
    case(f"{prefix}_from_data", [], np.arange(1, 7).reshape(2, 3) + zero)
case("bool_from_data", [], np.array([[True, False, True], [False, True, True]]))
for name, value in {"zeros": False, "ones": True, "empty": False}.items():
    case(f"bool_{name}", [], np.full((2, 3), value))
case("int_arange", [], np.arange(2, 7))
case("int_arange_step", [], np.arange(2, 12, 3))
shared("into_data", EVERY, one, lambda x: x)

# Casts.
case("float_into_int", [np.array([1.5, -2.75, 0, 7.875])], i64([1, -2, 0, 7]))
case("float_cast", [np.array([1.5, -2.75, 0, 7.875])], ("f64", np.array([1.5, -2.75, 0, 7.875])))
case("int_into_float", [np.array([0, 1, 100])], f32([0, 1, 100]))
case("int_cast", [np.array([0, 1, 100, 200])], ("i8", np.array([0, 1, 100, -56])))
case("bool_into_int", [np.array([True, False])], i64([1, 0]))
case("bool_into_float", [np.array([True, False])], f32([1, 0]))

# Shapes.
three = lambda k: [k(2, 3, 2)]  # noqa: E731
four = lambda k: [k(2, 4)]  # noqa: E731
shared("reshape", EVERY, three, lambda x: x.reshape(3, 4))
shared("transpose", EVERY, three, lambda x: np.swapaxes(x, -1, -2))
shared("swap_dims", EVERY, three, lambda x: np.swapaxes(x, 0, 2))
shared("permute", EVERY, three, lambda x: np.transpose(x, (2, 0, 1)))
shared("flip", EVERY, three, lambda x: np.flip(x, (0, 2)))
shared("expand", EVERY, lambda k: [k(3, 1)], lambda x: np.broadcast_to(x, (2, 3, 4)))
shared("repeat_dim", EVERY, one, lambda x: np.tile(x, (1, 2)))
shared("cat", EVERY, lambda k: [k(2, 1), k(2, 3), k(2, 2)], lambda a, b, c: np.concatenate([a, b, c], 1))
shared("narrow", EVERY, lambda k: [k(2, 5)], lambda x: x[:, 1:4])
shared("chunk", EVERY, lambda k: [k(2, 7)], lambda x: [x[:, 0:3], x[:, 3:6], x[:, 6:7]])
shared("split", EVERY, lambda k: [k(2, 5)], lambda x: [x[:, 0:2], x[:, 2:4], x[:, 4:5]])
shared("split_with_sizes", EVERY, lambda k: [k(2, 6)], lambda x: [x[:, 0:1], x[:, 1:4], x[:, 4:6]])
shared("slice", EVERY, lambda k: [k(4, 5)], lambda x: x[1:3, :-1])
shared("slice_assign", EVERY, lambda k: [k(4, 5), k(2, 3)], lambda x, v: assigned(x, (slice(1, 3), slice(0, 3)), v))
shared(
    "unfold", EVERY, lambda k: [k(2, 7)],
    lambda x: np.stack([x[:, i : i + 3] for i in range(0, 5, 2)], 1))

# Reductions.
for suffix, function in {"sum": np.sum, "prod": np.prod, "max": np.max, "min": np.min}.items():
    shared(suffix, NUMBERS, one, lambda x: function(x))
    shared(f"{suffix}_dim", NUMBERS, three, lambda x: function(x, axis=1, keepdims=True))
shared("mean", NUMBERS, one, lambda x: np.mean(x) if x.dtype.kind == "f" else np.trunc(np.sum(x) / x.size).astype(int))
shared(
    "mean_dim", NUMBERS, three,
    lambda x: np.mean(x, 1, keepdims=True)
    if x.dtype.kind == "f" else np.trunc(np.sum(x, 1, keepdims=True) / 3).astype(int))
zeros_among = lambda k: [np.where(k(3, 3) % 2 == 0, 0, k(3, 3))]  # noqa: E731
for suffix, function in {"any": np.any, "all": np.all}.items():
    shared(suffix, EVERY, lambda k: [k(2, 2)], lambda x: boolean(function(x != 0)))
    shared(f"{suffix}_dim", EVERY, lambda k: [np.array([[0, 1, 2], [0, 0, 0], [1, 2, 3]]).astype(k(1).dtype)],
           lambda x: boolean(function(x != 0, axis=1, keepdims=True)))
shared("argmax", NUMBERS, three, lambda x: i64(np.argmax(x, 1, keepdims=True)))
shared("argmin", NUMBERS, three, lambda x: i64(np.argmin(x, 1, keepdims=True)))
shared("max_dim_with_indices", NUMBERS, three, lambda x: [x.max(1, keepdims=True), i64(np.argmax(x, 1, keepdims=True))])
shared("min_dim_with_indices", NUMBERS, three, lambda x: [x.min(1, keepdims=True), i64(np.argmin(x, 1, keepdims=True))])
shared("max_abs", NUMBERS, one, lambda x: np.abs(x).max())
shared("max_abs_dim", NUMBERS, three, lambda x: np.abs(x).max(1, keepdims=True))
shared("cumsum", NUMBERS, three, lambda x: np.cumsum(x, 1))
shared("cumprod", NUMBERS, three, lambda x: np.cumprod(x, 1))
shared("cummin", NUMBERS, three, lambda x: np.minimum.accumulate(x, 1))
shared("cummax", NUMBERS, three, lambda x: np.maximum.accumulate(x, 1))

# Sorting. Ties keep their order here, which is one of the orders that Burn allows.
spread = lambda k: [k(2, 5)]  # noqa: E731
order = lambda x: np.argsort(x, 1, kind="stable")  # noqa: E731
falling = lambda x: np.argsort(-x, 1, kind="stable")  # noqa: E731
shared("sort", NUMBERS, spread, lambda x: [np.sort(x, 1), -np.sort(-x, 1)])
shared("sort_with_indices", NUMBERS, spread, lambda x: [np.sort(x, 1), i64(order(x))])
shared("argsort", NUMBERS, spread, lambda x: [i64(order(x)), i64(falling(x))])
shared("topk", NUMBERS, spread, lambda x: -np.sort(-x, 1)[:, :3])
shared("argtopk", NUMBERS, spread, lambda x: i64(falling(x)[:, :3]))
shared("topk_with_indices", NUMBERS, spread, lambda x: [-np.sort(-x, 1)[:, :3], i64(falling(x)[:, :3])])

# Products.
a, b = FLOAT(2, 2, 3), FLOAT(1, 3, 2)
case("float_matmul", [a, b], a @ b)
for kind in [INTEGER, SIGNED]:
    a, b = kind(2, 2, 3), kind(1, 3, 2)
    case("int_matmul", [a, b], a @ b, **({"signed": True} if kind.signed else {}))
a, b = FLOAT(2, 3), FLOAT(1, 3)
case("float_cross", [a, b], np.cross(a, b))

# Gradients as methods: identity on values; the gradient of sum(x * x).
x = FLOAT(2, 3)
case("float_detach", [x], [x, x])
case("float_set_require_grad", [x], 2 * x)
case("tr_execute", [x, i64([1, 2, 3]), boolean([True, False])], [x + x, i64([2, 4, 6]), boolean([False, True])])
