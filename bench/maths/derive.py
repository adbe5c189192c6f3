#!/usr/bin/env python3
"""Derives the polynomial coefficients of the C prelude; needs only mpmath.

Each fit is minimax on a Chebyshev grid, found by Lawson's iteration.  Rounding all coefficients of a minimax fit at once costs up to
a bit, so they are rounded one at a time, lowest power first, and the rest are fitted again around each rounded one.
"""
import struct
import sys
from mpmath import mp, mpf, matrix, lu_solve, cos, pi, exp, expm1, log, log1p, erf, sin, asin, atan, sqrt, nstr

mp.dps = 60
GRID = 200
LAWSON_STEPS = 15


def round_to(value, bits):
    """The nearest float or double, as an mpf."""
    code = {24: "f", 53: "d"}[bits]
    return mpf(struct.unpack(code, struct.pack(code, float(value)))[0])


def minimax(values, weights, columns):
    """Minimises max |w (v - sum c_j column_j)| over the grid, nearly; the columns are tabulated on it.

    Lawson's iteration: least squares whose weights grow where the error is large.  It needs no alternation, so weights
    may vanish and coefficients may be fixed already, where a Remez exchange fails to converge.
    """
    n, points = len(columns), len(values)
    rows = [[w * column[i] for column in columns] for i, w in enumerate(weights)]
    right = [w * v for w, v in zip(weights, values)]
    emphasis = [mpf(1) / points] * points
    best = None
    for _ in range(LAWSON_STEPS):
        normal, projected = matrix(n, n), matrix(n, 1)
        for e, row, r in zip(emphasis, rows, right):
            for j in range(n):
                er = e * row[j]
                projected[j] += er * r
                for k in range(j + 1):
                    normal[j, k] += er * row[k]
        for j in range(n):
            for k in range(j):
                normal[k, j] = normal[j, k]
        solution = lu_solve(normal, projected)
        coefficients = [solution[j] for j in range(n)]
        residual = [abs(r - sum(c * a for c, a in zip(coefficients, row))) for r, row in zip(right, rows)]
        error = max(residual)
        if best is None or error < best[1]:
            best = coefficients, error
        emphasis = [e * r for e, r in zip(emphasis, residual)]
        total = sum(emphasis)
        if total == 0:
            break
        emphasis = [e / total for e in emphasis]
    return best


def fit(name, function, low, high, powers, weight, bits, fixed=()):
    """Prints coefficients of `powers` for `function`; `fixed` are (power, coefficient) pairs taken as given."""
    low, high = mpf(low), mpf(high)
    xs = [low + (high - low) * (1 - cos(pi * (2 * i + 1) / (2 * GRID))) / 2 for i in range(GRID)]
    values = [function(x) - sum(c * x ** p for p, c in fixed) for x in xs]
    weights = [weight(x) for x in xs]
    done = []
    free = list(powers)
    while free:
        coefficients, _ = minimax(values, weights, [[x ** p for x in xs] for p in free])
        chosen = round_to(coefficients[0], bits)
        done.append((free.pop(0), chosen))
        values = [v - chosen * x ** done[-1][0] for v, x in zip(values, xs)]
    error = max(abs(w * v) for w, v in zip(weights, values))
    print(f"{name}: error 2^{nstr(log(error, 2), 4)} on [{nstr(low, 6)}, {nstr(high, 6)}]")
    for power, c in done:
        text = float(c).hex() if bits == 53 else float(c).hex().replace("00000000p", "p").replace("0000000p", "p")
        print(f"    x^{power:<3} {text}{'f' if bits == 24 else ''}   {nstr(c, 17)}")
    sys.stdout.flush()


def quotient(name, function, low, high, degree):
    """Prints coefficients, as floats, of a quotient of polynomials of one degree, whose denominator begins with 1, that approximates
    `function` relative to itself.

    Lawson's iteration on P - f Q, over the denominator of the step before.
    """
    points, steps = 160, 60
    low, high = mpf(low), mpf(high)
    xs = [low + (high - low) * (1 - cos(pi * (2 * i + 1) / (2 * points))) / 2 for i in range(points)]
    values = [function(x) for x in xs]
    below, emphasis, best = [mpf(1)] * points, [mpf(1) / points] * points, None
    size = 2 * degree + 1
    for _ in range(steps):
        normal, projected = matrix(size, size), matrix(size, 1)
        for x, value, q, e in zip(xs, values, below, emphasis):
            weight = 1 / (q * value)
            row = [weight * x ** p for p in range(degree + 1)] + [-weight * value * x ** p for p in range(1, degree + 1)]
            for j in range(size):
                projected[j] += e * row[j] * weight * value
                for k in range(size):
                    normal[j, k] += e * row[j] * row[k]
        solution = list(lu_solve(normal, projected))
        above, under = solution[: degree + 1], [mpf(1)] + solution[degree + 1 :]
        below = [sum(c * x ** p for p, c in enumerate(under)) for x in xs]
        errors = [abs(sum(c * x ** p for p, c in enumerate(above)) / (q * value) - 1)
                  for x, value, q in zip(xs, values, below)]
        if best is None or max(errors) < best[0]:
            best = max(errors), above, under
        emphasis = [e * r for e, r in zip(emphasis, errors)]
        total = sum(emphasis)
        emphasis = [e / total for e in emphasis]
    error, above, under = best
    print(f"{name}: error 2^{nstr(log(error, 2), 4)} on [{nstr(low, 6)}, {nstr(high, 6)}], before rounding")
    for part, coefficients in (("above", above), ("below", under)):
        for power, c in enumerate(coefficients):
            print(f"    {part} s^{power} {float(round_to(c, 24)).hex().replace('0000000p', 'p')}f   {nstr(c, 17)}")
    sys.stdout.flush()


def split(name, value, hi_bits, bits):
    """A constant as a head with few bits, whose product with a small integer is exact, and a tail."""
    from mpmath import floor, frexp
    mantissa, exponent = frexp(value)
    head = floor(mantissa * 2 ** hi_bits) / mpf(2) ** hi_bits * mpf(2) ** exponent
    tail = round_to(value - head, bits)
    print(f"{name}: {float(head).hex()} + {float(tail).hex()}")
    return head, tail


# The ends are widened a little: rounding x·log2(e) to an integer leaves slightly more than half a step.
HALF_LN2 = log(2) / 2 * mpf("1.001")
LN2 = log(2)
LOG2E = 1 / log(2)



JOBS = {
    "exp": lambda: fit("exp(r) - 1 - r", lambda r: expm1(r) - r, -HALF_LN2, HALF_LN2, range(2, 7),
                       lambda r: exp(-r), 24),
    "exp2": lambda: fit("2^r - 1", lambda r: expm1(r * LN2), "-0.5005", "0.5005", range(1, 8),
                        lambda r: exp(-r * LN2), 24),
    "expm1": lambda: fit("expm1(r) - r, relative", lambda r: expm1(r) - r, -HALF_LN2, HALF_LN2, range(2, 8),
                         lambda r: 1 / expm1(r), 24),
    "exp2_nonpositive": lambda: fit("2^r - 1, of lower degree", lambda r: expm1(r * LN2), "-0.5005", "0.5005", range(1, 6),
                                    lambda r: exp(-r * LN2), 24),
    "tanh": lambda: fit("expm1(r) - r, relative, of lower degree", lambda r: expm1(r) - r, -HALF_LN2, HALF_LN2, range(2, 7),
                        lambda r: 1 / expm1(r), 24),
    "log": lambda: fit("log1p(f) - f, relative", lambda f: log1p(f) - f, mpf(-1) / 3, mpf(1) / 3, range(2, 11),
                       lambda f: 1 / log1p(f), 24),
    "log2": lambda: fit("log2(1 + f) - f log2(e), relative", lambda f: (log1p(f) - f) * LOG2E, mpf(-1) / 3, mpf(1) / 3,
                        range(2, 11), lambda f: 1 / (log1p(f) * LOG2E), 24),
    "erf": lambda: quotient("erf(x) / x in x^2, relative", lambda s: erf(sqrt(s)) / sqrt(s), "1e-8", mpf("3.93") ** 2, 5),
    "log2_f64": lambda: fit("log2((1 + s) / (1 - s)), relative", lambda s: log((1 + s) / (1 - s), 2), "1e-6", "0.1716",
                            range(1, 12, 2), lambda s: 1 / log((1 + s) / (1 - s), 2), 53),
    "exp2_f64": lambda: fit("2^r - 1", lambda r: expm1(r * LN2), "-0.5001", "0.5001", range(1, 8), lambda r: exp(-r * LN2), 53),
    "sin_f64": lambda: fit("sin(r) - r, relative", lambda r: sin(r) - r, "1e-6", pi / 4 * mpf("1.0001"), range(3, 11, 2),
                           lambda r: 1 / sin(r), 53),
    "cos_f64": lambda: fit("cos(r) - 1", lambda r: cos(r) - 1, "1e-6", pi / 4 * mpf("1.0001"), range(2, 11, 2),
                           lambda r: 1 / cos(r), 53),
    "asin_f64": lambda: fit("asin(x) - x, relative", lambda x: asin(x) - x, "1e-6", "0.5001", range(3, 14, 2),
                            lambda x: 1 / asin(x), 53),
    "atan_f64": lambda: fit("atan(x) - x, relative", lambda x: atan(x) - x, "1e-6", "0.4143", range(3, 14, 2),
                            lambda x: 1 / atan(x), 53),
}

if __name__ == "__main__":
    chosen = sys.argv[1:] or list(JOBS)
    split("ln 2 (f32)", log(2), 15, 24)
    split("log2 e (f32)", LOG2E, 24, 24)
    head, _ = split("pi / 2, first part (f64)", pi / 2, 26, 53)
    split("pi / 2, second and third parts (f64)", pi / 2 - head, 26, 53)
    for job in chosen:
        JOBS[job]()
