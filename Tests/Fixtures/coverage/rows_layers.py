"""Rows of layers. Read by make_coverage.py. Weights are operands, so that no random numbers are compared."""

seed = np.random.default_rng(11)


def some(*shape):
    """Sixteenths between -2 and 2."""
    return seed.integers(-32, 33, shape) / 16


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def layer(name, operands, results, **more):
    case("module/" + name, operands, results, **more)


x, w, b = some(2, 3), some(3, 4), some(4)
layer("Linear", [x, w, b], [x @ w + b, x[0] @ w + b])

for rank in [1, 2, 3]:
    size, kernel = {1: (7,), 2: (5, 6), 3: (3, 4, 3)}[rank], {1: (3,), 2: (3, 2), 3: (2, 3, 1)}[rank]
    x, w, b = some(2, 4, *size), some(4, 2, *kernel), some(4)
    full = some(2, 4, *[3] * rank)
    layer(
        f"Conv{rank}d", [x, w, b, full],
        [convolution(x, w, b, stride=2, padding=1, groups=2), convolution(x, full, None, padding=1)])
    x, w, b = some(2, 4, *[3] * rank), some(4, 2, *kernel), some(4)
    layer(
        f"ConvTranspose{rank}d", [x, w, b],
        transposed_convolution(x, w, b, stride=2, padding=1, extra=1, groups=2))

x, weight, bias = FLOAT(1, 2, 3, 3) / 4, some(2, 2, 2, 2), some(2)
offset = np.random.default_rng(5).integers(-5, 6, (1, 8, 2, 2)) / 16 + 1 / 32
mask = np.random.default_rng(6).integers(1, 9, (1, 4, 2, 2)) / 8
layer("DeformConv2d", [x, offset, weight, mask, bias], deformable_convolution(x, offset, weight, mask, bias, padding=0))

for rank, shape, kernel in [(1, (1, 2, 8), [3]), (2, (1, 2, 5, 6), [2, 3])]:
    x = FLOAT(*shape)
    layer(f"MaxPool{rank}d", [x], [max_pool(x, kernel, 2, 1, 1)[0], max_pool(x, kernel, kernel, 0, 1)[0]])
    layer(f"AvgPool{rank}d", [x], [average_pool(x, kernel, 2, 1, True), average_pool(x, kernel, 2, 1, False)])
layer("AdaptiveAvgPool1d", [x[:, :, 0]], adaptive_average_pool(x[:, :, 0], [4]))
layer("AdaptiveAvgPool2d", [x], adaptive_average_pool(x, [3, 4]))
x3 = some(1, 2, 3, 4, 5)
layer("AdaptiveAvgPool3d", [x3], adaptive_average_pool(x3, [2, 3, 2]))
layer("Unfold4d", [x], unfolded(x, (2, 3), 1, 1))
columns = some(1, 12, 24)
layer("Fold4d", [columns], adjoint(lambda v: unfolded(v, (2, 3), 1, 1), np.zeros((1, 2, 5, 4)), columns))


def cornered(x, size, mode):
    """The last axis resized so that the first and the last elements stay; by Keys' cubic convolution with a = -3/4."""
    n = x.shape[-1]
    out = []
    for i in range(size):
        place = i * (n - 1) / (size - 1)
        low = min(int(np.floor(place)), n - 1)
        f = place - low
        if mode == "linear":
            out.append(x[..., low] * (1 - f) + x[..., min(low + 1, n - 1)] * f)
            continue
        weights = [cubic(f + 1), cubic(f), cubic(1 - f), cubic(2 - f)]
        out.append(sum(w * x[..., min(max(low + k - 1, 0), n - 1)] for k, w in enumerate(weights)))
    return np.stack(out, -1)


x = some(1, 2, 5)
nearest = x[..., [int(i * 5 / 8) for i in range(8)]]
layer("Interpolate1d", [x], [nearest, cornered(x, 8, "linear"), cornered(x, 8, "cubic"), cornered(x, 8, "linear")])
x = some(1, 2, 4, 3)
both = lambda m: np.swapaxes(cornered(np.swapaxes(cornered(x, 5, m), 2, 3), 7, m), 2, 3)  # noqa: E731
nearest = x[:, :, [int(i * 4 / 7) for i in range(7)]][..., [int(i * 3 / 5) for i in range(5)]]
layer("Interpolate2d", [x], [nearest, both("linear"), both("cubic")])

x = some(1, 8, 2, 3)
layer("PixelShuffle", [x], x.reshape(1, 2, 2, 2, 2, 3).transpose(0, 1, 4, 2, 5, 3).reshape(1, 2, 4, 6))
x = some(1, 2, 4, 6)
layer("PixelUnshuffle", [x], x.reshape(1, 2, 2, 2, 3, 2).transpose(0, 1, 3, 5, 2, 4).reshape(1, 8, 2, 3))


def normalised(x, axes, epsilon=1e-5):
    return (x - x.mean(axes, keepdims=True)) / np.sqrt(x.var(axes, keepdims=True) + epsilon)


def channels(v, x):
    return v.reshape(1, -1, *[1] * (x.ndim - 2))


x, g, b = some(3, 4), some(4), some(4)
layer("LayerNorm", [x, g, b], normalised(x, 1) * g + b)
x = some(3, 4, 5)
mean, variance = some(4), np.abs(some(4)) + 1
trained = normalised(x, (0, 2)) * channels(g, x) + channels(b, x)
used = (x - channels(mean, x)) / np.sqrt(channels(variance, x) + 1e-5) * channels(g, x) + channels(b, x)
moved = [0.9 * mean + 0.1 * x.mean((0, 2)), 0.9 * variance + 0.1 * x.var((0, 2))]
layer("BatchNorm", [x, g, b, mean, variance], [trained, used])
case("module_system/RunningState", [x, g, b, mean, variance], moved)
group = normalised(x.reshape(3, 2, -1), 2).reshape(x.shape) * channels(g, x) + channels(b, x)
layer("GroupNorm", [x, g, b], group)
layer("InstanceNorm", [x, g, b], normalised(x, 2) * channels(g, x) + channels(b, x))
x = some(3, 4)
layer("RmsNorm", [x, g], x / np.sqrt((x**2).mean(1, keepdims=True) + 1e-5) * g)
x = some(2, 5, 3)
sums = np.stack([(x[:, max(c - 1, 0) : c + 2] ** 2).sum(1) for c in range(5)], 1)
layer("LocalResponseNorm", [x], x / (1 + 0.5 / 3 * sums) ** 0.75)


def steps(x, state, cell):
    """Runs a cell over axis 1; gives the outputs and the last state."""
    out = []
    for t in range(x.shape[1]):
        state = cell(x[:, t], state)
        out.append(state[0])
    return np.stack(out, 1), state


def lstm(w, r, b, hidden):
    def cell(x, state):
        h, c = state
        i, o, f, z = np.split(x @ w.T + h @ r.T + b[: 4 * hidden] + b[4 * hidden :], 4, 1)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(z)
        return sigmoid(o) * np.tanh(c), c

    return cell


def gru(w, r, b, hidden, resets_after):
    def cell(x, state):
        h = state[0]
        inner, outer = x @ w.T + b[: 3 * hidden], b[3 * hidden :]
        zx, rx, nx = np.split(inner, 3, 1)
        zh, rh, nh = np.split(h @ r.T + outer, 3, 1)
        z, reset = sigmoid(zx + zh), sigmoid(rx + rh)
        if resets_after:
            n = np.tanh(nx + reset * nh)
        else:
            n = np.tanh(nx + (reset * h) @ r[2 * hidden :].T + outer[2 * hidden :])
        return ((1 - z) * n + z * h,)

    return cell


def rnn(w, r, b, hidden):
    return lambda x, state: (np.tanh(x @ w.T + state[0] @ r.T + b[:hidden] + b[hidden:]),)


x, hidden = some(2, 4, 3), 2
for name, gates, make in [
    ("Lstm", 4, lambda p: lstm(*p, hidden)), ("Gru", 3, lambda p: gru(*p, hidden, True)), ("Rnn", 1, lambda p: rnn(*p, hidden))]:
    weights = [[some(gates * hidden, 3), some(gates * hidden, hidden), some(2 * gates * hidden)] for _ in range(2)]
    first = [some(2, hidden) for _ in range(2 if name == "Lstm" else 1)]
    out, last = steps(x, tuple(first), make(weights[0]))
    if name == "Gru":
        before, _ = steps(x, tuple(first), gru(*weights[0], hidden, False))
        layer(name, [x, *weights[0], *first], [out, last[0], before])
    else:
        layer(name, [x, *weights[0], *first], [out, *last])
    zeros = tuple(np.zeros((2, hidden)) for _ in first)
    forward, end = steps(x, zeros, make(weights[0]))
    backward, start = steps(x[:, ::-1], zeros, make(weights[1]))
    together = np.concatenate([forward, backward[:, ::-1]], 2)
    layer("Bi" + name, [x, *weights[0], *weights[1]], [together, *[np.stack(p) for p in zip(end, start)]])


def attention(q, k, v, p, heads, blocked=None, quiet=False, key_heads=None):
    """p: the weights and biases of query, key, value and output."""
    key_heads = key_heads or heads
    split = lambda y, h: y.reshape(*y.shape[:2], h, -1).transpose(0, 2, 1, 3)  # noqa: E731
    queries = split(q @ p[0] + p[1], heads)
    keys, values = (np.repeat(split(y, key_heads), heads // key_heads, 1) for y in (k @ p[2] + p[3], v @ p[4] + p[5]))
    scores = queries @ keys.transpose(0, 1, 3, 2) / np.sqrt(queries.shape[-1])
    if blocked is not None:
        scores = np.where(blocked, -np.inf, scores)
    e = np.exp(scores - scores.max(-1, keepdims=True))
    weights = np.exp(scores) / (1 + np.exp(scores).sum(-1, keepdims=True)) if quiet else e / e.sum(-1, keepdims=True)
    context = (weights @ values).transpose(0, 2, 1, 3).reshape(*q.shape[:2], -1)
    return context @ p[6] + p[7], weights


def projections(size, source=None, width=None):
    source, width = source or size, width or size
    shapes = [(size, size), (size,), (source, width), (width,), (source, width), (width,), (size, size), (size,)]
    return [some(*s) / 4 for s in shapes]


x, p = some(2, 3, 4) / 2, projections(4)
pads = np.array([[False, False, True], [False, False, False]])
causal = np.triu(np.ones((3, 3), bool), 1)
blocked = pads[:, None, None] | causal
layer(
    "MultiHeadAttention", [x, boolean(pads), *p],
    [*attention(x, x, x, p, 2, blocked), attention(x, x, x, p, 2, None, True)[0]])
y = some(2, 5, 4) / 2
layer("MhaInput", [x, y, *p], list(attention(x, y, y, p, 2)))
layer("MhaCache", [x, *p], attention(x, x, x, p, 2, causal)[0])
y, p2 = some(2, 5, 3), projections(4, 3, 2)
layer("CrossAttention", [x, y, *p2], attention(x, y, y, p2, 2, key_heads=1)[0])
tokens = np.array([[5, 7, 0, 0], [1, 2, 3, 0], [4, 4, 4, 4]])
layer("GeneratePaddingMask", [], [i64(tokens), boolean(tokens == 0)])
case("function/generate_padding_mask", [], [i64(tokens), boolean(tokens == 0)])
case("function/generate_autoregressive_mask", [], boolean(np.broadcast_to(causal, (2, 3, 3))))

erf = np.vectorize(__import__("math").erf)


def gelu(x):
    return x * (1 + erf(x / np.sqrt(2))) / 2


def feed_forward(x, p):
    return gelu(x @ p[0] + p[1]) @ p[2] + p[3]


def encoder(x, p, heads, first, blocked=None):
    attended = lambda v: attention(v, v, v, p[:8], heads, blocked)[0]  # noqa: E731
    norm = lambda v, n: normalised(v, -1) * p[n] + p[n + 1]  # noqa: E731
    if first:
        x = x + attended(norm(x, 12))
        return x + feed_forward(norm(x, 14), p[8:12])
    x = norm(x + attended(x), 12)
    return norm(x + feed_forward(x, p[8:12]), 14)


def decoder(x, memory, p, heads, blocked=None):
    norm = lambda v, n: normalised(v, -1) * p[n] + p[n + 1]  # noqa: E731
    x = norm(x + attention(x, x, x, p[:8], heads, blocked)[0], 20)
    x = norm(x + attention(x, memory, memory, p[8:16], heads)[0], 22)
    return norm(x + feed_forward(x, p[16:20]), 24)


def inner(size, width):
    return [some(*s) / 4 for s in [(size, width), (width,), (width, size), (size,)]]


def norms(count):
    return [some(4) for _ in range(2 * count)]


q = inner(4, 6)
layer("PositionWiseFeedForward", [x, *q], feed_forward(x, q))
pe = [*projections(4), *inner(4, 6), *norms(2)]
layer("TransformerEncoderLayer", [x, *pe], [encoder(x, pe, 2, False), encoder(x, pe, 2, True, causal)])
pe2 = [*projections(4), *inner(4, 6), *norms(2)]
twice = encoder(encoder(x, pe, 2, False, causal), pe2, 2, False, causal)
layer("TransformerEncoder", [x, *pe, *pe2], [twice, encoder(encoder(x, pe, 2, False), pe2, 2, False)])
layer("TensorCache", [x, *pe, *pe2], twice)
memory = some(2, 5, 4) / 2
pd = [*projections(4), *projections(4), *inner(4, 6), *norms(3)]
layer("TransformerDecoderLayer", [x, memory, *pd], decoder(x, memory, pd, 2, causal))
pd2 = [*projections(4), *projections(4), *inner(4, 6), *norms(3)]
layer("TransformerDecoder", [x, memory, *pd, *pd2], decoder(decoder(x, memory, pd, 2, causal), memory, pd2, 2, causal))

table, tokens = some(5, 3), np.array([[0, 3, 3], [4, 0, 1]])
layer("Embedding", [table, i64(tokens)], table[tokens])
angle = np.arange(6)[:, None] / 10000 ** (np.arange(4) // 2 * 2 / 4)
sines = np.where(np.arange(4) % 2 == 0, np.sin(angle), np.cos(angle))
case("function/generate_sinusoids", [], sines)
x = some(2, 3, 4)
layer("PositionalEncoding", [x], x + sines[:3])
angle = (np.arange(3) + 2)[:, None] / 10000 ** (np.arange(2) * 2 / 4)
turned = np.stack(
    [x[..., ::2] * np.cos(angle) - x[..., 1::2] * np.sin(angle), x[..., ::2] * np.sin(angle) + x[..., 1::2] * np.cos(angle)], -1)
layer("RotaryEncoding", [x], turned.reshape(x.shape))
x, w, v = some(2, 3), some(3, 4), some(3, 4)
layer("SwiGlu", [x, w, v], (x @ w) * sigmoid(x @ w) * (x @ v))
x, slopes = FLOAT(2, 3, 4), some(3)
layer("PRelu", [x, slopes], [np.where(x > 0, x, x * slopes[:, None]), np.where(x > 0, x, x / 4)])

# Off the places where a slope changes.
x = FLOAT(4, 6) + 1 / 32
soft = lambda v: np.log1p(np.exp(v))  # noqa: E731
selu_scale, selu_alpha = 1.0507009873554805, 1.6732632423543772
for name, y in {
    "Relu": np.maximum(x, 0), "LeakyRelu": np.where(x > 0, x, 0.01 * x), "Gelu": gelu(x), "Sigmoid": sigmoid(x),
    "Tanh": np.tanh(x), "HardSigmoid": np.clip(0.2 * x + 0.5, 0, 1), "HardSwish": x * np.clip(x / 6 + 0.5, 0, 1),
    "Softplus": soft(x), "Softsign": x / (1 + np.abs(x)), "Elu": np.where(x > 0, x, np.expm1(x)),
    "Celu": np.where(x > 0, x, np.expm1(x)), "Selu": selu_scale * np.where(x > 0, x, selu_alpha * np.expm1(x)),
    "ThresholdedRelu": np.where(x > 1, x, 0), "Threshold": np.where(x > 0.6, x, -3),
    "HardShrink": np.where(np.abs(x) > 0.5, x, 0), "SoftShrink": np.sign(x) * np.maximum(np.abs(x) - 0.5, 0),
    "Shrink": np.where(np.abs(x) > 0.5, x - np.sign(x) * 0.5, 0), "GLU": x[:, :3] * sigmoid(x[:, 3:]),
    "Hardtanh": np.clip(x, -1, 1), "Tanhshrink": x - np.tanh(x), "Relu6": np.clip(x, 0, 6),
    "Mish": x * np.tanh(soft(x)), "SiLU": x * sigmoid(x), "LogSigmoid": -soft(-x), "Identity": x,
    "RRelu": np.where(x > 0, x, x * (1 / 8 + 1 / 3) / 2), "Activation": np.tanh(x),
}.items():
    layer(name, [x], y)
a, b = some(3, 4), some(3, 4)
layer("CosineSimilarity", [a, b], (a * b).sum(1) / np.sqrt((a**2).sum(1) * (b**2).sum(1)))
layer("PairwiseDistance", [a, b], np.sqrt(((a - b + 1e-6) ** 2).sum(1)))
# Windows of 4 over 9 elements by 2: none beyond the ends, one for every second element, one or two more on either side.
for rank in [1, 2, 3]:
    case(f"padding/PaddingConfig{rank}d", [], [np.array(float(v)) for v in [3, 3, 5, 5, 4, 5]])
