"""The operations on large arrays that are compared with NumPy, onnxruntime, JAX and PyTorch, and their shapes.

The list stood before anything was measured (docs/performance-log.md, "Large arrays"). Every case exists in two sizes: 1M is
2**20 elements of f32, which the last cache holds, 64M is 2**26, which none does.
"""

from dataclasses import dataclass, field

SIZES = {"1M": 1 << 20, "64M": 1 << 26}
TABLE_ROWS = 65_536


@dataclass
class Case:
    name: str
    operation: str
    shape: tuple
    options: dict = field(default_factory=dict)
    # Bytes that must be read and written, for a comparison with the bandwidth.
    bytes: int = 0

    def inputs(self):
        """Names, shapes and kinds of the operands: f32 in -1..<1, or i64 places below a limit."""
        if self.operation == "chain":
            return [("a", self.shape, "f32"), ("b", self.shape, "f32")]
        if self.operation == "layer_norm":
            return [("x", self.shape, "f32"), ("scale", self.shape[-1:], "f32"), ("bias", self.shape[-1:], "f32")]
        if self.operation == "gather":
            return [("x", (TABLE_ROWS, self.shape[1]), "f32"), ("i", self.shape[:1], TABLE_ROWS)]
        if self.operation == "gather_elements":
            return [("x", self.shape, "f32"), ("i", self.shape, self.shape[self.options["axis"]])]
        return [("x", self.shape, "f32")]

    def result(self):
        """The shape of the result."""
        shape = self.shape
        if self.operation == "reduce":
            axes = self.options["axes"]
            return tuple(extent for axis, extent in enumerate(shape) if axis not in axes)
        if self.operation == "transpose":
            return tuple(shape[axis] for axis in self.options["permutation"])
        if self.operation == "pool":
            kernel, stride, pad = self.options["kernel"], self.options["stride"], self.options["pad"]
            return shape[:2] + tuple((extent + 2 * pad - kernel) // stride + 1 for extent in shape[2:])
        return shape


def count(shape):
    total = 1
    for extent in shape:
        total *= extent
    return total


def cases(size):
    """All cases of a size, "1M" or "64M"."""
    n = SIZES[size]
    made = [Case("chain of 8", "chain", (n,))]
    for inner in (1024, 64):
        for kind in ("sum", "max"):
            made.append(Case(f"{kind} of rows, {inner} wide", "reduce", (n // inner, inner), {"kind": kind, "axes": [1]}))
    for kind in ("mean", "argmax"):
        made.append(Case(f"{kind} of rows, 1024 wide", "reduce", (n // 1024, 1024), {"kind": kind, "axes": [1]}))
    for inner in (1024, 64):
        made.append(Case(f"sum of columns, {inner} wide", "reduce", (n // inner, inner), {"kind": "sum", "axes": [0]}))
    for kind in ("max", "mean"):
        made.append(Case(f"{kind} of columns, 1024 wide", "reduce", (n // 1024, 1024), {"kind": kind, "axes": [0]}))
    made.append(Case("sum of all", "reduce", (n,), {"kind": "sum", "axes": [0]}))
    made.append(Case("softmax, rows of 1024", "softmax", (n // 1024, 1024), {"axis": 1}))
    made.append(Case("softmax, rows of 256", "softmax", (n // 256, 256), {"axis": 1}))
    made.append(Case("softmax over channels", "softmax", (n // 65536, 64, 1024), {"axis": 1}))
    made.append(Case("layer norm, rows of 1024", "layer_norm", (n // 1024, 1024)))
    made.append(Case("layer norm, rows of 256", "layer_norm", (n // 256, 256)))
    side = int(n**0.5)
    images, heads = (n // (64 * 64 * 64), 64, 64, 64), (n // (16 * 128 * 64), 16, 128, 64)
    made.append(Case("transpose of a matrix", "transpose", (side, side), {"permutation": [1, 0]}))
    made.append(Case("transpose of heads", "transpose", heads, {"permutation": [0, 2, 1, 3]}))
    made.append(Case("channels last", "transpose", images, {"permutation": [0, 2, 3, 1]}))
    made.append(Case("gather of rows", "gather", (n // 256, 256), {"axis": 0}))
    made.append(Case("gather of elements", "gather_elements", (n // 256, 256), {"axis": 1}))
    for kind in ("max", "average"):
        for kernel, stride, pad in ((2, 2, 0), (3, 1, 1), (3, 2, 1)):
            options = {"kind": kind, "kernel": kernel, "stride": stride, "pad": pad}
            made.append(Case(f"{kind} pool {kernel}x{kernel}, stride {stride}", "pool", images, options))
    made.append(Case("sort of one row", "sort", (1, n)))
    made.append(Case("sort of rows of 1024", "sort", (n // 1024, 1024)))
    for case in made:
        case.bytes = moved(case)
    return made


def moved(case):
    """The bytes of operands and result, each counted once; of a table only the rows that are picked."""
    picked = {"gather": 4 * count(case.shape) + 8 * case.shape[0], "gather_elements": 12 * count(case.shape)}
    read = picked.get(case.operation) or sum(4 * count(shape) for _, shape, _ in case.inputs())
    element = 8 if case.options.get("kind") == "argmax" else 4
    return read + element * count(case.result())
