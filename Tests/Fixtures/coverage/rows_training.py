"""Rows of optimisers, schedules, metrics. Read by make_coverage.py."""

start, grads = some(3, 2), [some(3, 2) + 1 / 32 for _ in range(3)]


def optimised(step, rate=0.125):
    """The parameter after three steps; step gives what to subtract."""
    p, memory = start.copy(), {}
    for t, g in enumerate(grads, 1):
        p = step(p, g, memory, t, rate)
    return p


def optimizer(name, *steps):
    case("optimizer/" + name, [start, *grads], [optimised(s) for s in steps])


def momentum(p, g, m, t, rate, dampening=0.0, nesterov=False, decay=0.0, share=0.9):
    g = g + decay * p
    m["v"] = g if t == 1 else share * m["v"] + (1 - dampening) * g
    return p - rate * (g + share * m["v"] if nesterov else m["v"])


def adam(p, g, m, t, rate, decay=0.0, decoupled=False):
    if not decoupled:
        g = g + decay * p
    m["m"] = 0.9 * m.get("m", 0) + 0.1 * g
    m["v"] = 0.999 * m.get("v", 0) + 0.001 * g * g
    change = rate * (m["m"] / (1 - 0.9**t)) / (np.sqrt(m["v"] / (1 - 0.999**t)) + 1e-5)
    return p * (1 - rate * decay if decoupled else 1) - change


def adagrad(p, g, m, t, rate, rate_decay=0.0):
    m["s"] = m.get("s", 0) + g * g
    return p - rate / (1 + (t - 1) * rate_decay) * g / (np.sqrt(m["s"]) + 1e-5)


def rmsprop(p, g, m, t, rate, centred=False):
    m["v"] = 0.99 * m.get("v", 0) + 0.01 * g * g
    m["g"] = 0.99 * m.get("g", 0) + 0.01 * g
    m["b"] = 0.9 * m.get("b", 0) + g / (np.sqrt(m["v"] - (m["g"] ** 2 if centred else 0)) + 1e-5)
    return p - rate * m["b"]


def adan(p, g, m, t, rate, decay=0.0):
    d = g - m.get("last", g)
    m["last"] = g
    m["m"] = 0.98 * m.get("m", 0) + 0.02 * g
    m["v"] = 0.92 * m.get("v", 0) + 0.08 * d
    m["n"] = 0.99 * m.get("n", 0) + 0.01 * (g + 0.92 * d) ** 2
    change = (m["m"] / (1 - 0.98**t) + 0.92 * m["v"] / (1 - 0.92**t)) / (np.sqrt(m["n"] / (1 - 0.99**t)) + 1e-8)
    return (p - rate * change) / (1 + rate * decay)


def muon(p, g, m, t, rate):
    m["v"] = 0.95 * m.get("v", 0) + g
    x = (g + 0.95 * m["v"]).T
    x = x / (np.sqrt((x * x).sum()) + 1e-7)
    for _ in range(5):
        a = x @ x.T
        x = 3.4445 * x + (-4.7750 * a + 2.0315 * a @ a) @ x
    return p * (1 - rate * 0.1) - rate * np.sqrt(3 / 2) * x.T


optimizer("Sgd", lambda p, g, m, t, r: p - r * (g + 0.25 * p))
optimizer("WeightDecay", lambda p, g, m, t, r: p - r * (g + 0.25 * p))
optimizer(
    "Momentum", momentum, lambda *a: momentum(*a, dampening=0.1, decay=0.25), lambda *a: momentum(*a, nesterov=True))
optimizer("Adam", adam, lambda *a: adam(*a, decay=0.25))
optimizer("AdamW", lambda *a: adam(*a, decay=0.25, decoupled=True))
optimizer("AdaGrad", adagrad, lambda *a: adagrad(*a, rate_decay=0.5))
optimizer("RmsProp", rmsprop, lambda *a: rmsprop(*a, centred=True))
optimizer("Adan", adan, lambda *a: adan(*a, decay=0.25))
optimizer("Muon", muon)
optimizer("OptimizerAdaptor", lambda p, g, m, t, r: p - r * np.sign(g))
optimizer("GradientsAccumulator", lambda p, g, m, t, r: p - r * sum(grads) / 3 / 3)
a, b = some(3), some(2, 2) * 4
norm = lambda v: np.sqrt((v * v).sum())  # noqa: E731
whole = np.sqrt((a * a).sum() + (b * b).sum())
case(
    "optimizer/GradientClipping", [a, b],
    [
        np.clip(a, -0.5, 0.5), np.clip(b, -0.5, 0.5), a * min(1, 2 / norm(a)), b * min(1, 2 / norm(b)),
        a * min(1, 2 / whole), b * min(1, 2 / whole),
    ])

t = np.arange(12)
for name, rates in {
    "ConstantLr": np.full(12, 0.5), "CosineAnnealingLrScheduler": 0.1 + 0.4 * (1 + np.cos(np.pi * (t % 5) / 4)) / 2,
    "ExponentialLrScheduler": 0.5 * 0.75**t, "LinearLrScheduler": np.where(t < 8, 0.5 - 0.4 * t / 8, 0.1),
    "NoamLrScheduler": 0.5 * 16**-0.5 * np.minimum((t + 1) ** -0.5, (t + 1) * 4**-1.5),
    "StepLrScheduler": 0.5 * 0.1 ** (t // 3), "ComposedLrScheduler": 0.5 * 0.75**t * np.where(t < 8, 0.5 - 0.4 * t / 8, 0.1),
    "SequentialLrScheduler": np.where(t < 4, 0.5 - 0.4 * t / 4, 0.5 * 0.75 ** (t - 4.0)),
}.items():
    case("lr_scheduler/" + name, [], rates)

scores = np.array([[0.1, 0.6, 0.3], [0.5, 0.2, 0.3], [0.2, 0.3, 0.5], [0.4, 0.35, 0.25], [0.3, 0.3, 0.4], [0.1, 0.7, 0.2]])
labels = np.array([1, 0, 1, 2, 2, 1])
best = scores.argmax(1)
case("metric/AccuracyMetric", [scores, i64(labels)], [np.array((best == labels).mean()), np.array((best == labels)[labels != 2].mean())])
case("metric/TopKAccuracyMetric", [scores, i64(labels)], np.array(np.mean([l in np.argsort(-s)[:2] for s, l in zip(scores, labels)])))
case("metric/LossMetric", [np.array([1.0, 2.5, 4])], np.array((1 * 4 + 2.5 * 4 + 4 * 2) / 10))
case("metric/PerplexityMetric", [np.array([1.0, 2.5, 4])], np.exp((1 * 4 + 2.5 * 4 + 4 * 2) / 10))
tp = np.array([((best == c) & (labels == c)).sum() for c in range(3)])
fp = np.array([((best == c) & (labels != c)).sum() for c in range(3)])
fn = np.array([((best != c) & (labels == c)).sum() for c in range(3)])
case("metric/ConfusionStats", [scores, i64(labels)], [tp * 1.0, fp * 1.0, fn * 1.0, 6.0 - tp - fp - fn])
many = np.array([[1, 0, 1], [1, 1, 0], [0, 1, 1], [0, 0, 0], [1, 0, 0], [0, 1, 0]])
chosen = scores > 0.35
mtp, mfp, mfn = (chosen & (many == 1)).sum(0), (chosen & (many == 0)).sum(0), (~chosen & (many == 1)).sum(0)
fb = lambda tp, fp, fn: 5 * tp / (5 * tp + 4 * fn + fp)  # noqa: E731
for name, m in [("PrecisionMetric", lambda a, b, c: a / (a + b)), ("RecallMetric", lambda a, b, c: a / (a + c)), ("FBetaScoreMetric", fb)]:
    one = np.array([m(mtp[0], mfp[0], mfn[0])])
    results = [m(tp, fp, fn).mean(), m(tp.sum(), fp.sum(), fn.sum()), m(mtp, mfp, mfn).mean(), one[0]]
    case("metric/" + name, [scores, i64(labels), i64(many)], [np.array(v) for v in results])
case("metric/HammingScore", [scores, i64(many)], np.array((chosen == (many == 1)).mean()))
s, y = np.array([0.9, 0.4, 0.4, 0.7, 0.2, 0.6]), np.array([1, 0, 1, 1, 0, 0])
pairs = [1.0 if a > b else 0.5 if a == b else 0.0 for a in s[y == 1] for b in s[y == 0]]
case("metric/AurocMetric", [s, i64(y)], np.array(np.mean(pairs)))
area, last = 0.0, 0.0
for threshold in sorted(set(s), reverse=True):
    above = s >= threshold
    recall = (above & (y == 1)).sum() / (y == 1).sum()
    area += (recall - last) * (above & (y == 1)).sum() / above.sum()
    last = recall
case("metric/AucPrMetric", [s, i64(y)], np.array(area))
# kitten to sitting takes 3 edits of 7 characters; "the cat sat" to "the cat sat down" one of 4 words, an equal pair none of 3.
case("metric/WordErrorRate", [], np.array(1 / 7))
case("metric/CharErrorRate", [], np.array(3 / 7))
# "the cat is on the mat" against "the cat sat on the mat": 1-grams 5/6, 2-grams 3/5, 3-grams 1/4.
case("metric/BleuScore", [], np.array((5 / 6 * 3 / 5 * 1 / 4) ** (1 / 3)))
case("metric/RougeLScore", [], np.array(2 * 5 / 12))
m1, m2 = seed.integers(0, 2, (2, 5)), seed.integers(0, 2, (2, 5))
case("metric/DiceMetric", [m1 * 1.0, m2 * 1.0], np.array((2 * (m1 * m2).sum() + 1e-7) / (m1.sum() + m2.sum() + 1e-7)))
a, b = some(2, 3, 3), some(2, 3, 3)
case("metric/PsnrMetric", [a, b], np.mean(10 * np.log10(4 / ((a - b) ** 2).mean((1, 2)))))
case("record/HalfPrecisionSettings", [a], ("f16", a))
case("record/DoublePrecisionSettings", [a], ("f64", a))
case("record/FullPrecisionSettings", [a], a)


def linear_run():
    """Two passes of descent on batches of 4 and 2 examples, in order: weights, bias and the mean loss of each pass."""
    w, b, losses = seen_w.copy(), seen_b.copy(), []
    for _ in range(2):
        total = 0.0
        for part in [slice(0, 4), slice(4, 6)]:
            residual = seen_x[part] @ w + b - seen_y[part]
            total += (residual**2).mean() * len(residual)
            slope = 2 * residual / residual.size
            w, b = w - 0.125 * seen_x[part].T @ slope, b - 0.125 * slope.sum(0)
        losses.append(total / 6)
    return [w, b, np.array(losses)]


seen_x, seen_y, seen_w, seen_b = some(6, 2) / 2, some(6, 1), some(2, 1), some(1)
case("training/Learner", [seen_x, seen_y, seen_w, seen_b], linear_run())
case("training/RegressionOutput", [seen_x, seen_y, seen_w, seen_b], np.array(((seen_x @ seen_w + seen_b - seen_y) ** 2).mean()))
cw, cb = some(2, 3), some(3)
cy = np.array([0, 2, 1, 1, 0, 2])
logits = seen_x @ cw + cb
case(
    "training/ClassificationOutput", [seen_x, i64(cy), cw, cb],
    [np.array(-log_softmax(logits)[np.arange(6), cy].mean()), np.array((logits.argmax(1) == cy).mean())])
# After how many of the losses 5, 4, 4.5, 4.2, 3, 3.5, 3.2 a run ends with a patience of 2 and of 3 (0: it does not).
case("training/MetricEarlyStoppingStrategy", [], [np.array(4.0), np.array(0.0)])
for name in ["SafetensorsFileRecorder", "SafetensorsStore"]:
    case("record/" + name, [cw, cb], [cw, cb])


def bfgs(p, weights):
    """Eight steps: the inverse of the second derivatives as a matrix, made of the last three steps from a multiple of one."""
    f = lambda p: 2 * weights * p + p**3  # noqa: E731
    pairs, g = [], f(p)
    for number in range(8):
        h = np.eye(p.size)
        if pairs:
            s, y = pairs[-1]
            h = h * (s @ y) / (y @ y)
        for s, y in pairs:
            left = np.eye(p.size) - np.outer(s, y) / (s @ y)
            h = left @ h @ left.T + np.outer(s, s) / (s @ y)
        d = -h @ g
        length = 0.5 * (min(1, 1 / np.abs(g).sum()) if number == 0 else 1)
        after = p + length * d
        pairs = (pairs + [(after - p, f(after) - g)])[-3:]
        p, g = after, f(after)
    return p


a, b = some(4), np.array([1.0, 5, 2, 0.5])
case("optimizer/LBFGS", [a, b], bfgs(a, b))


def similarity(x, y, size, range_):
    w = np.exp(-((np.arange(size) - (size - 1) / 2) ** 2) / (2 * 1.5**2))
    w = np.outer(w, w) / w.sum() ** 2
    found = []
    for plane in np.ndindex(*x.shape[:2]):
        for i in range(x.shape[2] - size + 1):
            for j in range(x.shape[3] - size + 1):
                a, b = (v[plane][i : i + size, j : j + size] for v in (x, y))
                ma, mb = (w * a).sum(), (w * b).sum()
                va, vb, c = (w * (a - ma) ** 2).sum(), (w * (b - mb) ** 2).sum(), (w * (a - ma) * (b - mb)).sum()
                c1, c2 = (0.01 * range_) ** 2, (0.03 * range_) ** 2
                found.append((2 * ma * mb + c1) * (2 * c + c2) / ((ma**2 + mb**2 + c1) * (va + vb + c2)))
    return np.mean(found)


a = some(2, 1, 6, 7)
b = a + some(2, 1, 6, 7) / 4
case("metric/SsimMetric", [a, b], np.array(similarity(a, b, 5, 2)))


def in_blocks(w, bits, block):
    """A weight [inputs, outputs] of which each block of a column is whole numbers times a scale."""
    found, greatest = w.copy(), 2 ** (bits - 1) - 1
    for column in range(w.shape[1]):
        for start in range(0, w.shape[0], block):
            part = w[start : start + block, column]
            scale = np.abs(part).max() / greatest or 1
            found[start : start + block, column] = np.clip(np.round(part / scale), -greatest, greatest) * scale
    return found


x, w, bias, a, b = some(3, 4), some(4, 5), some(5), some(4, 2), some(2, 5)
case("module_system/Lora", [x, w, bias, a, b], [x @ w + bias + 4 / 2 * (x @ a) @ b] * 2)
x, w, bias, a, b = some(2, 16), np.clip(some(16, 3), -1.75, 1.75), some(3), some(16, 2), some(2, 3)
w[[2, 9]], w[:8, 1] = [[1.75, -1.75, 1.75], [-1.75, 1.75, 1.75]], 0  # scales that f32 holds, and a block of zeros
held = x @ in_blocks(w, 4, 8) + bias + 4 / 2 * (x @ a) @ b
case("module_system/QLora", [x, w, bias, a, b], [held, held[0], held])
