"""Rows of losses. Read by make_coverage.py."""


def loss(name, operands, results):
    case("loss/" + name, operands, results)


def log_softmax(x):
    return np.log(softmax(x, -1))


x, labels, weights = FLOAT(4, 3), np.array([2, 0, 1, 2]), np.array([0.5, 1, 2])
rows = np.arange(4)
single = -log_softmax(x)[rows, labels]
smoothed = 0.9 * single - 0.1 * log_softmax(x).mean(1)
w = weights[labels]
loss(
    "CrossEntropyLoss", [x, i64(labels), weights],
    [
        single.mean(), (single * w).sum() / w.sum(), smoothed.sum(), np.where(labels == 2, 0, single).mean(),
        (smoothed * w).sum() / w.sum(),
    ])
p, yes = seed.integers(1, 16, (4, 3)) / 16, seed.integers(0, 2, (4, 3))
each = -(yes * np.log(p) + (1 - yes) * np.log(1 - p))
q = sigmoid(x)
soft_yes = yes * 0.8 + 0.1
loss(
    "BinaryCrossEntropyLoss", [p, x, i64(yes), weights],
    [
        each.mean(), -(yes * np.log(q) + (1 - yes) * np.log(1 - q)).mean(), (each * weights).sum(),
        -(soft_yes * np.log(q) + (1 - soft_yes) * np.log(1 - q)).mean(),
    ])
a, b = some(3, 4), some(3, 4) + 1 / 32
d = np.abs(a - b)
loss("MseLoss", [a, b], [(d**2).mean(), (d**2).sum()])
loss("HuberLoss", [a, b], np.where(d <= 0.75, 0.5 * d**2, 0.75 * d - 0.5 * 0.75**2).mean())
loss("SmoothL1Loss", [a, b], np.where(d < 0.5, d**2, d - 0.25).mean())
loss("LpLoss", [a, b], [d.mean(), (d**3).mean()])
count = np.array([[0.0, 1, 2, 5], [3, 0, 1, 1], [4, 2, 2, 0]])
stirling = np.where(count > 1, count * np.log(np.maximum(count, 1)) - count + 0.5 * np.log(2 * np.pi * np.maximum(count, 1)), 0)
rate = np.abs(a) + 1
loss(
    "PoissonNllLoss", [a, rate, count],
    [(np.exp(a) - count * a).mean(), (rate - count * np.log(rate + 1e-8) + stirling).mean()])
cosine = (a * b).sum(1) / np.sqrt((a**2).sum(1) * (b**2).sum(1))
y = np.array([1, -1, 1])
loss("CosineEmbeddingLoss", [a, b, i64(y)], np.where(y > 0, 1 - cosine, np.maximum(0, cosine + 0.75)).mean())
t = softmax(some(3, 4))
lp = log_softmax(a)
loss(
    "KLDivLoss", [lp, t, np.log(t)],
    [(t * (np.log(t) - lp)).mean(), (t * (np.log(t) - lp)).sum() / 3, (t * (np.log(t) - lp)).sum()])
v = np.abs(b) + 0.5
loss(
    "GaussianNLLLoss", [a, b, v],
    [(0.5 * (np.log(v) + (a - b) ** 2 / v)).mean(), (0.5 * (np.log(v) + (a - b) ** 2 / v) + 0.5 * np.log(2 * np.pi)).mean()])
y = np.where(some(3, 4) > 0, 1, -1)
loss("HingeEmbeddingLoss", [a, i64(y)], np.where(y > 0, a, np.maximum(0, 1 - a)).mean())
loss("MarginRankingLoss", [a, b, i64(y)], np.maximum(0, -y * (a - b) + 0.25).mean())
loss("SoftMarginLoss", [a, i64(y)], np.log1p(np.exp(-y * a)).mean())
picked = np.array([3, 0, 2])
excess = np.maximum(0, 1 - a[np.arange(3), picked][:, None] + a)
excess[np.arange(3), picked] = 0
loss("MultiMarginLoss", [a, i64(picked)], [(excess.sum(1) / 4).mean(), ((excess**2).sum(1) / 4).mean()])
c = some(3, 4)
far = lambda u, w: np.sqrt(((u - w + 1e-6) ** 2).sum(1))  # noqa: E731
loss(
    "TripletMarginLoss", [a, b, c],
    [np.maximum(0, far(a, b) - far(a, c) + 1).mean(), np.maximum(0, far(a, b) - np.minimum(far(a, c), far(b, c)) + 1).mean()])
# Of 1 and 2 against 3 and 5.
loss("Reduction", [], [np.array(6.5), np.array(13.0)])

logs = np.log(softmax(some(4, 2, 3)))
targets, lengths, target_lengths = np.array([[1, 2], [2, 2]]), np.array([4, 3]), np.array([2, 2])
own = ctc_loss(logs, targets, lengths, target_lengths)
loss("CTCLoss", [logs, i64(targets), i64(lengths), i64(target_lengths)], [(own / 2).mean(), own.sum(), np.zeros(2)])
