"""Rows with indices and masks. Read by make_coverage.py."""

INDICES = np.array([[0, 2], [1, 1], [2, 0]])


def along(kind):
    return [kind(3, 4), i64(INDICES)]


shared("gather", EVERY, along, lambda x, i: np.take_along_axis(x, i, 1))
shared("select", EVERY, lambda k: [k(3, 4), i64([2, 0, 2])], lambda x, i: np.take(x, i, 1))


def scattered(x, indices, values, update):
    out = x.copy()
    for place in np.ndindex(*indices.shape):
        at = (place[0], indices[place])
        out[at] = update(out[at], values[place])
    return out


def selected(x, indices, values, update):
    out = x.copy()
    for n, i in enumerate(indices):
        out[:, i] = update(out[:, i], values[:, n])
    return out


add = lambda a, b: a + b  # noqa: E731
either = np.logical_or
scatter_operands = lambda k: [k(3, 4), i64(INDICES), k(3, 2)]  # noqa: E731
select_operands = lambda k: [k(3, 4), i64([2, 0, 2]), k(3, 3)]  # noqa: E731
shared("scatter scatter_add", NUMBERS, scatter_operands, lambda x, i, v: scattered(x, i, v, add))
shared("scatter_or", [BOOL], scatter_operands, lambda x, i, v: scattered(x, i, v, either))
shared("select_assign select_add", NUMBERS, select_operands, lambda x, i, v: selected(x, i, v, add))
shared("select_assign select_or", [BOOL], select_operands, lambda x, i, v: selected(x, i, v, either))
PLACES = np.array([[0, 1], [2, 3], [1, 0], [2, 3]])
shared("gather_nd", NUMBERS, lambda k: [k(3, 4), i64(PLACES)], lambda x, i: x[i[:, 0], i[:, 1]])


def scatter_nd(x, i, v):
    out = x.copy()
    np.add.at(out, (i[:, 0], i[:, 1]), v)
    return out


shared("scatter_nd", NUMBERS, lambda k: [k(3, 4), i64(PLACES), k(4)], scatter_nd)
mask = np.array([[True, False, True], [False, False, True]])
shared("mask_where", EVERY, lambda k: [k(2, 3), boolean(mask), k(1, 3)], lambda x, m, v: np.where(m, v, x))
shared("mask_fill", NUMBERS, lambda k: [k(2, 3), boolean(mask)], lambda x, m: np.where(m, x.dtype.type(5), x))
shared("mask_fill", [BOOL], lambda k: [k(2, 3), boolean(mask)], lambda x, m: np.where(m, True, x))
shared("mask_select", EVERY, lambda k: [k(2, 3), boolean(mask)], lambda x, m: x[m])
places = BOOL(3, 4)
case("bool_argwhere", [places], i64(np.argwhere(places)))
case("bool_nonzero", [places], [i64(v) for v in np.nonzero(places)])
