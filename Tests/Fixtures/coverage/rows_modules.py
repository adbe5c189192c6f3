"""Rows of layers: convolutions, windows, attention. Read by make_coverage.py.

Gradients of functions that are linear in an operand are their transposes, column by column."""


def small(*shape):
    """Halves between -2 and 2, so that products stay exact in most types."""
    return np.random.default_rng(sum(shape) + 7).integers(-4, 5, shape) / 2


def convolution_rows(rank):
    name = f"conv{rank}d"
    size = {1: (7,), 2: (5, 4), 3: (3, 3, 2)}[rank]
    kernel = {1: (3,), 2: (2, 3), 3: (2, 2, 1)}[rank]
    options = dict(stride=2, padding=1, dilation=1, groups=2) if rank < 3 else dict(stride=1, padding=1, dilation=2)
    groups = options.get("groups", 1)
    x, weight, bias = small(2, 2 * groups, *size), small(4, 2, *kernel), small(4)
    y = convolution(x, weight, bias, **options)
    g = small(*y.shape)
    case(name, [x, weight, bias], y)
    case(f"{name}_x_backward", [x, weight, bias, g], adjoint(lambda v: convolution(v, weight, **options), x, g))
    case(f"{name}_weight_backward", [x, weight, bias, g], adjoint(lambda v: convolution(x, v, **options), weight, g))
    case(f"{name}_bias_backward", [x, weight, bias, g], g.sum(axis=(0, *range(2, rank + 2))))

    name = f"conv_transpose{rank}d"
    size = {1: (4,), 2: (3, 2), 3: (2, 2, 2)}[rank]
    options = dict(stride=2, padding=1, extra=1, dilation=1, groups=groups)
    x, weight, bias = small(2, 2 * groups, *size), small(2 * groups, 2, *kernel), small(2 * groups)
    y = transposed_convolution(x, weight, bias, **options)
    g = small(*y.shape)
    case(name, [x, weight, bias], y)
    spread = transposed_convolution
    case(f"{name}_x_backward", [x, weight, bias, g], adjoint(lambda v: spread(v, weight, **options), x, g))
    case(f"{name}_weight_backward", [x, weight, bias, g], adjoint(lambda v: spread(x, v, **options), weight, g))
    case(f"{name}_bias_backward", [x, weight, bias, g], g.sum(axis=(0, *range(2, rank + 2))))


for rank in [1, 2, 3]:
    convolution_rows(rank)

x, weight, bias = FLOAT(1, 2, 3, 3) / 4, small(2, 2, 2, 2), small(2)
offset = np.random.default_rng(3).integers(-5, 6, (1, 8, 2, 2)) / 16 + 1 / 32
mask = np.random.default_rng(4).integers(1, 9, (1, 4, 2, 2)) / 8
parts = [x, offset, weight, mask, bias]
deformed = lambda *v: deformable_convolution(*v, padding=0)  # noqa: E731
y = deformed(*parts)
g = small(*y.shape)
case("deform_conv2d", parts, y)
# Along each number alone the result is linear as far as the next element, so that a step of 1/64 gives its slope exactly.
gradients = [slope(lambda v, n=n: deformed(*parts[:n], v, *parts[n + 1 :]), parts[n], g, 1 / 64) for n in range(5)]
case("deform_conv2d_backward", parts + [g], gradients)

table, tokens = FLOAT(5, 3), np.array([[0, 3, 3], [4, 0, 1]])
g = small(2, 3, 3)
case("embedding", [table, i64(tokens)], table[tokens])
collected = np.zeros((5, 3))
np.add.at(collected, tokens, g)
case("embedding_backward", [table, i64(tokens), g], collected)

x = FLOAT(1, 2, 5, 4)
case("unfold4d", [x], unfolded(x, (2, 3), 1, 1))
columns = small(1, 12, 24)
case("fold4d", [columns], adjoint(lambda v: unfolded(v, (2, 3), 1, 1), np.zeros((1, 2, 5, 4)), columns))

for name, shape, kernel, stride, padding in [("1d", (2, 3, 7), 3, 2, 1), ("2d", (1, 2, 5, 6), [2, 3], [2, 1], 1)]:
    x = FLOAT(*shape)
    for counted in [True, False]:
        pooled = lambda v: average_pool(v, kernel, stride, padding, counted)  # noqa: E731
        y = pooled(x)
        g = small(*y.shape)
        if counted:
            continue
        case(f"avg_pool{name}", [x], y)
        case(f"avg_pool{name}_backward", [x, g], adjoint(pooled, x, g))
    y, positions = max_pool(x, kernel, stride, padding, 1)
    g = small(*y.shape)
    case(f"max_pool{name}", [x], y)
    case(f"max_pool{name}_with_indices", [x], [y, i64(positions)])
    case(f"max_pool{name}_with_indices_backward", [x, g], max_pool_gradient(x, positions, g))

for name, shape, sizes in [("1d", (2, 3, 7), (3,)), ("2d", (1, 2, 5, 4), (3, 2)), ("3d", (1, 1, 4, 3, 5), (2, 3, 2))]:
    x = FLOAT(*shape)
    pooled = lambda v: adaptive_average_pool(v, sizes)  # noqa: E731
    g = small(*shape[:2], *sizes)
    case(f"adaptive_avg_pool{name}", [x], pooled(x))
    case(f"adaptive_avg_pool{name}_backward", [x, g], adjoint(pooled, x, g))

x = FLOAT(1, 2, 3, 4)
modes = ["nearest", "linear", "cubic"]
case("interpolate", [x], [interpolate(x, (5, 6), mode) for mode in modes])
g = small(1, 2, 5, 6)
case("interpolate_backward", [x, g], [adjoint(lambda v: interpolate(v, (5, 6), mode), x, g) for mode in modes])

x, weight, bias = small(2, 3, 4), small(4, 2), small(2)
g = small(2, 3, 2)
case("linear", [x, weight, bias], x @ weight + bias)
case("linear_x_backward", [x, weight, bias, g], g @ weight.T)
case("linear_weight_backward", [x, weight, bias, g], np.einsum("nai,nao->io", x, g))
case("linear_bias_backward", [x, weight, bias, g], g.sum((0, 1)))

q, k, v = small(1, 2, 3, 4), small(1, 2, 4, 4), small(1, 2, 4, 2)
blocked = np.array([[False, True, False, False], [False] * 4, [True] * 4]).reshape(1, 1, 3, 4)
scores = q @ np.swapaxes(k, 2, 3) / 2
scores = np.where(blocked, -np.inf, scores)
with np.errstate(invalid="ignore"):
    weights = np.where(np.isnan(softmax(scores)), 0, softmax(scores))
case("attention", [q, k, v, boolean(blocked)], weights @ v)

x, scale, bias = FLOAT(2, 3, 4), small(4), small(4)
normal = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5)
case("layer_norm", [x, scale, bias], normal * scale + bias)
x, scale, bias, mean, variance = FLOAT(2, 3, 4), small(3), small(3), small(3), np.array([0.5, 1.25, 2])
column = lambda v: v.reshape(1, 3, 1)  # noqa: E731
normal = (x - column(mean)) / np.sqrt(column(variance) + 1e-5)
case("batch_norm", [x, scale, bias, mean, variance], normal * column(scale) + column(bias))

x = FLOAT(2, 3, 4)
case("softmax", [x], softmax(x, 1))
case("log_softmax", [x], np.log(softmax(x, 1)))
case("softmin", [x], softmax(-x, 1))

x = FLOAT(2, 8)
spectrum = np.fft.rfft(x, axis=1)
case("rfft", [x], [spectrum.real, spectrum.imag])
re, im = small(2, 5), small(2, 5)
case("irfft", [re, im], np.fft.irfft(re + 1j * im, axis=1))

x = FLOAT(1, 2, 3, 4)
grid = np.random.default_rng(5).integers(-7, 8, (1, 2, 3, 2)) / 8 + 1 / 64
case("float_grid_sample_2d", [x, grid], grid_sample(x, grid))

logs = np.log(softmax(small(4, 2, 3)))
targets, lengths, target_lengths = np.array([[1, 2], [2, 2]]), np.array([4, 3]), np.array([2, 1])
operands = [logs, i64(targets), i64(lengths), i64(target_lengths)]
case("ctc_loss", operands, ctc_loss(logs, targets, lengths, target_lengths))
case("ctc_loss_backward", operands, slope(lambda v: ctc_loss(v, targets, lengths, target_lengths), logs, np.ones(2)))
